# title: lines of files by number, diffs and comparisons
# stdout: "two\n['-one', '+1']\nTrue\n"
import difflib
import filecmp
import fileinput
import linecache

open('/tmp/a.txt', 'w').write('one\ntwo\n')
open('/tmp/b.txt', 'w').write('1\ntwo\n')
print(linecache.getline('/tmp/a.txt', 2), end='')
with fileinput.input(['/tmp/a.txt', '/tmp/b.txt']) as both:
    lines = list(both)
print([line.strip() for line in difflib.unified_diff(lines[:2], lines[2:], n=0)][3:])
print(filecmp.cmp('/tmp/a.txt', '/tmp/a.txt'))
