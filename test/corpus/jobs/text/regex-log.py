# title: a log taken apart with regular expressions
# stdout: "[('404', 1000), ('200', 1000), ('500', 1000)] 7\n"
import re
from collections import Counter

LINE = re.compile(r'(?P<ip>\S+) .* "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<size>\d+)')
statuses, hosts = Counter(), set()
with open('/input/access.log') as log:
    for line in log:
        match = LINE.match(line)
        statuses[match['status']] += 1
        hosts.add(match['ip'])
print(sorted(statuses.items(), key=lambda item: item[0] != '404'), len(hosts))
