#!/usr/bin/env python3
"""Write small pictures of every format, mode, orientation and shape, and what the published image processors make of them.

Writes beside itself: photograph.png; files/, the pictures; reference.npz: "decoded/<file>", levels of transformers' load_image;
"source/<shape>" and "resized/<shape>/<filter>/<shape>", pictures and what Pillow's resize makes of them; "levels/<n>" and
"values/<n>", what the n-th entry of processors.json (configuration, source) makes without and with rescaling and normalising.
Usage: python3 make_reference.py  (pillow 13.0.0, numpy 2.4.6, transformers 5.23.0; their PIL classes, no torchvision)
"""
import importlib
import io
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from transformers.image_utils import load_image

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
FILTERS = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")


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


def coarse(width, height, seed=1):
    """Strong grain and edges of all colours: what makes decoders differ."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = 128 + 90 * np.stack([np.sin(x / 3 + y / 5), np.cos(x / 4 - y / 3), np.sin((x + y) / 2)], -1)
    picture[(x + 2 * y) % 11 < 3] = [250, 5, 30]
    picture += rng.normal(0, 25, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8), "RGB")


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width, height, depth, kind, rows, interlaced=False, extra=b""):
    """A PNG of any depth and colour type, which Pillow does not all write; rows: samples as bytes, or a list for each pass."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    lines = b"".join(b"\0" + bytes(row) for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def adam7(a):
    """The rows of an interlaced picture."""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for row in a[y::dy, x::dx]:
            if row.size:
                yield row.tobytes()


def gif_with_offset():
    """A GIF of 4 × 3 pixels whose first frame is 2 × 2 at (1, 1)."""
    palette = bytes([10, 20, 30, 200, 0, 0, 0, 200, 0, 0, 0, 200])
    out = b"GIF89a" + struct.pack("<HHBBB", 4, 3, 0x81, 0, 0) + palette
    codes, bits = [4, 1, 2, 4, 3, 1, 5], 0
    for i, code in enumerate(codes):
        bits |= code << (3 * i)
    return out + b"\x2c" + struct.pack("<HHHHB", 1, 1, 2, 2, 0) + b"\x02\x03" + bits.to_bytes(3, "little") + b"\x00\x3b"


def resampled(jpeg, factors):
    """The same JPEG with other sampling factors of its brightness: as many blocks together, in another arrangement."""
    at = jpeg.index(b"\xff\xc0") + 2
    return jpeg[: at + 9] + bytes([factors]) + jpeg[at + 10 :]


def without_segment(jpeg, marker):
    at = jpeg.index(bytes([0xFF, marker]))
    return jpeg[:at] + jpeg[at + 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0] :]


def big_endian_tiff(samples, photometric, orientation=1):
    """A plain big-endian TIFF of 16-bit samples."""
    h, w, n = samples.shape
    data = samples.astype(">u2").tobytes()
    bits = 8 + 2 + 12 * 10 + 4
    tags = [(256, 3, 1, w << 16), (257, 3, 1, h << 16), (258, 3, n, bits if n > 2 else 16 << 16), (259, 3, 1, 1 << 16),
            (262, 3, 1, photometric << 16), (273, 4, 1, bits + 2 * n), (274, 3, 1, orientation << 16), (277, 3, 1, n << 16),
            (278, 3, 1, h << 16), (279, 4, 1, len(data))]
    out = b"MM\0*" + struct.pack(">IH", 8, len(tags)) + b"".join(struct.pack(">HHII", *t) for t in tags) + struct.pack(">I", 0)
    return out + struct.pack(">%dH" % n, *[16] * n) + data


def exif(orientation):
    e = Image.Exif()
    e[274] = orientation
    return e


def pictures():
    """Name and bytes of every picture that is read."""
    small, odd, tall = coarse(37, 26), coarse(19, 23), coarse(5, 61)
    yield from jpegs(small, odd, tall)
    yield from pngs(odd)
    a = np.array(odd)
    for mode in ("L", "P"):
        yield f"gif_{mode}.gif", saved(odd.convert(mode), "GIF")
    yield "gif_animated.gif", saved(odd, "GIF", save_all=True, append_images=[coarse(19, 23, 7)], duration=50)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"bmp_{mode}.bmp", saved(odd.convert(mode), "BMP")
    flipped = bytearray(saved(odd, "BMP"))
    flipped[22:26] = struct.pack("<i", -23)
    yield "bmp_topdown.bmp", bytes(flipped)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"tiff_{mode}.tiff", saved(odd.convert(mode), "TIFF")
    for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield f"tiff_{name.removeprefix('tiff_')}.tiff", saved(odd, "TIFF", compression=name)
    for name in ("group3", "group4"):
        yield f"tiff_{name}.tiff", saved(odd.convert("1", dither=0), "TIFF", compression=name)
        yield f"tiff_{name}_white.tiff", saved(odd.convert("1", dither=0), "TIFF", compression=name, tiffinfo={262: 0})
    yield "tiff_pages.tiff", saved(odd, "TIFF", save_all=True, append_images=[coarse(19, 23, 7), coarse(3, 4)])
    yield "tiff_white.tiff", saved(odd.convert("L"), "TIFF", tiffinfo={262: 0})
    yield "tiff_predictor.tiff", saved(odd, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    wide = a.astype(np.uint16) * 256 + a[:, ::-1]
    yield "tiff_rgb16.tiff", big_endian_tiff(wide, 2)
    yield "tiff_grey16_low.tiff", big_endian_tiff(a[:, :, :1].astype(np.uint16), 1)
    for o in range(1, 9):
        yield f"tiff_orientation{o}.tiff", saved(odd, "TIFF", tiffinfo={274: o}, compression="tiff_lzw")
    for quality in (10, 80, 100):
        yield f"webp_{quality}.webp", saved(small, "WEBP", quality=quality)
    yield "webp_odd.webp", saved(odd, "WEBP", quality=60)
    yield "webp_tall.webp", saved(coarse(1, 40), "WEBP", quality=60)
    yield "webp_wide.webp", saved(coarse(40, 1), "WEBP", quality=60)
    yield "webp_pixel.webp", saved(coarse(1, 1), "WEBP", quality=60)
    yield "webp_lossless.webp", saved(odd, "WEBP", lossless=True)
    yield "webp_animated.webp", saved(odd, "WEBP", save_all=True, append_images=[coarse(19, 23, 7)], duration=50)
    yield "webp_animated_lossless.webp", saved(odd, "WEBP", lossless=True, save_all=True, append_images=[coarse(19, 23, 7)], duration=50)
    for o in (1, 3, 6):
        yield f"webp_orientation{o}.webp", saved(odd, "WEBP", lossless=True, exif=exif(o).tobytes())


def jpegs(small, odd, tall):
    for name, number in (("444", 0), ("422", 1), ("420", 2)):
        yield f"jpeg_{name}.jpg", saved(small, "JPEG", quality=85, subsampling=number)
        yield f"jpeg_{name}_progressive.jpg", saved(small, "JPEG", quality=85, subsampling=number, progressive=True)
        yield f"jpeg_{name}_tall.jpg", saved(tall, "JPEG", quality=60, subsampling=number)
        yield f"jpeg_{name}_wide.jpg", saved(coarse(61, 4), "JPEG", quality=60, subsampling=number)
        yield f"jpeg_{name}_narrow.jpg", saved(coarse(4, 9), "JPEG", quality=60, subsampling=number)
    for quality in (5, 100):
        yield f"jpeg_quality{quality}.jpg", saved(odd, "JPEG", quality=quality)
    for width, height in ((1, 1), (1, 40), (40, 1), (2, 2), (3, 3)):
        yield f"jpeg_{width}x{height}.jpg", saved(coarse(width, height), "JPEG")
    yield "jpeg_grey.jpg", saved(odd.convert("L"), "JPEG")
    yield "jpeg_grey_progressive.jpg", saved(odd.convert("L"), "JPEG", progressive=True)
    yield "jpeg_rgb.jpg", saved(odd, "JPEG", keep_rgb=True)
    yield "jpeg_restart.jpg", saved(small, "JPEG", restart_marker_blocks=2)
    yield "jpeg_restart_progressive.jpg", saved(small, "JPEG", restart_marker_rows=1, progressive=True)
    square = coarse(64, 64)
    yield "jpeg_440.jpg", resampled(saved(square, "JPEG", subsampling=1), 0x12)
    yield "jpeg_411.jpg", resampled(saved(square, "JPEG", subsampling=2), 0x41)
    yield "jpeg_410tall.jpg", resampled(saved(square, "JPEG", subsampling=2), 0x14)
    inks = saved(odd.convert("CMYK"), "JPEG", quality=90)
    yield "jpeg_cmyk.jpg", inks
    yield "jpeg_cmyk_progressive.jpg", saved(odd.convert("CMYK"), "JPEG", progressive=True)
    at = inks.index(b"Adobe") + 11
    yield "jpeg_ycck.jpg", inks[:at] + b"\x02" + inks[at + 1 :]
    yield "jpeg_cmyk_plain.jpg", without_segment(inks, 0xEE)
    for o in range(1, 9):
        yield f"jpeg_orientation{o}.jpg", saved(odd, "JPEG", exif=exif(o))
    tag = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="8"/></x:xmpmeta>'
    yield "jpeg_xmp.jpg", saved(odd, "JPEG", xmp=tag)


def pngs(odd):
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield f"png_{mode}.png", saved(odd.convert(mode), "PNG")
    for bits in (1, 2, 4):
        yield f"png_P{bits}.png", saved(odd.quantize(2**bits), "PNG", bits=bits)
    a = np.array(odd)
    high, wide = a[:, :, 0], (a.astype(np.uint16) * 256 + a[:, ::-1]).astype(">u2")
    opaque = np.full(a.shape[:2] + (1,), 65535, ">u2")
    rows = lambda x: [row.tobytes() for row in x]
    yield "png_grey2.png", png(4, 2, 2, 0, [[0b00011011], [0b11100100]])
    yield "png_rgb16.png", png(19, 23, 16, 2, rows(wide))
    yield "png_rgba16.png", png(19, 23, 16, 6, rows(np.concatenate([wide, opaque], -1)))
    yield "png_la16.png", png(19, 23, 16, 4, rows(np.concatenate([wide[:, :, :1], opaque], -1)))
    yield "png_grey16_low.png", png(19, 23, 16, 0, rows(high.astype(">u2")))
    yield "png_interlaced.png", png(19, 23, 8, 2, adam7(a), interlaced=True)
    for o in (1, 2, 5, 7):
        yield f"png_orientation{o}.png", saved(odd, "PNG", exif=exif(o))
    profile = exif(6).tobytes()
    text = "\nexif\n%8d\n%s\n" % (len(profile), profile.hex())
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    rgb = lambda extra: png(19, 23, 8, 2, rows(a), extra=extra)
    yield "png_rawprofile.png", rgb(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text.encode())))
    yield "png_xmp.png", rgb(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>3</tiff:Orientation>"))


def refused():
    """Name and bytes of pictures that are not read."""
    odd = coarse(19, 23)
    holed = odd.convert("RGBA")
    holed.putpixel((3, 4), (1, 2, 3, 128))
    for kind, ending in (("PNG", "png"), ("TIFF", "tiff"), ("WEBP", "webp")):
        yield f"transparent.{ending}", saved(holed, kind)
    yield "transparent_lossless.webp", saved(holed, "WEBP", lossless=True)
    yield "transparent.gif", saved(odd.quantize(16), "GIF", transparency=int(np.array(odd.quantize(16))[4, 3]))
    yield "offset.gif", gif_with_offset()
    yield "transparent_P.png", saved(odd.quantize(16), "PNG", transparency=int(np.array(odd.quantize(16))[4, 3]))
    grey = np.array(odd.convert("L")).astype(np.uint16) * 257
    yield "grey16.png", saved(Image.fromarray(grey), "PNG")
    yield "grey16.tiff", saved(Image.fromarray(grey), "TIFF")
    yield "cmyk.tiff", saved(odd.convert("CMYK"), "TIFF")
    yield "jpeg.tiff", saved(odd, "TIFF", compression="jpeg")
    yield "float.tiff", saved(odd.convert("F"), "TIFF")


PROCESSORS = (
    ("ViT", {"size": {"height": 12, "width": 20}, "resample": 3}),
    ("ViT", {"size": 14, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}),
    ("ViT", {"size": [9, 16], "do_rescale": False, "image_mean": 100, "image_std": 3}),
    ("ViT", {"size": {"height": 70, "width": 31}, "resample": 1, "do_normalize": False}),
    ("DeiT", {"size": {"height": 32, "width": 32}, "crop_size": {"height": 28, "width": 28}}),
    ("DeiT", {"size": 33, "crop_size": 28, "resample": 0}),
    ("Bit", {"size": {"shortest_edge": 32}, "crop_size": {"height": 28, "width": 28}, "image_mean": [0.485, 0.456, 0.406],
             "image_std": [0.229, 0.224, 0.225]}),
    ("CLIP", {"size": 24, "crop_size": 24}),
    ("CLIP", {"size": 21, "crop_size": {"height": 36, "width": 25}, "resample": 5}),
    ("CLIP", {"size": {"shortest_edge": 20}, "do_center_crop": False, "rescale_factor": 0.01}),
    ("CLIP", {"size": {"shortest_edge": 20, "longest_edge": 26}, "do_center_crop": False, "resample": 4}),
    ("CLIP", {"size": {"max_height": 30, "max_width": 25}, "do_center_crop": False}),
    ("CLIP", {"do_resize": False, "crop_size": {"height": 40, "width": 33}}),
    ("Siglip", {"size": {"height": 16, "width": 16}}),
    ("Pvt", {"size": {"height": 16, "width": 16}}),
    ("Beit", {"size": 32, "crop_size": 28, "do_center_crop": True}),
    ("ConvNext", {"size": {"shortest_edge": 28}}),
    ("ConvNext", {"size": 21, "crop_pct": 0.9}),
)


def processed(arrays, sources):
    listed = []
    for name, config in PROCESSORS:
        module = importlib.import_module(f"transformers.models.{name.lower()}.image_processing_pil_{name.lower()}")
        make = getattr(module, name + "ImageProcessorPil")
        for shape in ("97x61", "40x52", "1x1", "3x9"):
            image = Image.fromarray(sources[shape])
            try:
                levels = make(**(config | {"do_rescale": False, "do_normalize": False}))(image, return_tensors="np")["pixel_values"][0]
            except ValueError as e:  # a side of no pixels
                print(name, config, shape, e)
                continue
            n = len(listed)
            listed.append({"config": {"image_processor_type": name + "ImageProcessor"} | config, "source": shape})
            arrays[f"levels/{n}"] = levels
            if shape == "40x52":
                arrays[f"values/{n}"] = make(**config)(image, return_tensors="np")["pixel_values"][0].astype(np.float32)
    (HERE / "processors.json").write_text(json.dumps(listed, indent=0) + "\n")


def main():
    shutil.rmtree(FILES, ignore_errors=True)
    FILES.mkdir()
    photograph().save(HERE / "photograph.png", optimize=True)
    arrays = {}
    for name, raw in pictures():
        (FILES / name).write_bytes(raw)
        arrays["decoded/" + name] = np.array(load_image(str(FILES / name)))
    for name, raw in refused():
        (FILES / ("refused_" + name)).write_bytes(raw)
    sources = {"97x61": np.array(photograph())}
    for width, height in ((40, 52), (1, 1), (1, 40), (40, 1), (3, 9), (500, 3), (2, 300), (160, 120)):
        sources[f"{width}x{height}"] = np.array(coarse(width, height))
    targets = {"97x61": ((28, 28), (16, 90), (150, 61), (97, 33), (13, 61)), "40x52": ((41, 53), (39, 51), (80, 104)), "1x1": ((1, 1), (7, 5)),
               "1x40": ((9, 9), (1, 100), (3, 1)), "40x1": ((9, 9), (1, 1)), "3x9": ((64, 65),), "500x3": ((4, 40), (499, 2)),
               "2x300": ((11, 7),), "160x120": ((3, 2), (159, 7))}
    for shape, pixels in sources.items():
        arrays["source/" + shape] = pixels
        for number, name in enumerate(FILTERS):
            for size in targets[shape]:
                arrays[f"resized/{shape}/{name}/{size[0]}x{size[1]}"] = np.array(Image.fromarray(pixels).resize(size, number))
    processed(arrays, sources)
    np.savez_compressed(HERE / "reference.npz", **arrays)


if __name__ == "__main__":
    main()
