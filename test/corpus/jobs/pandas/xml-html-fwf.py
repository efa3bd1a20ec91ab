# title: XML, fixed-width text and the clipboard's absence
# needs: [pandas]
# stdout: "2 3\n"
import io

import pandas as pd

frame = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})
xml = frame.to_xml(parser='etree')
back = pd.read_xml(io.StringIO(xml), parser='etree')
fixed = pd.read_fwf(io.StringIO('id  name\n1   ann\n2   bob\n3   cyd\n'))
print(len(back), len(fixed))
