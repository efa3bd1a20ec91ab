# title: JSON, nested and by line
# needs: [pandas]
# check: |
#   import json
#   rows = [json.loads(line) for line in open('big.jsonl')]
#   assert rows and all(row['units'] > 10 for row in rows)
import json

import pandas as pd

frame = pd.read_json('/input/sales.jsonl', lines=True)
frame[frame['units'] > 10].to_json('/output/big.jsonl', orient='records', lines=True)
nested = pd.json_normalize(json.loads('[{"a": {"b": 1, "c": [1, 2]}}, {"a": {"b": 2}}]'))
assert list(nested.columns) == ['a.b', 'a.c']
