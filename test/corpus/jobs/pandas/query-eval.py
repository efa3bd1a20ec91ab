# title: query and eval, without numexpr
# needs: [pandas]
# stdout: "59 True\n"
import pandas as pd

sales = pd.read_csv('/input/sales.csv')
limit = 15
picked = sales.query('units > @limit and region in ["north", "south"]')
sales.eval('value = units * price', inplace=True)
print(len(picked), (sales['value'] == sales['units'] * sales['price']).all())
