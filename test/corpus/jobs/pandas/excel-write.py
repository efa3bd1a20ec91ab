# title: a report with several sheets
# needs: [pandas, openpyxl]
# check: |
#   import pandas as pd
#   sheets = pd.read_excel('report.xlsx', sheet_name=None, index_col=0)
#   assert list(sheets) == ['north', 'south', 'east', 'west', 'summary']
#   assert len(sheets['north']) == 500
import pandas as pd

sales = pd.read_parquet('/input/sales.parquet')
with pd.ExcelWriter('/output/report.xlsx', engine='openpyxl') as writer:
    for region in sales['region'].unique():
        sales[sales['region'] == region].to_excel(writer, sheet_name=region)
    sales.groupby('region')['units'].agg(['sum', 'mean', 'max']).to_excel(writer, sheet_name='summary')
