# title: the environment read and changed
# stdout: "/tmp C.UTF-8 None set\n"
import os

os.environ['MINE'] = 'set'
print(os.environ['HOME'], os.environ.get('LANG'), os.getenv('SECRET'), os.environ['MINE'])
assert os.path.expanduser('~') == '/tmp' and os.path.expandvars('$HOME/x') == '/tmp/x'
