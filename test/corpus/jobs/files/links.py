# title: links, which may be made in /tmp and not among the results
# stdout: "latest.txt here PermissionError\n"
# impossible:
#   strict: strict makes no links
import os
from pathlib import Path

Path('/tmp/first.txt').write_text('here')
os.link('/tmp/first.txt', '/tmp/second.txt')
Path('/tmp/latest.txt').symlink_to('second.txt')
assert os.readlink('/tmp/latest.txt') == 'second.txt' and Path('/tmp/latest.txt').resolve().name == 'second.txt'
try:
    os.symlink('/etc/shadow', '/output/latest.txt')
    outcome = 'made'
except OSError as error:
    outcome = type(error).__name__
print('latest.txt', Path('/tmp/latest.txt').read_text(), outcome)
