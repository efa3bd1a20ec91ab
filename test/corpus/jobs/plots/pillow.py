# title: pictures made, scaled, drawn on and saved with Pillow
# needs: [PIL]
# check: |
#   from PIL import Image
#   for name in ('a.png', 'a.jpg', 'a.webp', 'a.tiff', 'a.bmp', 'a.gif'):
#       assert Image.open(name).size == (64, 48), name
from PIL import Image, ImageDraw, ImageFilter, ImageFont

picture = Image.new('RGB', (128, 96), 'white')
draw = ImageDraw.Draw(picture)
draw.ellipse((10, 10, 100, 80), fill='red')
draw.text((20, 40), 'hi', fill='black', font=ImageFont.load_default())
small = picture.filter(ImageFilter.GaussianBlur(1)).resize((64, 48)).rotate(180)
for suffix in ('png', 'jpg', 'webp', 'tiff', 'bmp', 'gif'):
    small.save(f'/output/a.{suffix}')
