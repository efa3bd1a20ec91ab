# title: /proc read as psutil does
# check: |
#   import json
#   found = json.load(open('found.json'))
#   assert found['rss'] > 1000 and found['threads'] == 1 and found['fds'] >= 3 and found['name']
# impossible:
#   strict: strict shows no /proc
import json
import os

status = dict(line.rstrip('\n').split(':\t', 1) for line in open('/proc/self/status') if ':\t' in line)
statistics = open('/proc/self/stat').read().rsplit(')', 1)[1].split()
found = {
    'name': status['Name'],
    'rss': int(open('/proc/self/statm').read().split()[1]),
    'threads': len(os.listdir('/proc/self/task')),
    'fds': len(os.listdir('/proc/self/fd')),
    'maps': sum(1 for _ in open('/proc/self/maps')),
    'limits': open('/proc/self/limits').readline().split()[0],
    'state': statistics[0],
    'cgroup': open('/proc/self/cgroup').read().count('\n'),
    'cmdline': len(open('/proc/self/cmdline').read()),
}
for path in ('/proc/meminfo', '/proc/cpuinfo', '/proc/stat', '/proc/loadavg', '/sys/fs/cgroup/memory.max'):
    try:
        open(path).read()
    except OSError as error:
        found.setdefault('hidden', []).append(path)
json.dump(found, open('/output/found.json', 'w'))
