# title: a PDF with several pages, and an animation as GIF
# needs: [matplotlib]
# check: |
#   assert open('pages.pdf', 'rb').read().count(b'/Type /Page ') == 3
#   from PIL import Image
#   assert Image.open('wave.gif').n_frames == 4
import matplotlib.animation as animation
import matplotlib.pyplot as plt
from matplotlib.backends.backend_pdf import PdfPages

with PdfPages('/output/pages.pdf') as pages:
    for n in range(3):
        plt.figure()
        plt.plot(range(n + 2))
        pages.savefig()
        plt.close()
figure, axes = plt.subplots(figsize=(2, 2))
(line,) = axes.plot([0, 1], [0, 1])
frames = animation.FuncAnimation(figure, lambda i: line.set_ydata([0, i]), frames=4)
frames.save('/output/wave.gif', writer='pillow')
