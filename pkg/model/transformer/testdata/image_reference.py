#!/usr/bin/env python3
"""Draw a small picture with the statistics of a photograph, save it in several formats, and resize it with PIL.

photograph.png (colour), grey.png, palette.gif, transparent.png, chroma_<4:4:4, 4:2:2, 4:2:0>.jpg; <name>_decoded.png, PIL's
reading of the GIF and the JPEGs; resized_<mode>_<filter>_<width>x<height>.png: what PIL makes of photograph.png. Usage: python3 image_reference.py  (pillow, numpy)
"""
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent


def photograph(width=97, height=61, seed=5):
    """Smooth light, a few sharp edges, fine grain; every channel different."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    sky = np.stack([90 + 1.2 * y, 120 + 0.9 * y, 200 - 0.5 * y], -1)
    waves = 25 * np.stack([np.sin(x / 5 + y / 9), np.cos(x / 7), np.sin((x + y) / 3)], -1)
    picture = sky + waves
    picture[(x - 30) ** 2 + (y - 25) ** 2 < 150] = [240, 200, 40]
    picture[(abs(x - 70) < 6) & (y > 15)] = [20, 30, 25]
    picture += rng.normal(0, 6, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8), "RGB")


def main():
    image = photograph()
    image.save(HERE / "photograph.png", optimize=True)
    for name, number in (("444", 0), ("422", 1), ("420", 2)):
        image.save(HERE / f"chroma_{name}.jpg", quality=92, subsampling=number)
        Image.open(HERE / f"chroma_{name}.jpg").save(HERE / f"chroma_{name}_decoded.png", optimize=True)
    image.convert("L").save(HERE / "grey.png", optimize=True)
    image.quantize(64).save(HERE / "palette.gif")
    Image.open(HERE / "palette.gif").convert("RGB").save(HERE / "palette_decoded.png", optimize=True)
    holed = image.convert("RGBA")
    holed.putpixel((3, 4), (1, 2, 3, 128))
    holed.save(HERE / "transparent.png", optimize=True)
    for mode in ("RGB", "L"):
        for name, number in (("bilinear", 2), ("bicubic", 3)):
            for size in ((28, 28), (16, 90), (150, 61), (97, 61)):
                image.convert(mode).resize(size, number).save(
                    HERE / f"resized_{mode}_{name}_{size[0]}x{size[1]}.png", optimize=True)


if __name__ == "__main__":
    main()
