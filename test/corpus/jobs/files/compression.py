# title: gzip, bz2, lzma and zlib
# stdout: "one\nTrue True True True\n"
# check: |
#   import gzip
#   assert gzip.open('out.gz', 'rt').read() == 'x' * 1000
import bz2
import gzip
import lzma
import zlib

with gzip.open('/input/access.log.gz', 'rt') as file:
    print(file.readline(), end='')
with gzip.open('/output/out.gz', 'wt') as file:
    file.write('x' * 1000)
data = b'some text, many times ' * 500
print(*(module.decompress(module.compress(data)) == data for module in (bz2, gzip, lzma, zlib)))
