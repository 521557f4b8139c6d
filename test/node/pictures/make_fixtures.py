"""Writes small picture files of every format, orientation and channel kind, and beside each what Pillow makes of it.

    python test/node/pictures/make_fixtures.py

`<name>.png` in expected/ is `ImageOps.exif_transpose(Image.open(f)).convert('RGB')`, the upright picture.
"""
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

here = Path(__file__).parent / 'fixtures'
(here / 'expected').mkdir(parents=True, exist_ok=True)


def scene(width=24, height=16):
    """Different in every corner, smooth elsewhere, so that a turn shows and a lossy codec keeps it."""
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 9 + 20, y * 12 + 30, 200 - x * 4 - y * 3], axis=-1).astype(np.uint8)
    rgb[:8, :8] = (230, 40, 40)
    return Image.fromarray(rgb)


def keep(name, expected=None):
    image = Image.open(here / name)
    expected = expected or ImageOps.exif_transpose(image).convert('RGB')
    expected.save(here / 'expected' / f'{name}.png')


def save(image, name, expected=None, **options):
    image.save(here / name, **options)
    keep(name, expected)


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


rgb = scene()
rgba = rgb.copy()
rgba.putalpha(Image.fromarray((np.mgrid[0:16, 0:24][1] * 10).astype(np.uint8)))

for n in range(1, 9):
    save(rgb, f'exif-{n}.jpg', exif=exif(n), quality=98, subsampling=0)
    save(rgb, f'exif-{n}.webp', exif=exif(n), lossless=True)
    save(rgb, f'exif-{n}.avif', exif=exif(n), quality=100, subsampling='4:4:4')
    save(rgb, f'exif-{n}.png', exif=exif(n))
    # Pillow turns a TIFF by itself when it decodes it.
    save(rgb, f'exif-{n}.tiff', exif=exif(n))

save(rgb, 'lossy.webp', quality=95)
save(rgb, 'lossy.avif', quality=90, subsampling='4:2:0')
save(rgba, 'alpha.webp', lossless=True, exact=True)
save(rgba, 'alpha.png')
save(rgb.convert('L'), 'grey.png')
save(rgb.convert('LA'), 'grey-alpha.png')
save(rgb.convert('1'), 'bilevel.png')
save(rgb.quantize(16), 'palette.png')
save(rgb.quantize(16), 'palette.gif')
save(rgb.convert('L'), 'grey.jpg', quality=98)
save(rgb, 'progressive.jpg', quality=98, subsampling=0, progressive=True)
save(rgb, 'rgb.jpg', quality=98, subsampling=0, keep_rgb=True)
save(rgb.convert('CMYK'), 'cmyk.jpg', quality=98)
save(rgb, 'subsampled.jpg', quality=95, subsampling=2)
save(rgb, 'rgb.bmp')
save(rgb.convert('L'), 'grey.bmp')
save(rgb.convert('1'), 'bilevel.bmp')
save(rgb.quantize(16), 'palette.bmp')
save(rgba, 'alpha.bmp')
save(rgb, 'lzw.tiff', compression='tiff_lzw')
save(rgb, 'deflate.tiff', compression='tiff_adobe_deflate')
save(rgb.convert('L'), 'grey.tiff')

# 16 bits a channel, which Pillow cannot write: the same scene with the lower byte filled.
deep = np.asarray(rgb).astype(np.uint16) * 257
def png16(name, array, colour_type):
    import zlib
    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    height, width = array.shape[:2]
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in array)
    (here / name).write_bytes(
        b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 16, colour_type, 0, 0, 0))
        + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
png16('deep.png', deep, 2)
keep('deep.png')
# A lower byte of its own: Pillow takes the higher one, and does not round.
png16('deep-low.png', (deep & 0xff00) | np.random.default_rng(1).integers(0, 256, deep.shape, np.uint16), 2)
keep('deep-low.png')
grey = np.asarray(rgb.convert('L')).astype(np.uint16) * 257
png16('deep-grey.png', grey, 0)
# Pillow clips 16-bit grey at 255 in convert('RGB'); what is right is the value over 257.
keep('deep-grey.png', Image.fromarray((grey // 257).astype(np.uint8)).convert('RGB'))

# Not to be read: an animation, and pictures that are damaged.
rgb.save(here / 'animated.webp', save_all=True, append_images=[ImageOps.mirror(rgb)], duration=100)
save(rgb.quantize(16), 'animated.gif', save_all=True, append_images=[ImageOps.mirror(rgb).quantize(16)], duration=100)
