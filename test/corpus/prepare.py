"""Makes the files that every job of the corpus finds in /input. Run on the host, by the Python of the runtime: `prepare.py DIRECTORY`."""
import gzip
import os
import sqlite3
import sys

import numpy as np
import openpyxl
import pandas as pd

os.chdir(sys.argv[1])

rows = 2000
sales = pd.DataFrame(
    {
        'day': pd.date_range('2024-01-01', periods=rows, freq='h'),
        'region': [('north', 'south', 'east', 'west')[i % 4] for i in range(rows)],
        'product': [('apple', 'pear', 'plum')[i % 3] for i in range(rows)],
        'units': [i % 17 for i in range(rows)],
        'price': [1.0 + (i % 5) / 4 for i in range(rows)],
    }
)
sales.to_csv('sales.csv', index=False)
sales.to_csv('sales.csv.gz', index=False)
sales.to_parquet('sales.parquet')
sales.head(200).to_json('sales.jsonl', orient='records', lines=True, date_format='iso')
sales.to_parquet('by-region', partition_cols=['region'])

book = openpyxl.Workbook()
book.active.title = 'Totals'
book.active.append(['region', 'units'])
for region, units in (('north', 10), ('south', 20), ('east', 12)):
    book.active.append([region, units])
notes = book.create_sheet('Notes')
notes.append(['note'])
notes.append(['first'])
book.save('book.xlsx')

np.arange(100_000, dtype=np.float64).tofile('numbers.raw')
np.save('matrix.npy', np.arange(12.0).reshape(3, 4))

with open('access.log', 'w') as log:
    for i in range(3000):
        log.write(f'10.0.0.{i % 7} - - "GET /page/{i % 11} HTTP/1.1" {(200, 404, 500)[i % 3]} {i * 13 % 5000}\n')
with gzip.open('access.log.gz', 'wt') as log:
    log.write('one\ntwo\nthree\n')
with open('größe Ω 数据.txt', 'w', encoding='utf-8') as file:
    file.write('grüße\n')
os.makedirs('tree/a/b')
for path in ('tree/top.txt', 'tree/a/middle.txt', 'tree/a/b/leaf.md'):
    with open(path, 'w') as file:
        file.write(path)

with sqlite3.connect('shop.db') as connection:
    connection.execute('create table orders (id integer primary key, customer text, total real)')
    connection.executemany(
        'insert into orders (customer, total) values (?, ?)', [(f'c{i % 5}', i * 1.5) for i in range(100)]
    )
connection.close()
