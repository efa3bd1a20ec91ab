# title: a workbook written and read row by row
# needs: [openpyxl]
# check: |
#   import openpyxl
#   assert openpyxl.load_workbook('large.xlsx').active.max_row == 1501
from openpyxl import Workbook, load_workbook

book = Workbook(write_only=True)
sheet = book.create_sheet('data')
sheet.append(['n', 'square'])
for n in range(1500):
    sheet.append([n, n * n])
book.save('/output/large.xlsx')
back = load_workbook('/output/large.xlsx', read_only=True)
assert sum(row[1] for row in back['data'].iter_rows(min_row=2, values_only=True)) == sum(n * n for n in range(1500))
back.close()
