# title: megabytes on standard output
# check: |
#   assert len(stdout) == 5_000_000 and stdout.endswith('99999\n')
for n in range(100_000):
    print(f'{n:049d}')
