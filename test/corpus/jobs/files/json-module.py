# title: the json module, objects and lines
# check: |
#   import json
#   assert json.load(open('summary.json')) == {'rows': 200, 'regions': ['east', 'north', 'south', 'west']}
import json

with open('/input/sales.jsonl') as file:
    rows = [json.loads(line) for line in file]
summary = {'rows': len(rows), 'regions': sorted({row['region'] for row in rows})}
with open('/output/summary.json', 'w') as file:
    json.dump(summary, file, indent=2)
