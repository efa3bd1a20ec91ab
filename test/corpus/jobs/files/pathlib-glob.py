# title: pathlib, glob and os.walk over a tree
# stdout: "['leaf.md', 'middle.txt', 'top.txt']\n['/input/tree/a/b', '/input/tree/a']\n1 3\n"
# impossible:
#   strict: strict lists no directories and makes none
import glob
import os
from pathlib import Path

tree = Path('/input/tree')
print(sorted(path.name for path in tree.rglob('*') if path.is_file()))
print([folder for folder, _, _ in os.walk(tree, topdown=False)][:2])
print(len(glob.glob('/input/tree/**/*.md', recursive=True)), sum(len(names) for _, _, names in os.walk(tree)))
made = Path('/output/made/deep')
made.mkdir(parents=True)
(made / 'x.txt').write_text('x')
assert (made / 'x.txt').relative_to('/output/made').as_posix() == 'deep/x.txt'
assert [path.name for path in made.iterdir()] == ['x.txt'] and made.resolve().name == 'deep'
with os.scandir('/input') as entries:
    assert any(entry.is_dir() for entry in entries)
