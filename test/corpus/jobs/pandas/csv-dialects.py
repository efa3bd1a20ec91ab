# title: odd CSV text, with another separator, decimal comma, encoding and missing values
# needs: [pandas]
# stdout: "[['Zoë', 1.5], [None, None]]\n"
import pandas as pd

with open('/tmp/odd.csv', 'w', encoding='latin-1') as file:
    file.write('# made by hand\nname;wert\nZoë;1,5\n-;n/a\n')
frame = pd.read_csv('/tmp/odd.csv', sep=';', decimal=',', encoding='latin-1', comment='#', na_values=['-', 'n/a'])
print(frame.astype(object).where(frame.notna(), None).values.tolist())
