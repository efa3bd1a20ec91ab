# title: what libraries ask about the system they run on
# check: |
#   import json
#   facts = json.load(open('facts.json'))
#   assert facts['cpus'] >= 1 and facts['affinity'] >= 1 and facts['system'] == 'Linux' and facts['host'] == 'leeward'
# harmless:
#   vfork: platform.processor() asks `uname -p` in another process, and goes by os.uname() where it cannot
#   clone: the second attempt of the same
# impossible:
#   strict: resource is not preloaded, and no machine code can be loaded
import json
import locale
import os
import platform
import resource
import socket
import sys
import sysconfig
import time

facts = {
    'cpus': os.cpu_count(),
    'affinity': len(os.sched_getaffinity(0)),
    'system': platform.system(),
    'machine': platform.machine(),
    'libc': platform.libc_ver(),
    'python': platform.python_version(),
    'processor': platform.processor(),
    'host': socket.gethostname(),
    'node': platform.node(),
    'locale': locale.setlocale(locale.LC_ALL, ''),
    'encoding': locale.getpreferredencoding(),
    'columns': __import__('shutil').get_terminal_size().columns,
    'memory': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    'files': resource.getrlimit(resource.RLIMIT_NOFILE),
    'pages': os.sysconf('SC_PHYS_PAGES'),
    'tty': sys.stdout.isatty(),
    'paths': len(sysconfig.get_paths()),
    'zone': time.tzname,
    'ids': [os.getuid(), os.getgid(), os.getpid(), os.getppid()],
}
json.dump(facts, open('/output/facts.json', 'w'))
