"""Writes the golden numbers of the test suite from PyTorch, in float64, into test/fixtures/.

    python scripts/write_goldens.py            everything
    python scripts/write_goldens.py --nets     the tiny nets alone
    python scripts/write_goldens.py --bundled  the bundled model alone

nets/<name>.<exporter>.onnx and nets/<name>.json:
    { files: [{ file, exporter, opset }], cotangent, logits, layer: { module, shape }, activation, gradient,
      inputGradient, gradCam? , noise }
nets/input.json is the input [1, 3, 32, 32] of all of them. The score is sum(logits * cotangent); gradCam stands where
the layer is a feature map [1, C, h, w]; noise is the relative L2 distance between PyTorch's float32 and float64 input
gradients, so what no float32 runtime can be asked to beat.

efficientnet-lite0.json, with the bundled file's own weights (rounded to float16):
    { layer: { tensor, shape }, pictures: [{ file, size, input, top: [{ index, logit }], classes: [{ index, logit, gradCam,
      weights, inputGradient, guidedBackprop, noise }] }] }
input is the preprocessed picture [3, 224, 224]; weights are the spatial means of the layer's gradient, [1280];
guidedBackprop is the input gradient where ReLU6 passes g * (0 < y < 6) * (g > 0).

Arrays are written as scripts/golden.py says.
"""

import argparse
import copy
import math
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image
from torch import nn

import build_models
import golden
from export_model import export
from json_file import write_json
from random_weights import calibrate, pictures
from tiny_nets import NETS

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "test" / "fixtures"
# The second picture: odd sizes, smaller than the model's input, so that it is scaled up.
SMALL_PICTURE, SMALL_SIZE = "panda-301x199.png", (301, 199)
PICTURES = {"samples/cat-and-dog.png": (235, 282), f"test/fixtures/{SMALL_PICTURE}": (388, 387)}


def apply_steps(preprocess: dict, picture: Image.Image) -> torch.Tensor:
    """[3, H, W] from a picture, as torchvision's transforms on PIL do it."""
    values = None
    for step in preprocess["steps"]:
        match step:
            case {"resize": {"shortest": shortest, "filter": name}}:
                width, height = picture.size
                long = int(shortest * max(width, height) / min(width, height))
                size = (shortest, long) if width <= height else (long, shortest)
                picture = picture.resize(size, Image.Resampling[name.upper()])
            case {"crop": [height, width]}:
                left, top = round((picture.width - width) / 2), round((picture.height - height) / 2)
                picture = picture.crop((left, top, left + width, top + height))
            case {"normalize": {"mean": mean, "std": std}}:
                values = (np.asarray(picture, dtype=np.float32) - np.float32(mean)) / np.float32(std)
    return torch.from_numpy(values).permute(2, 0, 1)


class GuidedRelu6(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        y = x.clamp(0, 6)
        context.save_for_backward(y)
        return y

    @staticmethod
    def backward(context, gradient):
        (y,) = context.saved_tensors
        return gradient * ((y > 0) & (y < 6)) * (gradient > 0)


class Guided(nn.Module):
    def forward(self, x):
        return GuidedRelu6.apply(x)


def guided(model: nn.Module) -> nn.Module:
    model = copy.deepcopy(model)
    for owner in list(model.modules()):
        for name, child in owner.named_children():
            if isinstance(child, nn.ReLU6):
                setattr(owner, name, Guided())
    return model


def picture_golden(model: nn.Module, file: str, classes: tuple[int, ...]) -> dict:
    picture = Image.open(ROOT / file).convert("RGB")
    x = apply_steps(build_models.preprocess(224), picture)[None]
    double = copy.deepcopy(model).double()
    # `forward` was bound to the original; the copy needs its own.
    build_models.flatten_head(double)
    guide = guided(double)
    build_models.flatten_head(guide)
    with torch.no_grad():
        logits = double(x.double())[0]
    values, indices = logits.topk(5)
    entries = []
    for index in classes:
        cotangent = nn.functional.one_hot(torch.tensor([index]), 1000)
        # ReLU6 is the last thing before the pooling, whose input is the last feature map.
        exact = golden.Gradients(double, double._swish, x.double(), cotangent)
        golden.check_against_differences(double, exact, x.double(), cotangent)
        single = golden.Gradients(model, model._swish, x, cotangent)
        guide_run = golden.Gradients(guide, guide._swish, x.double(), cotangent)
        entries.append(
            {
                "index": index,
                "logit": float(logits[index]),
                "gradCam": golden.array(exact.grad_cam),
                "weights": golden.array(exact.gradient.mean((2, 3))[0]),
                "inputGradient": golden.sample(exact.input_gradient[0]),
                "guidedBackprop": golden.sample(guide_run.input_gradient[0]),
                "noise": golden.relative_error(single.input_gradient, exact.input_gradient),
            }
        )
    return {
        "file": file,
        "size": list(picture.size),
        "input": golden.sample(x[0]),
        "top": [{"index": int(i), "logit": float(v)} for v, i in zip(values, indices, strict=True)],
        "classes": entries,
    }


def write_bundled() -> None:
    picture = Image.open(ROOT / "samples/panda.jpg").convert("RGB")
    picture.resize(SMALL_SIZE, Image.Resampling.LANCZOS).save(FIXTURES / SMALL_PICTURE, optimize=True)
    model = build_models.load("efficientnet-lite0")
    golden_file = {
        "layer": {"tensor": "/_swish_1/Clip_output_0", "shape": [1, 1280, 7, 7]},
        "pictures": [picture_golden(model, file, classes) for file, classes in PICTURES.items()],
    }
    write_json(FIXTURES / "efficientnet-lite0.json", golden_file)


def cotangent_for(logits: torch.Tensor) -> torch.Tensor:
    """One-hot at the top class; for a map of scores, the top class of its middle, over a box."""
    cotangent = torch.zeros_like(logits)
    if logits.ndim == 2:
        cotangent[0, logits[0].argmax()] = 1
        return cotangent
    height, width = logits.shape[2:]
    box = (slice(height // 4, height // 2), slice(width // 4, 3 * width // 4))
    cotangent[0, logits[0, :, height // 2, width // 2].argmax(), *box] = 1
    return cotangent


def write_net(name: str, x: torch.Tensor) -> None:
    builder, path, dynamo = NETS[name]
    seed = zlib.crc32(name.encode())
    torch.manual_seed(seed)
    module = calibrate(builder(), (3, 32, 32), seed)
    for head in (m for m in module.modules() if isinstance(m, nn.Linear) and m.out_features == 10):
        head.weight.mul_(math.sqrt(head.in_features))
    double = copy.deepcopy(module).double()
    cotangent = cotangent_for(module(x))
    single = golden.Gradients(module, module.get_submodule(path), x, cotangent)
    exact = golden.Gradients(double, double.get_submodule(path), x.double(), cotangent)
    golden.check_against_differences(double, exact, x.double(), cotangent)
    exporters = [("torchscript", 17), *([("dynamo", 18)] if dynamo else [])]
    files = [
        {"file": f"{name}.{exporter}.onnx", "exporter": exporter, "opset": opset} for exporter, opset in exporters
    ]
    for entry in files:
        path_out = FIXTURES / "nets" / entry["file"]
        export(module, x, path_out, exporter=entry["exporter"], opset=entry["opset"])
        scores = onnxruntime.InferenceSession(path_out).run(None, {"input": x.numpy()})[0]
        np.testing.assert_allclose(scores, exact.logits.numpy(), rtol=1e-4, atol=1e-4)
    result = {
        "files": files,
        "cotangent": golden.array(cotangent),
        "logits": golden.array(exact.logits),
        "layer": {"module": path, "shape": list(exact.activation.shape)},
        "activation": golden.array(exact.activation),
        "gradient": golden.array(exact.gradient),
        "inputGradient": golden.array(exact.input_gradient),
        "noise": golden.relative_error(single.input_gradient, exact.input_gradient),
    }
    if exact.activation.ndim == 4 and name != "swin":
        result["gradCam"] = golden.array(exact.grad_cam)
    write_json(FIXTURES / "nets" / f"{name}.json", result)
    sizes = [f"{(FIXTURES / 'nets' / f['file']).stat().st_size} bytes" for f in files]
    norms = f"|logits| {exact.logits.norm():.2g}, |dx| {exact.input_gradient.norm():.2g}, noise {result['noise']:.1g}"
    print(f"{name}: {', '.join(sizes)}; {norms}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", action="store_true")
    parser.add_argument("--bundled", action="store_true")
    arguments = parser.parse_args()
    everything = not (arguments.nets or arguments.bundled)
    (FIXTURES / "nets").mkdir(parents=True, exist_ok=True)
    if arguments.nets or everything:
        x = pictures(1, 3, 32, 32, torch.Generator().manual_seed(1))
        write_json(FIXTURES / "nets" / "input.json", golden.array(x))
        for name in NETS:
            write_net(name, x)
    if arguments.bundled or everything:
        write_bundled()


if __name__ == "__main__":
    main()
