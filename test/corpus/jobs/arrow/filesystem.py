# title: files by Arrow's file systems
# needs: [pyarrow]
# stdout: "['leaf.md', 'middle.txt', 'top.txt']\n"
from pyarrow import fs

local = fs.LocalFileSystem()
found = local.get_file_info(fs.FileSelector('/input/tree', recursive=True))
print(sorted(info.base_name for info in found if info.is_file))
local.create_dir('/output/made/here')
with local.open_output_stream('/output/made/here/x.gz', compression='gzip') as stream:
    stream.write(b'hello')
local.copy_file('/output/made/here/x.gz', '/output/x.gz')
local.move('/output/x.gz', '/output/y.gz')
local.delete_dir('/output/made')
assert local.open_input_stream('/output/y.gz').read() == b'hello'
