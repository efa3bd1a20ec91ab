# title: a large file written in pieces, synced, renamed and given a time
# check: |
#   import os
#   assert os.path.getsize('large.bin') == 32 << 20
# impossible:
#   strict: strict has no fsync and renames nothing
import os

block = os.urandom(1 << 20)
with open('/output/large.tmp', 'wb', buffering=0) as file:
    for _ in range(32):
        file.write(block)
    os.fsync(file.fileno())
os.replace('/output/large.tmp', '/output/large.bin')
os.chmod('/output/large.bin', 0o640)
os.utime('/output/large.bin', (1_700_000_000, 1_700_000_000))
assert os.stat('/output/large.bin').st_mtime == 1_700_000_000
