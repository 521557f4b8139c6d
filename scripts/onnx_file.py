"""Edits of an exported ONNX file: what an exporter leaves behind is removed, what saywhy reads is added.

Everything here works in place on an `onnx.ModelProto` and keeps the names of tensors and nodes, since they are the
PyTorch module paths by which people ask for a layer.
"""

import json
from collections import Counter

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

SCOPES = "pkg.torch.onnx.name_scopes"  # the dynamo exporter's module path of a node
FOLDABLE_ELEMENTS = 4096  # shape arithmetic is small; weights are left to the runtime
FLOAT16_ELEMENTS = 1024  # below this an initializer is not worth a Cast


def strip_traces(model: onnx.ModelProto) -> None:
    """Removes doc strings, stack traces and every other note of the exporting machine; module paths stay."""
    model.ClearField("doc_string")
    del model.metadata_props[:]
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("doc_string")
        kept = [p for p in part.metadata_props if p.key == SCOPES]
        del part.metadata_props[:]
        part.metadata_props.extend(kept)
    for function in model.functions:
        raise ValueError(f"the export holds the local function {function.name!r}; only flat graphs are supported")


def fold_constants(model: onnx.ModelProto) -> None:
    """Replaces nodes that depend on small constants alone by their value, such as the shape chains before a Pad."""
    graph = model.graph
    constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer if np.prod(i.dims) <= FOLDABLE_ELEMENTS}
    outputs = {o.name for o in graph.output}
    folded: dict[str, np.ndarray] = {}
    kept = []
    for node in graph.node:
        names = [name for name in node.input if name]
        subgraphs = any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute)
        random = node.op_type.startswith("Random") or node.op_type in ("Bernoulli", "Multinomial")
        if node.domain or subgraphs or random or outputs & set(node.output) or not all(n in constants for n in names):
            kept.append(node)
            continue
        values = _evaluate(node, {name: constants[name] for name in names}, model.opset_import)
        if any(value.size > FOLDABLE_ELEMENTS for value in values):
            kept.append(node)
            continue
        for name, value in zip(node.output, values, strict=True):
            constants[name] = folded[name] = value
    if len(kept) == len(graph.node):
        return
    del graph.node[:]
    graph.node.extend(kept)
    used = {name for node in kept for name in node.input}
    graph.initializer.extend(numpy_helper.from_array(v, n) for n, v in folded.items() if n in used)
    drop_unused(model)


def _evaluate(node: onnx.NodeProto, feeds: dict[str, np.ndarray], opsets) -> list[np.ndarray]:
    inputs = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in feeds.items()]
    outputs = [helper.make_tensor_value_info(n, onnx.TensorProto.UNDEFINED, None) for n in node.output]
    single = helper.make_model(helper.make_graph([node], "constant", inputs, outputs), opset_imports=list(opsets))
    return [np.asarray(value) for value in ReferenceEvaluator(single).run(None, feeds)]


def merge_pads(model: onnx.ModelProto) -> None:
    """Moves a Pad with zeros over the spatial axes into the `pads` of the Conv that alone reads it."""
    graph = model.graph
    constants = {i.name: i for i in graph.initializer}
    readers = Counter(name for node in graph.node for name in node.input)
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad" and readers[node.output[0]] == 1}
    merged = []
    for conv in graph.node:
        pad = pads.get(conv.input[0]) if conv.op_type == "Conv" else None
        if pad is None or len(pad.input) > 3 or not _pads_with_zeros(pad, constants):
            continue
        amounts = numpy_helper.to_array(constants[pad.input[1]]).tolist()
        rank = len(amounts) // 2
        if any(amounts[:2] + amounts[rank : rank + 2]) or min(amounts) < 0:
            continue
        own = next((a for a in conv.attribute if a.name == "pads"), None)
        before = list(own.ints) if own else [0] * (2 * (rank - 2))
        if own:
            conv.attribute.remove(own)
        spatial = amounts[2:rank] + amounts[rank + 2 :]
        conv.attribute.append(helper.make_attribute("pads", [a + b for a, b in zip(before, spatial, strict=True)]))
        conv.input[0] = pad.input[0]
        merged.append(pad)
    for pad in merged:
        graph.node.remove(pad)
    drop_unused(model)


def _pads_with_zeros(pad: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> bool:
    mode = next((a.s for a in pad.attribute if a.name == "mode"), b"constant")
    if mode != b"constant" or len(pad.input) < 2 or pad.input[1] not in constants:
        return False
    value = pad.input[2] if len(pad.input) > 2 else ""
    return not value or (value in constants and not numpy_helper.to_array(constants[value]).any())


def store_weights_as_float16(model: onnx.ModelProto) -> None:
    """Halves the file: float32 initializers of rank >= 2 become float16 behind a Cast, which runtimes fold at load.

    The Cast's output keeps the weight's name. Values beyond float16's range are refused rather than made infinite.
    """
    graph = model.graph
    casts = []
    for initializer in graph.initializer:
        if initializer.data_type != onnx.TensorProto.FLOAT or len(initializer.dims) < 2:
            continue
        if np.prod(initializer.dims) < FLOAT16_ELEMENTS:
            continue
        values = numpy_helper.to_array(initializer)
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise ValueError(f"weight {initializer.name!r} holds {np.abs(values).max():g}, beyond float16; keep float32")
        name = initializer.name
        initializer.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.float16"))
        casts.append(helper.make_node("Cast", [f"{name}.float16"], [name], f"{name}.cast", to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def drop_unused(model: onnx.ModelProto) -> None:
    """Removes initializers and value_info that no node refers to any more, and nodes whose results nobody reads."""
    graph = model.graph
    needed = {o.name for o in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed.update(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    produced = {name for node in kept for name in node.output}
    for field, wanted in ((graph.initializer, needed), (graph.value_info, produced)):
        entries = [entry for entry in field if entry.name in wanted]
        del field[:]
        field.extend(entries)


def set_metadata(model: onnx.ModelProto, **values) -> None:
    """Writes what saywhy reads, each as JSON under `saywhy.<name>`: labels, preprocess, task, inputs, tokenizer; None is left out."""
    for name, value in values.items():
        if value is not None:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            model.metadata_props.add(key=f"saywhy.{name}", value=text)
