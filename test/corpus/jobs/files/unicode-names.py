# title: file names and text beyond ASCII
# stdout: "['größe Ω 数据.txt'] grüße\n"
# check: |
#   import os
#   assert sorted(os.listdir()) == ['naïve café.txt', '✓.txt']
# impossible:
#   strict: strict lists no directories
import os

names = [name for name in os.listdir('/input') if not name.isascii()]
print(names, open('/input/' + names[0], encoding='utf-8').read().strip())
for name in ('naïve café.txt', '✓.txt'):
    with open('/output/' + name, 'w') as file:
        file.write(name)
