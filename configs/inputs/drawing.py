"""Draws drawing-shirt.png, a shirt as a child would: light on dark, as the pictures of Fashion-MNIST are. Needs Pillow."""
from pathlib import Path

from PIL import Image, ImageDraw

SCALE = 4  # drawn large and reduced, for smooth edges
image = Image.new("L", (280 * SCALE, 280 * SCALE), 0)
draw = ImageDraw.Draw(image)


def shape(points, grey):
    draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=grey)


shape([(85, 40), (195, 40), (262, 100), (226, 138), (200, 116), (200, 250), (80, 250), (80, 116), (54, 138), (18, 100)], 190)
shape([(80, 116), (88, 60), (96, 116), (96, 250), (80, 250)], 150)
shape([(200, 116), (192, 60), (184, 116), (184, 250), (200, 250)], 150)
draw.ellipse([112 * SCALE, 18 * SCALE, 168 * SCALE, 66 * SCALE], fill=0)
for y in (130, 160, 190, 220):
    draw.line([100 * SCALE, y * SCALE, 180 * SCALE, (y + 4) * SCALE], fill=225, width=5 * SCALE)
image.resize((280, 280), Image.LANCZOS).save(Path(__file__).with_name("drawing-shirt.png"), optimize=True)
