"""Writes test/fixtures/spatial.json: PyTorch's gradients of what samples, resizes and pools, at its kinks too.

Needs what requirements.txt lists. Every case is one ONNX operator with its inputs, and the float64 gradients of its floating-point ones.

    python scripts/write_spatial_goldens.py
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

import torchvision_ops  # noqa: F401  (first: it lets torchvision be imported)
from golden import array
from json_file import write_json
from torchvision.ops.roi_align import _roi_align

OUT = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "spatial.json"
random = np.random.default_rng(0)
cases = []


def tensor(*shape) -> torch.Tensor:
    """Seeded values that float32 holds."""
    return torch.tensor(random.normal(size=shape).astype(np.float32)).double()


def case(title, op, opset, function, inputs, constants=(), attributes=None, fixed=()) -> None:
    """`inputs` are differentiated but for those named in `fixed`; `constants` are lists of integers, by name. The order is that of the operator."""
    given = {name: value.clone().requires_grad_(name not in fixed) for name, value in inputs.items() if torch.is_tensor(value)}
    output = function(**given)
    cotangent = tensor(*output.shape)
    wanted = [name for name in given if name not in fixed]
    gradients = torch.autograd.grad(output, [given[name] for name in wanted], cotangent)
    cases.append(
        {
            "title": title,
            "op": op,
            "opset": opset,
            "attributes": attributes or {},
            "order": list(inputs),
            "inputs": {name: array(value) for name, value in given.items()},
            "integers": {name: {"shape": list(np.shape(value)), "values": np.ravel(value).tolist()} for name, value in constants},
            "cotangent": array(cotangent),
            "gradients": {name: array(gradient) for name, gradient in zip(wanted, gradients)},
        }
    )


def grid_at(height, width, aligned) -> torch.Tensor:
    """Whole positions, the ends, halves and what lies between and beyond, in both directions; sizes are powers of two (plus one) so that all are exact."""

    def places(size):
        inside = [0, 1, size - 2, size - 1, 0.25, size - 1.25]
        return inside + [-0.25, -0.75, -1, -2.25, size - 0.75, size, size + 1.75]

    def normalized(size):
        values = np.array(places(size))
        return 2 * values / (size - 1) - 1 if aligned else (2 * values + 1) / size - 1

    rows, columns = np.meshgrid(normalized(height), normalized(width), indexing="ij")
    return torch.tensor(np.stack([columns, rows], -1)[None])


def grid_samples() -> None:
    names = {"bilinear": "linear", "bicubic": "cubic", "nearest": "nearest"}
    for mode, name in names.items():
        for padding in ("zeros", "border", "reflection"):
            for aligned in (False, True):
                size = (3, 5) if aligned else (2, 4)
                attributes = {"mode": name, "padding_mode": padding, "align_corners": int(aligned)}

                def sampled(X, grid):
                    return F.grid_sample(X, grid, mode=mode, padding_mode=padding, align_corners=aligned)

                title = f"grid_sample, {mode}, {padding}, align_corners {aligned}"
                inputs = {"X": tensor(1, 2, *size), "grid": grid_at(*size, aligned)}
                case(title, "GridSample", 20, sampled, inputs, attributes=attributes)
                if mode != "bicubic":
                    inputs = {"X": tensor(2, 2, 3, 4, 2), "grid": torch.tensor(random.uniform(-1.5, 1.5, (2, 2, 3, 2, 3)).astype(np.float32)).double()}
                    case(f"{title}, volumes", "GridSample", 22, sampled, inputs, attributes=attributes)


def affine_grids() -> None:
    for size in ((2, 3, 4, 5), (2, 3, 2, 4, 5)):
        for aligned in (False, True):
            theta = tensor(2, len(size) - 2, len(size) - 1)
            case(
                f"affine_grid, {len(size) - 2} dimensions, align_corners {aligned}",
                "AffineGrid",
                20,
                lambda theta: F.affine_grid(theta, size, align_corners=aligned),
                {"theta": theta, "size": None},
                [("size", size)],
                {"align_corners": int(aligned)},
            )


def roi_aligns() -> None:
    # Within one element of the border: beyond it torchvision's Python, unlike its kernels, reads what is there.
    boxes = torch.tensor([[1.25, 1.0, 5.5, 4.5], [-0.5, -0.25, 9, 7.75], [2.25, 0.25, 3.5, 5], [0, 0, 6, 5]]).double()
    batch = [0, 1, 1, 0]
    with_batch = torch.cat([torch.tensor(batch).double()[:, None], boxes], 1)
    for aligned in (True, False):
        for ratio in (0, 2, 3):
            case(
                f"roi_align, aligned {aligned}, sampling_ratio {ratio}",
                "RoiAlign",
                16,
                lambda X, rois: _roi_align(X, with_batch, 0.75, 3, 2, ratio, aligned),
                {"X": tensor(2, 3, 6, 7), "rois": boxes, "batch": None},
                [("batch", batch)],
                {
                    "output_height": 3,
                    "output_width": 2,
                    "sampling_ratio": ratio,
                    "spatial_scale": {"float": 0.75},
                    "coordinate_transformation_mode": "half_pixel" if aligned else "output_half_pixel",
                },
                fixed=("rois",),
            )


def pools() -> None:
    for p in (1, 2, 3):
        case(
            f"lp_pool2d, {p}",
            "LpPool",
            18,
            lambda X: F.lp_pool2d(X, p, (3, 2), stride=2),
            {"X": tensor(1, 2, 5, 6).abs() + 0.1},
            attributes={"p": p, "kernel_shape": [3, 2], "strides": [2, 2]},
        )
    _, places = F.max_pool2d(tensor(2, 3, 4, 6), 2, return_indices=True)
    planes = torch.arange(6).reshape(2, 3, 1, 1) * 24
    case(
        "max_unpool2d",
        "MaxUnpool",
        11,
        lambda X: F.max_unpool2d(X, places, 2),
        {"X": tensor(2, 3, 2, 3), "I": None},
        [("I", (places + planes).numpy())],
        {"kernel_shape": [2, 2], "strides": [2, 2]},
    )
    case(
        "fold",
        "Col2Im",
        18,
        lambda X: F.fold(X, (5, 6), (2, 3), dilation=(2, 1), padding=(1, 0), stride=(1, 2)),
        {"X": tensor(2, 12, 10), "image": None, "block": None},
        [("image", [5, 6]), ("block", [2, 3])],
        {"dilations": [2, 1], "pads": [1, 0, 1, 0], "strides": [1, 2]},
    )


def resizes() -> None:
    settings = {
        "bicubic": ({"mode": "cubic", "coordinate_transformation_mode": "half_pixel"}, {"mode": "bicubic"}),
        "bicubic, align_corners": (
            {"mode": "cubic", "coordinate_transformation_mode": "align_corners"},
            {"mode": "bicubic", "align_corners": True},
        ),
        "bilinear": ({"mode": "linear", "coordinate_transformation_mode": "half_pixel"}, {"mode": "bilinear"}),
        "bilinear, antialias": ({"mode": "linear", "antialias": 1, "exclude_outside": 1}, {"mode": "bilinear", "antialias": True}),
        "bicubic, antialias": (
            {"mode": "cubic", "antialias": 1, "exclude_outside": 1, "cubic_coeff_a": {"float": -0.5}},
            {"mode": "bicubic", "antialias": True},
        ),
        "nearest": (
            {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
            {"mode": "nearest"},
        ),
        "nearest-exact": ({"mode": "nearest", "nearest_mode": "round_prefer_ceil"}, {"mode": "nearest-exact"}),
    }
    for title, (attributes, options) in settings.items():
        for size in ((9, 7), (3, 2), (8, 4)):
            case(
                f"interpolate, {title}, to {size}",
                "Resize",
                18,
                lambda X: F.interpolate(X, size, **options),
                {"X": tensor(1, 2, 5, 6), "": None, " ": None, "sizes": None},
                [("sizes", [1, 2, *size])],
                attributes,
            )


grid_samples()
affine_grids()
roi_aligns()
pools()
resizes()
for entry in cases:
    entry["order"] = [name.strip() for name in entry["order"]]
write_json(OUT, {"torch": torch.__version__.split("+")[0], "cases": cases})
