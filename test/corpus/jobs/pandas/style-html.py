# title: tables as HTML, LaTeX-free text and plain string; the styler where jinja2 is there
# needs: [pandas]
# check: |
#   assert open('table.html').read().startswith('<table')
import pandas as pd

frame = pd.DataFrame({'name': ['a', 'b'], 'value': [1.25, -3]})
frame.to_html('/output/table.html')
print(frame.to_string(float_format='{:.1f}'.format))
try:
    frame.style.format(precision=1)
except (ImportError, AttributeError):
    pass  # jinja2 is not in the runtime: pandas says so
try:
    frame.to_markdown()
except ImportError:
    pass  # neither is tabulate
