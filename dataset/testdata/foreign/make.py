"""Makes the files beside it: what NumPy writes, and what torchvision's ImageNet preprocessing makes of a picture.

python3 make.py, with numpy 2 and Pillow 12 (the formats with Pillow 13). Resize(256) and CenterCrop(224) are written out in PIL's words as
torchvision/transforms/functional.py has them.
"""
import os
import numpy as np
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)

x = rng.integers(0, 256, (3, 4, 5), dtype=np.uint8)
y = np.array([2, 0, 1])
np.savez_compressed(os.path.join(here, "grey.npz"), x=x, y=y)
colour = rng.integers(0, 256, (2, 3, 4, 5), dtype=np.uint8)  # N, C, H, W
np.savez(os.path.join(here, "parts.npz"), x_train=colour.astype(np.float32) / np.float32(255), y_train=np.array([0, 1], dtype=np.uint8),
         x_test=np.transpose(colour, (0, 2, 3, 1)), y_test=np.array([1, 0], dtype=np.int32), classes=np.array(7))

# A smooth picture with edges, so that every pixel of the filter matters; palette and alpha are a matter of the reader.
h, w = 300, 411
v, u = np.mgrid[0:h, 0:w]
picture = np.stack([127 + 120 * np.sin(u / 9) * np.cos(v / 7), 255 * u / w, 255 * ((u // 16 + v // 16) % 2)], -1).round().astype(np.uint8)
os.makedirs(os.path.join(here, "pictures", "tall"), exist_ok=True)
os.makedirs(os.path.join(here, "pictures", "wide"), exist_ok=True)
Image.fromarray(picture).save(os.path.join(here, "pictures", "wide", "a.png"), optimize=True)
Image.fromarray(np.transpose(picture[:240], (1, 0, 2)).copy()).save(os.path.join(here, "pictures", "tall", "b.png"), optimize=True)


def imagenet(path):
    img = Image.open(path).convert("RGB")
    w, h = img.size
    if w <= h:
        img = img.resize((256, int(256 * h / w)), Image.BILINEAR)
    else:
        img = img.resize((int(256 * w / h), 256), Image.BILINEAR)
    w, h = img.size
    top, left = int(round((h - 224) / 2.0)), int(round((w - 224) / 2.0))
    return np.asarray(img.crop((left, top, left + 224, top + 224)))


want = [imagenet(os.path.join(here, "pictures", p)) for p in ("tall/b.png", "wide/a.png")]
np.savez_compressed(os.path.join(here, "imagenet.npz"), x=np.stack(want)[:, ::8, ::8], y=np.array([0, 1]))

# Formats: the same small picture as each of them has it, and what PIL reads of it as torchvision's ImageFolder does,
# convert("RGB"). One file per class; formats.npz has them in the order of the classes.
small = Image.fromarray(picture[60:73, 100:117])
alpha = small.copy()
alpha.putalpha(Image.fromarray(np.linspace(0, 255, 13 * 17).reshape(13, 17).astype(np.uint8)))
turned = Image.Exif()
turned[0x0112] = 6
formats = {
    "bmp": (small, {}), "bmp-palette": (small.convert("P"), {}), "jpg": (small, {"subsampling": 0}),
    "jpg-422": (small, {"subsampling": 1}), "jpg-420": (small, {"subsampling": 2}), "jpg-cmyk": (small.convert("CMYK"), {}),
    "jpg-exif": (small, {"exif": turned}), "png-exif": (small, {"exif": turned}), "png-alpha": (alpha, {}),
    "png-palette": (small.convert("P"), {}), "tif": (small, {}), "tif-lzw": (small, {"compression": "tiff_lzw"}),
    "webp": (small, {"quality": 80}), "webp-alpha": (alpha, {"quality": 80, "exact": True}), "webp-exif": (small, {"exif": turned}),
    "webp-lossless": (small, {"lossless": True}),
}
want = []
for name, (img, options) in sorted(formats.items()):
    out_dir = os.path.join(here, "formats", name)
    os.makedirs(out_dir, exist_ok=True)
    path = os.path.join(out_dir, "a." + name.split("-")[0])
    img.save(path, **options)
    want.append(np.asarray(Image.open(path).convert("RGB")))
np.savez_compressed(os.path.join(here, "formats.npz"), x=np.stack(want), y=np.arange(len(want)))

# Files of one image, and of two of which the second is brighter.
first, second = Image.new("L", (6, 5), 40), Image.new("L", (6, 5), 200)
for name, options in [("png", {}), ("tif", {}), ("apng", {"save_all": True, "append_images": [second]}),
                      ("pages", {"save_all": True, "append_images": [second]})]:
    os.makedirs(os.path.join(here, "frames", name), exist_ok=True)
    first.save(os.path.join(here, "frames", name, "a.png" if "png" in name else "a.tif"), **options)
