"""Writes the operator cases of the ONNX standard (onnx.backend.test) as files, for test/parity/node-cases.test.ts.

    python scripts/node_cases.py --out DIR [--only test_acos]

    cases.json       { onnx, onnxruntime, cases: [...], left_out: { reason: [name, ...] } }, a case being
                     { name, operators, opset, precision, inputs: [{ name, type, shape, at }], outputs: [name, ...] }
    <name>.onnx      the model
    <name>.bin       the elements of its inputs one after the other, each from byte `at` on

A case is here if it has a real number among its inputs and its outputs and ONNX Runtime runs it. Differences of
float32 are rough, so every case is made float64 where ONNX Runtime has the kernels, else float32, else left as it is;
it counts only if it still gives what the standard says. Sequences and optional tensors, which ONNX Runtime's
JavaScript API cannot feed, are put together in the graph.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import AttributeProto, TensorProto, defs, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from json_file import write_json

NEWEST_OPSET = 26  # of onnxruntime 1.30
OLDEST_OPSET = 7
NEWEST_IR = 11
REAL = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
FED = {"float16", "float32", "float64", "bool", *INTEGERS}
RANDOM = ("Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike")
PRECISIONS = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}
# Types of their own are what these are about.
KEPT = ("Cast", "CastLike", "BitCast")

Array = np.ndarray


class LeftOut(Exception):
    """Why a case is no test of gradients, or cannot be run."""


def array_of(value) -> Array:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def is_real(array) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.name in ("float16", "bfloat16", "float32", "float64")


def subgraphs(node):
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g


def nodes_in(graph):
    for node in graph.node:
        yield node
        for inner in subgraphs(node):
            yield from nodes_in(inner)


def operators_of(model) -> list[str]:
    return sorted({node.op_type for node in nodes_in(model.graph)})


def unpacked(case):
    """The case with tensors alone as inputs and outputs: the graph makes sequences and optional tensors, and takes them apart."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    graph = model.graph
    values, expected = case.data_sets[0]
    before, after, inputs, arrays = [], [], [], {}
    for info, value in zip(graph.input, values):
        kind = info.type.WhichOneof("value")
        if kind == "tensor_type":
            inputs.append(info)
            arrays[info.name] = array_of(value)
            continue
        is_optional = kind == "optional_type"
        inner = info.type.optional_type.elem_type if is_optional else info.type
        made = f"{info.name}.made" if is_optional else info.name
        if value is None:
            before.append(helper.make_node("Optional", [], [info.name], type=inner))
            continue
        if inner.WhichOneof("value") == "sequence_type":
            parts = [array_of(part) for part in value]
            names = [f"{info.name}.{index}" for index in range(len(parts))]
            if parts:
                before.append(helper.make_node("SequenceConstruct", names, [made]))
            else:
                dtype = inner.sequence_type.elem_type.tensor_type.elem_type
                before.append(helper.make_node("SequenceEmpty", [], [made], dtype=dtype))
        else:
            parts, names = [array_of(value)], [made]
        for name, part in zip(names, parts):
            dtype = helper.np_dtype_to_tensor_dtype(part.dtype)
            inputs.append(helper.make_tensor_value_info(name, dtype, part.shape))
            arrays[name] = part
        if is_optional:
            before.append(helper.make_node("Optional", [made], [info.name]))
    outputs = {}
    for info, value in zip(graph.output, expected):
        kind = info.type.WhichOneof("value")
        if kind == "tensor_type":
            outputs[info.name] = array_of(value)
        elif kind == "sequence_type" and value is not None:
            for index, part in enumerate(value):
                at, name = f"{info.name}.at{index}", f"{info.name}.{index}"
                after.append(helper.make_node("Constant", [], [at], value=numpy_helper.from_array(np.int64(index))))
                after.append(helper.make_node("SequenceAt", [info.name, at], [name]))
                outputs[name] = array_of(part)
    all_nodes = [*before, *graph.node, *after]
    del graph.node[:], graph.input[:], graph.output[:], graph.value_info[:]
    graph.node.extend(all_nodes)
    graph.input.extend(inputs)
    # What an output is, ONNX Runtime infers.
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    return model, arrays, outputs


def fix_unfed(model, arrays) -> None:
    """Inputs of types that the JavaScript API does not have become constants."""
    fixed = [info for info in model.graph.input if arrays[info.name].dtype.name not in FED]
    for info in fixed:
        array = arrays.pop(info.name)
        if array.dtype.kind in "OUS":
            raise LeftOut("an input of text")
        model.graph.initializer.append(numpy_helper.from_array(array, info.name))
        model.graph.input.remove(info)


def retyped(tensor, to):
    if tensor.data_type not in REAL:
        return tensor
    array = numpy_helper.to_array(tensor).astype(helper.tensor_dtype_to_np_dtype(to))
    return numpy_helper.from_array(array, tensor.name)


def retype_graph(graph, to) -> None:
    """Every real number in one precision."""
    def retype(kind) -> None:
        which = kind.WhichOneof("value")
        if which == "tensor_type" and kind.tensor_type.elem_type in REAL:
            kind.tensor_type.elem_type = to
        elif which in ("sequence_type", "optional_type"):
            retype(getattr(kind, which).elem_type)

    for info in (*graph.input, *graph.output, *graph.value_info):
        retype(info.type)
    constants = [retyped(tensor, to) for tensor in graph.initializer]
    del graph.initializer[:]
    graph.initializer.extend(constants)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == AttributeProto.TENSOR:
                attribute.t.CopyFrom(retyped(attribute.t, to))
            elif attribute.type == AttributeProto.TYPE_PROTO:
                retype(attribute.tp)
            elif attribute.name in ("to", "dtype", "output_datatype", "output_dtype") and attribute.i in REAL:
                attribute.i = to
            elif node.op_type == "Constant" and attribute.name in ("value_float", "value_floats"):
                numbers = attribute.f if attribute.name == "value_float" else list(attribute.floats)
                tensor = numpy_helper.from_array(np.asarray(numbers, helper.tensor_dtype_to_np_dtype(to)))
                attribute.CopyFrom(helper.make_attribute("value", tensor))
        if node.op_type == "ConstantOfShape" and not any(a.name == "value" for a in node.attribute):
            zero = numpy_helper.from_array(np.zeros(1, helper.tensor_dtype_to_np_dtype(to)))
            node.attribute.append(helper.make_attribute("value", zero))
        for inner in subgraphs(node):
            retype_graph(inner, to)


def opsets_for(model) -> list[int]:
    """
    The opset of a case, then older ones: onnxruntime lacks the newest, has kernels of some operators for old ones only,
    and inlines functions at their own alone. Operators mostly gained types; where one means something else, the
    comparison with the standard's results shows it.
    """
    own = next((entry.version for entry in model.opset_import if entry.domain == ""), 0)
    standard = [node.op_type for node in nodes_in(model.graph) if node.domain == ""]
    found, before = [], None
    for opset in range(min(own, NEWEST_OPSET), OLDEST_OPSET - 1, -1):
        try:
            versions = [defs.get_schema(op, opset, "").since_version for op in standard]
        except defs.SchemaError:
            break
        # One opset of those in which the operators are the same, and the one in which the last of them came.
        if versions != before or opset == max(versions, default=opset):
            found.append(opset)
        before = versions
    return found


def run(model, arrays) -> dict[str, Array]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, arrays)))


def agrees(found, expected) -> bool:
    """Roughly what the standard says: less than that shows a model that means something else."""
    for name, wanted in expected.items():
        if not is_real(wanted):
            continue
        result = np.asarray(found[name])
        if result.shape != wanted.shape:
            return False
        pair = result.astype(np.float64), wanted.astype(np.float64)
        if not np.allclose(*pair, rtol=0.05, atol=0.02, equal_nan=True):
            return False
    return True


def variants(model, arrays):
    """The model in each precision, the best for differences first."""
    names = () if any(op in KEPT for op in operators_of(model)) and len(model.graph.node) == 1 else PRECISIONS
    for precision in names:
        changed = onnx.ModelProto()
        changed.CopyFrom(model)
        retype_graph(changed.graph, PRECISIONS[precision])
        yield precision, changed, {n: a.astype(precision) if is_real(a) else a for n, a in arrays.items()}
    kept = onnx.ModelProto()
    kept.CopyFrom(model)
    fed = dict(arrays)
    fix_unfed(kept, fed)
    yield "as it is", kept, fed


def reason_of(error: Exception) -> str:
    text = str(error)
    for part, reason in (
        ("is not a registered function/op", "onnxruntime does not have the operator"),
        ("NOT_IMPLEMENTED", "onnxruntime has no kernel for it"),
        ("is under development and support for this is limited", "its opset is newer than onnxruntime's"),
    ):
        if part in text:
            return reason
    return "onnxruntime refuses it"


def prepared(case):
    """The first variant of a case that onnxruntime runs and that gives what the standard says."""
    model, arrays, outputs = unpacked(case)
    if not any(is_real(array) for array in arrays.values()):
        raise LeftOut("no real number goes in")
    if not any(is_real(array) for array in outputs.values()):
        raise LeftOut("no real number comes out")
    if any(entry.domain not in ("", "ai.onnx") for entry in case.model.opset_import if entry.version) and not any(
        node.domain == "" for node in case.model.graph.node
    ):
        raise LeftOut("an operator of another domain than the standard one")
    opsets = opsets_for(model)
    if not opsets:
        raise LeftOut("onnxruntime does not have the operator")
    is_random = any(op in RANDOM for op in operators_of(model))
    reason = "its opset is newer than onnxruntime's"
    for precision, changed, fed in variants(model, arrays):
        if not any(is_real(array) for array in fed.values()):
            reason = "its real numbers are of a type that the JavaScript API does not have"
            continue
        for opset in opsets:
            del changed.opset_import[:]
            changed.opset_import.append(helper.make_opsetid("", opset))
            changed.ir_version = min(case.model.ir_version, NEWEST_IR)
            try:
                found = run(changed, fed)
            except Exception as error:  # noqa: BLE001  every kind is a reason
                reason = reason_of(error)
                continue
            if is_random or agrees(found, outputs):
                kept = [name for name, value in outputs.items() if is_real(value)]
                return precision, opset, changed, fed, kept
            reason = "onnxruntime gives something else than the standard says"
    raise LeftOut(reason)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", help="names, separated by commas")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    onnxruntime.set_default_logger_severity(4)
    cases, left_out = [], defaultdict(list)
    for case in sorted(collect_testcases(None), key=lambda case: case.name):
        if options.only and case.name not in options.only.split(","):
            continue
        try:
            precision, opset, model, fed, outputs = prepared(case)
        except LeftOut as reason:
            left_out[str(reason)].append(case.name)
            continue
        data, inputs = bytearray(), []
        for name, array in fed.items():
            inputs.append({"name": name, "type": array.dtype.name, "shape": list(array.shape), "at": len(data)})
            data += np.ascontiguousarray(array).tobytes()
            data += bytes(-len(data) % 8)
        (options.out / f"{case.name}.onnx").write_bytes(model.SerializeToString())
        (options.out / f"{case.name}.bin").write_bytes(data)
        entry = {"name": case.name, "operators": operators_of(case.model), "opset": opset, "precision": precision}
        cases.append({**entry, "inputs": inputs, "outputs": outputs})
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    write_json(options.out / "cases.json", {**versions, "cases": cases, "left_out": dict(sorted(left_out.items()))})
    print(f"{len(cases)} cases, {sum(map(len, left_out.values()))} left out:")
    for reason, names in sorted(left_out.items()):
        print(f"  {len(names):4}  {reason}")


if __name__ == "__main__":
    main()
