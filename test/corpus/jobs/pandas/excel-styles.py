# title: styles, formulas, a chart and column widths in openpyxl
# needs: [openpyxl]
# check: |
#   import openpyxl
#   sheet = openpyxl.load_workbook('styled.xlsx').active
#   assert sheet['B5'].value == '=SUM(B2:B4)' and sheet['A1'].font.bold and sheet.freeze_panes == 'A2'
#   assert len(sheet._charts) == 1
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

book = Workbook()
sheet = book.active
sheet.append(['Region', 'Units'])
for row in (('north', 10), ('south', 20), ('east', 12)):
    sheet.append(row)
sheet['B5'] = '=SUM(B2:B4)'
for cell in sheet[1]:
    cell.font = Font(bold=True, color='FFFFFF')
    cell.fill = PatternFill('solid', fgColor='4472C4')
    cell.alignment = Alignment(horizontal='center')
for column in (1, 2):
    sheet.column_dimensions[get_column_letter(column)].width = 14
sheet.freeze_panes = 'A2'
chart = BarChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=4), titles_from_data=True)
sheet.add_chart(chart, 'D2')
book.save('/output/styled.xlsx')
