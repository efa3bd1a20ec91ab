# title: a chart as PNG, SVG, PDF and JPEG
# needs: [matplotlib]
# check: |
#   heads = {'png': b'\x89PNG', 'svg': b'<?xml', 'pdf': b'%PDF', 'jpg': b'\xff\xd8\xff'}
#   for suffix, head in heads.items():
#       data = open('chart.' + suffix, 'rb').read()
#       assert data.startswith(head) and len(data) > 4000, suffix
#   from PIL import Image
#   assert Image.open('chart.png').size == (640, 480)
import matplotlib.pyplot as plt

figure, axes = plt.subplots()
axes.plot([1, 2, 3], [4, 1, 5], marker='o', label='größe')
axes.set_title(r'$\sum_i x_i^2$ by day')
axes.legend()
for suffix in ('png', 'svg', 'pdf', 'jpg'):
    figure.savefig(f'/output/chart.{suffix}')
plt.close(figure)
