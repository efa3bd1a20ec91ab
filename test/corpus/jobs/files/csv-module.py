# title: the csv module, read and written
# stdout: "north 3994\n"
# check: |
#   assert open('regions.csv').read().splitlines()[0] == 'region,units'
import csv
from collections import Counter

units = Counter()
with open('/input/sales.csv', newline='') as file:
    for row in csv.DictReader(file):
        units[row['region']] += int(row['units'])
with open('/output/regions.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['region', 'units'])
    writer.writerows(sorted(units.items()))
print('north', units['north'])
