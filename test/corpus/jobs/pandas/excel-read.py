# title: sheets of a workbook
# needs: [pandas, openpyxl]
# stdout: "['Notes', 'Totals']\n42\n"
import pandas as pd

sheets = pd.read_excel('/input/book.xlsx', sheet_name=None)
print(sorted(sheets))
print(sheets['Totals']['units'].sum())
