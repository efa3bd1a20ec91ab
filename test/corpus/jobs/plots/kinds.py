# title: many kinds of plots on one page, with a colour bar, text and three dimensions
# needs: [matplotlib, numpy]
# check: |
#   from PIL import Image
#   assert Image.open('kinds.png').size == (900, 900) and Image.open('kinds.webp').format == 'WEBP'
import matplotlib
import numpy as np
from matplotlib import pyplot as plt

matplotlib.use('Agg')
plt.style.use('ggplot')
rng = np.random.default_rng(1)
figure = plt.figure(figsize=(9, 9))
grid = np.add.outer(np.linspace(-1, 1, 30) ** 2, np.linspace(-1, 1, 30) ** 2)
figure.add_subplot(331).hist(rng.normal(size=300), bins=20)
figure.add_subplot(332).scatter(*rng.normal(size=(2, 50)), c=rng.random(50), cmap='viridis')
figure.add_subplot(333).boxplot([rng.normal(size=30) for _ in range(3)])
image = figure.add_subplot(334).imshow(grid)
figure.colorbar(image)
figure.add_subplot(335).contourf(grid)
figure.add_subplot(336).pie([3, 4, 5], labels=['a', 'b', 'c'])
figure.add_subplot(337).tripcolor(*rng.random((2, 40)), rng.random(40))
figure.add_subplot(338, projection='polar').plot(np.linspace(0, 6, 50), np.linspace(0, 1, 50))
figure.add_subplot(339, projection='3d').plot_surface(*np.meshgrid(range(30), range(30)), grid)
figure.savefig('/output/kinds.png', dpi=100)
figure.savefig('/output/kinds.webp', dpi=50)
