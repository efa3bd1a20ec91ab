# title: zip and tar archives
# check: |
#   import tarfile, zipfile
#   assert len(zipfile.ZipFile('tree.zip').namelist()) >= 3 and zipfile.ZipFile('tree.zip').testzip() is None
#   for suffix in ('gz', 'bz2', 'xz'):
#       assert 'tree/a/b/leaf.md' in tarfile.open('tree.tar.' + suffix).getnames()
# harmless:
#   socket: the owner's name is looked up; libc asks for its cache's daemon (nscd) first, and goes on without
# impossible:
#   strict: strict lists no directories
import shutil
import tarfile
import zipfile

with zipfile.ZipFile('/output/tree.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in ('top.txt', 'a/middle.txt', 'a/b/leaf.md'):
        archive.write('/input/tree/' + name, name)
for suffix in ('gz', 'bz2', 'xz'):
    with tarfile.open('/output/tree.tar.' + suffix, 'w:' + suffix) as archive:
        archive.add('/input/tree', 'tree')
with tarfile.open('/output/tree.tar.gz') as archive:
    archive.extractall('/tmp/out')
shutil.unpack_archive('/output/tree.zip', '/tmp/unzipped')
assert open('/tmp/unzipped/a/b/leaf.md').read() == open('/tmp/out/tree/a/b/leaf.md').read()
