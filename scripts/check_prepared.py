"""Looks at differentiated models with ONNX's own tools: python scripts/check_prepared.py DIR

DIR is what scripts/parity_cases.py wrote, with a <file>.joined.onnx beside each <file>.onnx that the TypeScript engine made.
One JSON line a file: { name, error } with the relative L2 distance between the input gradients that ONNX Runtime for Python
and for Node (<file>.node.f32) compute, or { name, problem } with what onnx.checker (full: types and shapes too) finds wrong.
It knows no operators but the standard ones: files that ONNX Runtime optimised are only run.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def floats(path, shape):
    return np.fromfile(path, "<f4").reshape(shape)


def check(folder, case, file):
    path = (folder / file["model"]).with_suffix(".joined.onnx")
    name = f"{case['name']}/{file['model']}"
    try:
        if file["variant"] != "optimised":
            onnx.checker.check_model(str(path), full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        return {"name": name, "problem": str(error)[:500]}
    cotangent = np.zeros((1, (folder / "logits.f32").stat().st_size // 4), np.float32)
    cotangent[0, case["class"]] = 1
    feeds = {"input": floats(folder / "input.f32", case["input"]), "cotangent/logits": cotangent}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    gradient = session.run(["gradient/input"], feeds)[0]
    expected = floats((folder / file["model"]).with_suffix(".node.f32"), case["input"])
    return {"name": name, "error": float(np.linalg.norm(gradient - expected) / np.linalg.norm(expected))}


def main(root):
    for folder in sorted(path.parent for path in Path(root).glob("*/case.json")):
        case = json.loads((folder / "case.json").read_text())
        for file in case["files"]:
            print(json.dumps(check(folder, case, file)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
