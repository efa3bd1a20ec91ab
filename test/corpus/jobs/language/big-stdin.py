# title: more than a megabyte on standard input
# stdin: {line: "7 abc\n", times: 200000}
# stdout: "200000 1400000\n"
import sys

lines = total = 0
for line in sys.stdin:
    number, _ = line.split()
    lines += 1
    total += int(number)
print(lines, total)
