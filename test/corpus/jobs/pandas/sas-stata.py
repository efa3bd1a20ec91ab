# title: Stata files written and read, and a SAS file refused for what it is
# needs: [pandas]
# stdout: "5\nno SAS file\n"
import pandas as pd

pd.DataFrame({'x': range(5), 'name': list('abcde')}).to_stata('/output/five.dta', write_index=False)
print(len(pd.read_stata('/output/five.dta')))
try:
    pd.read_sas('/input/matrix.npy', format='sas7bdat')
except ValueError:
    print('no SAS file')
