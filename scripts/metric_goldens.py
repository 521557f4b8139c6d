"""Writes test/fixtures/metrics/goldens.json: what independent implementations say of one map, one mask and one tiny net.

    python scripts/metric_goldens.py

The map is [32, 32] from 0 to 1; the net is test/fixtures/nets/plain.torchscript.onnx, run by ONNX Runtime, asked about one class with the
input of all tiny nets. From pytorch-grad-cam: noisy linear imputation (without its noise), ROAD, increase in confidence. From torchcam:
average drop and increase. From SciPy and scikit-image: distances, segments, boxes, entropy, rank correlation, the Gaussian. The Gini index is
Quantus's formula. Arrays are written as scripts/golden.py says.
"""

import base64
import contextlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import scipy.ndimage
import scipy.stats
import skimage.measure
import torch
import torchvision_ops  # noqa: F401  isort: skip  before pytorch_grad_cam, which imports torchvision
from pytorch_grad_cam.metrics.cam_mult_image import IncreaseInConfidence
from pytorch_grad_cam.metrics.perturbation_confidence import (
    PerturbationConfidenceMetric,
    RemoveLeastRelevantFirst,
    RemoveMostRelevantFirst,
)
from pytorch_grad_cam.metrics.road import NoisyLinearImputer
from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
from torch import nn
from torchcam.metrics import ClassificationMetric

import golden
from json_file import write_json

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "fixtures"
NET = FIXTURES / "nets" / "plain.torchscript.onnx"
SIZE = 32
STEPS = 16
SHARES = (25, 50, 75)
BLUR = 1  # pixels: 5 of 224


class Net(nn.Module):
    """The ONNX file as a module without gradients."""

    def __init__(self):
        super().__init__()
        self.session = onnxruntime.InferenceSession(NET)
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        outputs = [self.session.run(["logits"], {"input": one[None].numpy().astype(np.float32)})[0] for one in x.detach()]
        return torch.from_numpy(np.concatenate(outputs))


class GivenMap:
    """What torchcam takes for an extractor."""

    def __init__(self, model, cam):
        self.model = model
        self.cam = torch.from_numpy(cam)[None].float()

    def __call__(self, *_args, **_kwargs):
        return [self.cam]

    def fuse_cams(self, cams):
        return cams[0]

    def _hooks_off(self):
        return contextlib.nullcontext()


def smooth_map(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random((SIZE, SIZE))
    values = scipy.ndimage.gaussian_filter(noise, 2.5, mode="nearest")
    # Cut in the middle, so that there are segments; tiny noise, so that no two places are alike.
    values = np.maximum(values - np.quantile(values, 0.45), 0) + 1e-4 * noise
    values -= values.min()
    return (values / values.max()).astype(np.float32)


def two_masks() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.hypot(x - 20.3, y - 10.1) < 6.2, (x >= 3) & (x < 12) & (y >= 16) & (y < 27)


def gini(values: np.ndarray) -> float:
    """As Quantus has it."""
    a = np.sort(values.ravel().astype(np.float64) + 1e-12)
    index = np.arange(1, a.size + 1)
    return float(((2 * index - a.size - 1) * a).sum() / (a.size * a.sum()))


def of_map(cam: np.ndarray, mask: np.ndarray, other: np.ndarray) -> dict:
    strong = cam >= 0.15 * cam.max()
    labels = skimage.measure.label(strong, connectivity=2)
    largest = max(skimage.measure.regionprops(labels), key=lambda region: region.area)
    wanted = skimage.measure.regionprops(mask.astype(int))[0].bbox
    union = (cam >= 0.2 * cam.max()) | mask
    peak = np.unravel_index(cam.argmax(), cam.shape)
    own, beside = cam[mask].mean(), cam[other].mean()
    p = cam.ravel().astype(np.float64) / cam.sum(dtype=np.float64)
    return {
        "distances": [float(scipy.ndimage.distance_transform_edt(~area)[peak]) for area in (mask, other)],
        "energy": float(cam[mask].sum() / cam.sum()),
        "ratio": float(cam[mask].mean() / cam[~mask].mean()),
        "segments": int(labels.max()),
        "box": [int(v) for v in np.array(largest.bbox)[[1, 0, 3, 2]]],
        "largest": int(largest.area),
        "maskBox": [int(v) for v in np.array(wanted)[[1, 0, 3, 2]]],
        "iou": float(((cam >= 0.2 * cam.max()) & mask).sum() / union.sum()),
        "discrimination": float(own / (own + beside)),
        "entropy": float(scipy.stats.entropy(p)),
        "gini": gini(cam),
    }


def walk(net: Net, start: np.ndarray, end: np.ndarray, cam: np.ndarray, index: int) -> dict:
    order = np.argsort(-cam.ravel(), kind="stable")
    curve = []
    for step in range(STEPS + 1):
        places = order[: round(step / STEPS * order.size)]
        changed = start.reshape(3, -1).copy()
        changed[:, places] = end.reshape(3, -1)[:, places]
        logits = net(torch.from_numpy(changed.reshape(1, 3, SIZE, SIZE)))
        curve.append(float(torch.softmax(logits.double(), 1)[0, index]))
    return {"curve": curve, "area": float(np.trapezoid(curve, dx=1 / STEPS))}


def of_net(cam: np.ndarray, x: np.ndarray) -> dict:
    net = Net()
    logits = net(torch.from_numpy(x)[None])
    index = int(logits[0].argmax())
    target = [ClassifierOutputSoftmaxTarget(index)]
    batch, cams = torch.from_numpy(x)[None], cam[None]
    blurred = np.stack([scipy.ndimage.gaussian_filter(c, BLUR, mode="nearest", radius=BLUR) for c in x.astype(np.float64)])

    metric = ClassificationMetric(GivenMap(net, cam), lambda scores: torch.softmax(scores, -1))
    metric.update(batch, index)
    summary = metric.summary()

    road, filled = [], {}
    for share in SHARES:
        scores = {}
        for name, remove in (("morf", RemoveMostRelevantFirst), ("lerf", RemoveLeastRelevantFirst)):
            measure = PerturbationConfidenceMetric(remove(100 - share, NoisyLinearImputer(noise=0)))
            change, pictures = measure(batch, cams, target, net, return_visualization=True)
            scores[name] = float(change[0])
            filled[f"{name}{share}"] = golden.sample(pictures[0].numpy(), 200)
        road.append((scores["lerf"] - scores["morf"]) / 2)
    return {
        "index": index,
        "probability": float(torch.softmax(logits.double(), 1)[0, index]),
        "drop": float(summary["avg_drop"]),
        "increase": float(summary["conf_increase"]),
        "increaseOfGradCam": float(IncreaseInConfidence()(batch, cams, target, net)[0]),
        "insertion": walk(net, blurred.astype(np.float32), x, cam, index),
        "deletion": walk(net, x, np.zeros_like(x), cam, index),
        "road": road,
        "filled": filled,
    }


def main() -> None:
    stored = json.loads((FIXTURES / "nets" / "input.json").read_text())
    x = np.frombuffer(base64.b64decode(stored["data"]), "<f4").reshape(3, SIZE, SIZE).copy()
    cam, (mask, other) = smooth_map(3), two_masks()
    second = smooth_map(4)
    (FIXTURES / "metrics").mkdir(exist_ok=True)
    write_json(
        FIXTURES / "metrics" / "goldens.json",
        {
            "map": golden.array(cam),
            "second": golden.array(second),
            "spearman": float(scipy.stats.spearmanr(cam.ravel(), second.ravel()).statistic),
            **of_map(cam, mask, other),
            "net": of_net(cam, x),
        },
    )


if __name__ == "__main__":
    main()
