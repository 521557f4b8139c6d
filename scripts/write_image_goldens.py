"""Writes test/fixtures/images/goldens.json: what PIL, torchvision, PyTorch, transformers and matplotlib make of small pictures.

Needs what requirements.txt lists, and matplotlib and transformers.

    python scripts/write_image_goldens.py
"""

import base64
import hashlib
import json
import pathlib

import numpy as np
import torch

import torchvision_ops  # noqa: F401  (first: it lets torchvision be imported)
import torchvision.transforms as T
from matplotlib import colormaps
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode as Mode

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
OUT = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "images" / "goldens.json"


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def noise(width, height, seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def gradient(width, height):
    """Smooth colours with one hard edge: what photographs are made of."""
    y, x = np.mgrid[:height, :width]
    red, green = 255 * x // (width - 1), 255 * y // (height - 1)
    return Image.fromarray(np.stack([red, green, np.where(x > y, 230, 20)], -1).astype(np.uint8))


def pattern(width, height):
    """A larger picture that JavaScript draws by the same formula, so that only a hash need be stored."""
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([(x * 7 + y * 3) % 256, (x * y // 5) % 256, (x * x + y * y) // 64 % 256], -1).astype(np.uint8))


PICTURES = {"noise": noise(37, 23, 0), "gradient": gradient(64, 48), "thin": noise(3, 29, 1)}
SIZES = {"noise": [(16, 11), (47, 31), (37, 26), (20, 23), (1, 1)], "gradient": [(19, 13), (7, 48)], "thin": [(5, 7), (3, 8)]}


def resizes():
    for name, sizes in SIZES.items():
        for width, height in sizes:
            for filter_name, number in FILTERS.items():
                for mode in ["RGB", "L"] if (name, width) == ("gradient", 19) else ["RGB"]:
                    resized = PICTURES[name].convert(mode).resize((width, height), number)
                    yield {"picture": name, "width": width, "height": height, "filter": filter_name, "mode": mode, "data": encode(resized)}


def large():
    picture = pattern(1023, 767)
    for filter_name in ["bilinear", "bicubic", "lanczos", "nearest"]:
        seen = T.Compose([T.Resize(256, Mode(filter_name)), T.CenterCrop(224)])(picture)
        yield {"filter": filter_name, "sha256": hashlib.sha256(seen.tobytes()).hexdigest()}


def preprocessed():
    """Each: the JSON that saywhy reads, and the same made with torchvision on a PIL picture."""
    normalize = {"normalize": {"mean": MEAN, "std": STD}}
    tail = [T.ToTensor(), T.Normalize(MEAN, STD)]
    byte_tail = [{"rescale": 1 / 255}, normalize]
    cases = [
        ("noise", [{"resize": {"shortest": 32, "filter": "bilinear"}}, {"crop": [24, 24]}], [T.Resize(32), T.CenterCrop(24)]),
        ("noise", [{"resize": {"shortest": 17, "filter": "bicubic"}}, {"crop": [14, 16]}], [T.Resize(17, Mode.BICUBIC), T.CenterCrop((14, 16))]),
        ("gradient", [{"resize": {"shortest": 19, "filter": "lanczos"}}, {"crop": [16, 16]}], [T.Resize(19, Mode.LANCZOS), T.CenterCrop(16)]),
        ("gradient", [{"resize": {"size": [15, 21], "filter": "bicubic"}}], [T.Resize((15, 21), Mode.BICUBIC)]),
        ("gradient", [{"resize": {"shortest": 20, "longest": 24}}], [T.Resize(20, max_size=24)]),
        ("thin", [{"resize": {"shortest": 6}}, {"crop": [16, 17]}], [T.Resize(6), T.CenterCrop((16, 17))]),
        ("thin", [{"crop": [8, 10]}], [T.CenterCrop((8, 10))]),
        ("noise", [{"pad": {"size": [26, 40], "value": 114}}, {"crop": [25, 13]}], [T.Pad((1, 1, 2, 2), fill=114), T.CenterCrop((25, 13))]),
    ]
    for picture, steps, transforms in cases:
        tensor = T.Compose([*transforms, *tail])(PICTURES[picture])
        yield {"picture": picture, "spec": {"steps": [*steps, *byte_tail]}, "shape": [1, *tensor.shape], "data": encode(tensor.numpy())}

    gray = T.Compose([T.Grayscale(), T.Resize(12), T.CenterCrop(10), T.ToTensor(), T.Normalize([0.5], [0.25])])(PICTURES["gradient"])
    steps = [{"resize": {"shortest": 12}}, {"crop": 10}, {"rescale": 1 / 255}, {"normalize": {"mean": 0.5, "std": [0.25]}}]
    yield {"picture": "gradient", "spec": {"channels": "GRAY", "steps": steps}, "shape": [1, *gray.shape], "data": encode(gray.numpy())}

    swapped = T.Compose([T.Resize(12), *tail])(PICTURES["gradient"].convert("RGB"))
    swapped = swapped.flip(0).permute(1, 2, 0)
    flipped = {"normalize": {"mean": MEAN[::-1], "std": STD[::-1]}}
    spec = {"channels": "BGR", "layout": "NHWC", "steps": [{"resize": {"shortest": 12}}, {"rescale": 1 / 255}, flipped]}
    yield {"picture": "gradient", "spec": spec, "shape": [1, *swapped.shape], "data": encode(swapped.numpy())}

    padded = T.Compose([T.Resize(9), *tail, T.Pad((0, 0, 4, 7))])(PICTURES["gradient"])
    steps = [{"resize": {"shortest": 9}}, *byte_tail, {"pad": {"size": [16, 16], "align": "top-left"}}]
    yield {"picture": "gradient", "spec": {"steps": steps}, "shape": [1, *padded.shape], "data": encode(padded.numpy())}


def hugging_face():
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.convnext.image_processing_pil_convnext import ConvNextImageProcessorPil
    from transformers.models.efficientnet.image_processing_pil_efficientnet import EfficientNetImageProcessorPil
    from transformers.models.levit.image_processing_pil_levit import LevitImageProcessorPil
    from transformers.models.mobilevit.image_processing_pil_mobilevit import MobileViTImageProcessorPil
    from transformers.models.poolformer.image_processing_pil_poolformer import PoolFormerImageProcessorPil
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    processors = [
        ViTImageProcessorPil(size={"height": 12, "width": 14}),
        CLIPImageProcessorPil(size={"shortest_edge": 13}, crop_size={"height": 10, "width": 10}),
        BitImageProcessorPil(size={"shortest_edge": 9}, crop_size={"height": 12, "width": 12}),
        ConvNextImageProcessorPil(size={"shortest_edge": 11}, crop_pct=0.75),
        LevitImageProcessorPil(size={"shortest_edge": 13}, crop_size={"height": 11, "width": 11}),
        PoolFormerImageProcessorPil(size={"shortest_edge": 11}, crop_size={"height": 10, "width": 10}),
        EfficientNetImageProcessorPil(size={"height": 10, "width": 10}, rescale_factor=1 / 127.5, rescale_offset=True),
        MobileViTImageProcessorPil(size={"shortest_edge": 13}, crop_size={"height": 12, "width": 12}),
    ]
    for processor in processors:
        values = np.asarray(processor(PICTURES["noise"], return_tensors="np")["pixel_values"], dtype=np.float32)
        config = {key: value for key, value in json.loads(processor.to_json_string()).items() if value is not None}
        yield {"picture": "noise", "config": config, "shape": list(values.shape), "data": encode(values)}


def orientations():
    picture = noise(5, 3, 2)
    exif = picture.getexif()
    for orientation in range(1, 9):
        exif[0x0112] = orientation
        picture.info["exif"] = exif.tobytes()
        turned = ImageOps.exif_transpose(picture)
        yield {"orientation": orientation, "width": turned.width, "height": turned.height, "data": encode(turned)}


def maps():
    generator = torch.Generator().manual_seed(0)
    for shape, size, mode in [((7, 7), (20, 33), "bilinear"), ((13, 9), (5, 4), "bilinear"), ((3, 2, 4), (5, 4, 7), "trilinear"), ((1, 6), (4, 6), "bilinear")]:
        values = torch.rand(shape, generator=generator)
        resized = torch.nn.functional.interpolate(values[None, None], size=size, mode=mode, align_corners=False)[0, 0]
        yield {"shape": shape, "size": size, "data": encode(values.numpy()), "resized": encode(resized.numpy())}


def colors(name):
    return encode((colormaps[name](np.arange(256))[:, :3] * 255).round().astype(np.uint8))


goldens = {
    "pictures": {name: {"width": p.width, "height": p.height, "data": encode(p)} for name, p in PICTURES.items()},
    "gray": encode(PICTURES["noise"].convert("L")),
    "resize": list(resizes()),
    "large": list(large()),
    "preprocess": list(preprocessed()),
    "huggingFace": list(hugging_face()),
    "oriented": {"width": 5, "height": 3, "data": encode(noise(5, 3, 2)), "cases": list(orientations())},
    "maps": list(maps()),
    "colormaps": {name: colors(name) for name in ["viridis", "cividis", "inferno", "magma"]},
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(goldens, indent=0) + "\n")
print(OUT.stat().st_size, "bytes")
