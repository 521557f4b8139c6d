"""Exports a PyTorch classifier to a plain forward ONNX file with labels and preprocessing in its metadata.

    python scripts/export_model.py timm:resnet18 --pretrained --out resnet18.onnx
    python scripts/export_model.py torchvision:mobilenet_v2 --out mobilenet.onnx --exporter dynamo --fp16-weights

saywhy derives the gradients from the plain file, so nothing more is needed. In your own code:

    from export_model import export
    export(model, torch.zeros(1, 3, 224, 224), "mine.onnx", labels=["cat", "dog"])
"""

import argparse
import json
import math
import os
import tempfile
import warnings
from pathlib import Path

import onnx
import torch

import onnx_file

EXPORTERS = ("torchscript", "dynamo")


def export(
    module: torch.nn.Module,
    example_input: torch.Tensor,
    path: str | os.PathLike,
    *,
    labels: list[str] | None = None,
    preprocess: dict | None = None,
    exporter: str = "torchscript",
    opset: int | None = None,
    fp16_weights: bool = False,
    dynamic_batch: bool = True,
) -> onnx.ModelProto:
    """Writes `module` to `path` as ONNX, in evaluation mode, with the input `input` and the output `logits`.

    example_input: [N, C, H, W] (or what the module takes); sizes other than the batch become fixed.
    labels: one name a class; preprocess: the ordered steps that saywhy documents.
    opset: 17 by default for torchscript, 18 for dynamo. The dynamo exporter writes 18 or later whatever it is asked
    for, so an opset that was not obtained is a ValueError.
    fp16_weights: stores weights as float16 behind a Cast (half the size; the computation stays float32).
    Returns the model as written.
    """
    if exporter not in EXPORTERS:
        raise ValueError(f"exporter {exporter!r} is unknown; use one of {', '.join(EXPORTERS)}")
    opset = opset or (17 if exporter == "torchscript" else 18)
    training = module.training
    module.eval()
    fastpath = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one fused operator that has no ONNX counterpart
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(folder) / "raw.onnx"
        names = {"input_names": ["input"], "output_names": ["logits"], "opset_version": opset}
        if exporter == "torchscript":
            axes = {"input": {0: "batch"}, "logits": {0: "batch"}} if dynamic_batch else None
            torch.onnx.export(module, (example_input,), raw, dynamo=False, dynamic_axes=axes, **names)
        else:
            # A batch of 1 would be specialised to a constant.
            example = torch.cat([example_input] * 2) if dynamic_batch and len(example_input) == 1 else example_input
            shapes = ({0: torch.export.Dim("batch")},) if dynamic_batch else None
            torch.onnx.export(
                module, (example,), raw, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False, **names
            )
        model = onnx.load(raw)
    torch.backends.mha.set_fastpath_enabled(fastpath)
    module.train(training)

    obtained = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    if obtained != opset:
        raise ValueError(f"asked the {exporter} exporter for opset {opset} and got {obtained}; ask for {obtained}")
    onnx_file.strip_traces(model)
    onnx_file.fold_constants(model)
    onnx_file.merge_pads(model)
    if fp16_weights:
        onnx_file.store_weights_as_float16(model)
    onnx_file.set_metadata(model, labels=labels, preprocess=preprocess)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    return model


def preprocess_steps(*, size: int, shortest: int, filter: str, mean, std) -> dict:
    """The usual evaluation transform: resize the shortest side, crop the centre, scale to 0..1, normalise."""
    return {
        "channels": "RGB",
        "layout": "NCHW",
        "steps": [
            {"resize": {"shortest": shortest, "filter": filter}},
            {"crop": [size, size]},
            {"rescale": 1 / 255},
            {"normalize": {"mean": list(mean), "std": list(std)}},
        ],
    }


def imagenet_labels() -> list[str]:
    """The 1000 class names of ImageNet, as torchvision ships them."""
    import torchvision_ops  # noqa: F401
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return list(_IMAGENET_CATEGORIES)


def load(name: str, *, pretrained: bool = False, size: int | None = None):
    """`timm:<name>` or `torchvision:<name>` as (module, input size [C, H, W], preprocess)."""
    import torchvision_ops  # noqa: F401

    library, _, architecture = name.rpartition(":")
    if library not in ("", "timm", "torchvision"):
        raise ValueError(f"unknown library {library!r} in {name!r}; use timm:<name> or torchvision:<name>")
    if library == "torchvision":
        from torchvision import models

        weights = models.get_model_weights(architecture).DEFAULT if pretrained else None
        transforms = models.get_model_weights(architecture).DEFAULT.transforms()
        module = models.get_model(architecture, weights=weights)
        side = size or transforms.crop_size[0]
        shortest = round(side * transforms.resize_size[0] / transforms.crop_size[0])
        steps = preprocess_steps(
            size=side,
            shortest=shortest,
            filter=transforms.interpolation.value,
            mean=transforms.mean,
            std=transforms.std,
        )
        return module, (3, side, side), steps

    import timm

    module = timm.create_model(architecture, pretrained=pretrained)
    config = timm.data.resolve_model_data_config(module)
    channels, side = config["input_size"][0], size or config["input_size"][1]
    steps = preprocess_steps(
        size=side,
        shortest=math.floor(side / config["crop_pct"]),
        filter=config["interpolation"],
        mean=config["mean"],
        std=config["std"],
    )
    return module, (channels, side, side), steps


def read_labels(path: str) -> list[str]:
    """A JSON array of names, or one name a line."""
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(text) if text.lstrip().startswith("[") else text.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="timm:<name> or torchvision:<name>")
    parser.add_argument("--out", required=True, help="the ONNX file to write")
    parser.add_argument("--exporter", choices=EXPORTERS, default="torchscript")
    parser.add_argument("--opset", type=int, help="default 17 for torchscript, 18 for dynamo")
    parser.add_argument("--fp16-weights", action="store_true", help="store weights as float16 behind a Cast")
    parser.add_argument("--labels", help="a JSON array of names or one name a line; ImageNet's for 1000 classes")
    parser.add_argument("--pretrained", action="store_true", help="fetch the library's own weights")
    parser.add_argument("--size", type=int, help="height and width of the input in pixels")
    arguments = parser.parse_args()

    module, shape, steps = load(arguments.model, pretrained=arguments.pretrained, size=arguments.size)
    example = torch.zeros(1, *shape)
    labels = read_labels(arguments.labels) if arguments.labels else None
    if labels is None and arguments.pretrained and module.eval()(example).shape[-1] == 1000:
        labels = imagenet_labels()
    export(
        module,
        example,
        arguments.out,
        labels=labels,
        preprocess=steps,
        exporter=arguments.exporter,
        opset=arguments.opset,
        fp16_weights=arguments.fp16_weights,
    )
    print(f"{arguments.out}: {Path(arguments.out).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
