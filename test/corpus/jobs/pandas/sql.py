# title: a frame to SQLite and back, with a query
# needs: [pandas]
# stdout: "west 3998\n"
import sqlite3

import pandas as pd

sales = pd.read_csv('/input/sales.csv')
with sqlite3.connect('/output/sales.db') as connection:
    sales.to_sql('sales', connection, index=False)
    top = pd.read_sql_query(
        'select region, sum(units) as units from sales group by region order by units desc limit 1', connection
    )
print(top.region[0], top.units[0])
