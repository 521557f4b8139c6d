"""From a trained network to the file that ships: batch norms folded, weights rounded to float16, plain ONNX with metadata."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

import onnx_file

from .networks import Placed
from .scenes import SIZE

OPSET = 17
PREPROCESS = {
    "channels": "RGB",
    "layout": "NCHW",
    "steps": [
        {"resize": {"size": [SIZE, SIZE], "filter": "box"}},
        {"normalize": {"mean": [127.5] * 3, "std": [127.5] * 3}},
    ],
}


def finish(model: nn.Module) -> nn.Module:
    """In place, to evaluation mode: what is measured afterwards is what the file computes."""
    model.eval()
    for parent in list(model.modules()):
        if isinstance(parent, Placed):
            norm = parent.norm
            parent.place.weight.data *= (norm.weight / (norm.running_var + norm.eps).sqrt())[:, None, None, None]
            _fold(parent.maps, norm)
            parent.norm = nn.Identity()
        elif isinstance(parent, nn.Sequential) and len(parent) > 1 and isinstance(parent[1], nn.BatchNorm2d):
            _fold(parent[0], parent[1])
            parent[1] = nn.Identity()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
        if parameter.ndim > 1:
            parameter.copy_(parameter.half().float())
    return model


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )


def read_weights(model: nn.Module, path: Path) -> nn.Module:
    """The model, fresh from its class, with the weights of the file that `export` wrote, in evaluation mode."""
    finish(model)
    graph = onnx.load(path).graph
    values = {i.name.removesuffix(".float16"): numpy_helper.to_array(i).astype(np.float32) for i in graph.initializer}
    # The exporter renames what it rearranges: transposed matrices, and the gates of a GRU (update, reset, hidden there).
    for node in graph.node:
        module = node.name.strip("/").rpartition("/")[0].replace("/", ".")
        if node.op_type == "MatMul" and node.input[1] in values:
            values[f"{module}.weight"] = values[node.input[1]].T
        elif node.op_type == "GRU":
            inward, recurrent, biases = (values[name][0] for name in node.input[1:4])
            parts = {"weight_ih": inward, "weight_hh": recurrent}
            parts |= dict(zip(("bias_ih", "bias_hh"), np.split(biases, 2), strict=True))
            for name, value in parts.items():
                update, reset, hidden = np.split(value, 3)
                values[f"{module}.{name}_l0"] = np.concatenate([reset, update, hidden])
    model.load_state_dict({name: torch.tensor(values[name]) for name, _ in model.named_parameters()}, strict=False)
    return model


def export(model: nn.Module, examples: dict[str, torch.Tensor], axes: dict[str, dict[int, str]], path: Path, **metadata) -> None:
    """Writes the plain forward file. examples: by the input's name, in order; axes: the dynamic ones of inputs and `logits`."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(folder) / "raw.onnx"
        torch.onnx.export(
            model,
            tuple(examples.values()),
            raw,
            dynamo=False,
            input_names=list(examples),
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=OPSET,
        )
        file = onnx.load(raw)
    onnx_file.strip_traces(file)
    onnx_file.fold_constants(file)
    onnx_file.store_weights_as_float16(file)
    _state_shapes_after(file, "GRU")
    onnx_file.set_metadata(file, preprocess=PREPROCESS, **metadata)
    onnx.checker.check_model(file, full_check=True)
    onnx.save(file, path)


def _state_shapes_after(file: onnx.ModelProto, operator: str) -> None:
    """Keeps the inferred type and shape of what these operators give, for tools that do not infer them."""
    names = {name for node in file.graph.node if node.op_type == operator for name in node.output}
    inferred = onnx.shape_inference.infer_shapes(file, strict_mode=True).graph.value_info
    file.graph.value_info.extend(info for info in inferred if info.name in names)
