# title: temporary files and directories, copies and moves
# check: |
#   import os
#   assert sorted(os.listdir()) == ['copied', 'moved.txt'] and os.path.exists('copied/a/b/leaf.md')
# impossible:
#   strict: strict removes no files, and tempfile tries that first
import os
import shutil
import tempfile

with tempfile.TemporaryDirectory() as folder:
    shutil.copytree('/input/tree', os.path.join(folder, 'tree'))
    shutil.copy2('/input/access.log', folder)
    with tempfile.NamedTemporaryFile('w', dir=folder, delete=False) as file:
        file.write('moved')
    shutil.move(file.name, '/output/moved.txt')
    shutil.copytree(os.path.join(folder, 'tree'), '/output/copied')
    assert shutil.disk_usage(folder).free > 0
with tempfile.TemporaryFile() as file:
    file.write(b'x' * 100_000)
    file.seek(0)
    assert len(file.read()) == 100_000
spooled = tempfile.SpooledTemporaryFile(max_size=10)
spooled.write(b'more than ten bytes')
shutil.rmtree('/output/copied/a/b/none', ignore_errors=True)
