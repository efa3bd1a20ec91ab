# title: files mapped into memory and searched
# stdout: "True 1000\n"
# check: |
#   assert open('page.bin', 'rb').read()[:5] == b'hello'
# impossible:
#   strict: mmap is not preloaded, and no machine code can be loaded
import mmap
import re

with open('/input/access.log', 'rb') as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
    print(view.find(b'GET /page/3') > 0, len(re.findall(rb'" 404 ', view)))
with open('/output/page.bin', 'w+b') as file:
    file.truncate(8192)
    with mmap.mmap(file.fileno(), 0) as view:
        view[:5] = b'hello'
        view.flush()
anonymous = mmap.mmap(-1, 1 << 20)
anonymous.write(b'x' * 1000)
