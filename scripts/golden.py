"""Reference gradients by PyTorch, and how golden files write arrays.

An array is `{"shape": [...], "data": base64}`, where data is little-endian float32 in row-major order. A large one is
`{"shape", "norm", "indices": base64 of little-endian int32, "data"}`: the values at the flat indices, and the L2 norm of all.
"""

import base64
import contextlib
from unittest import mock

import numpy as np
import torch
from torch import nn


def array(values) -> dict:
    values = _numpy(values)
    return {"shape": list(values.shape), "data": base64.b64encode(values.astype("<f4").tobytes()).decode()}


def sample(values, count: int = 500, seed: int = 0) -> dict:
    values = _numpy(values)
    indices = np.sort(np.random.default_rng(seed).choice(values.size, count, replace=False))
    return {
        "shape": list(values.shape),
        "norm": float(np.linalg.norm(values)),
        "indices": base64.b64encode(indices.astype("<i4").tobytes()).decode(),
        "data": base64.b64encode(values.reshape(-1)[indices].astype("<f4").tobytes()).decode(),
    }


def _numpy(values) -> np.ndarray:
    return values.detach().double().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


_batch_norm = nn.functional.batch_norm


def _as_affine_map(x, mean, variance, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if training or mean is None:
        return _batch_norm(x, mean, variance, weight, bias, training, momentum, eps)
    scale = (variance + eps).rsqrt() * (1 if weight is None else weight)
    shift = (0 if bias is None else bias) - mean * scale
    channels = (-1, *(1,) * (x.ndim - 2))
    return x * scale.view(channels) + shift.view(channels)


def sound_batch_norms() -> contextlib.AbstractContextManager:
    """Within it, evaluating batch norms are written as the affine maps that they are.

    PyTorch 2.13's own backward on the CPU is wrong at batch 1 where the gradient comes in with the strides of a
    transposed [1, tokens, channels]: after `flatten(2).transpose(1, 2)`, so in hybrids such as LeViT.
    """
    return mock.patch("torch.nn.functional.batch_norm", _as_affine_map)


class Gradients:
    """One forward and backward run: logits, activation and gradient of the layer, gradient of the input."""

    def __init__(self, module: nn.Module, layer: nn.Module, x: torch.Tensor, cotangent: torch.Tensor):
        """cotangent: [N, ...] in the shape of the scores; their sum against it is what is differentiated."""
        kept: list[tuple[torch.Tensor, int]] = []

        def keep(_module, _inputs, output):
            kept.append((output, output._version))

        x = x.clone().requires_grad_()
        handle = layer.register_forward_hook(keep)
        try:
            with sound_batch_norms():
                self.logits = module(x)
        finally:
            handle.remove()
        self.activation, version = kept[-1]
        if self.activation._version != version:
            raise ValueError("the layer's output is overwritten in place by what follows; choose another layer")
        score = (self.logits * cotangent.to(self.logits)).sum()
        self.gradient, self.input_gradient = torch.autograd.grad(score, [self.activation, x])
        self.logits, self.activation = self.logits.detach(), self.activation.detach()

    @property
    def grad_cam(self) -> torch.Tensor:
        """[h, w]: the activations [1, C, h, w] weighted by the gradients' spatial means, after a ReLU."""
        weights = self.gradient.mean((2, 3), keepdim=True)
        return (weights * self.activation).sum(1).relu()[0]


def check_against_differences(module: nn.Module, run: Gradients, x: torch.Tensor, cotangent: torch.Tensor) -> None:
    """Raises if the input gradient is not what central differences along it say. All in float64.

    PyTorch is the reference here, and has itself been wrong (see `sound_batch_norms`).
    """
    direction = run.input_gradient / run.input_gradient.norm()
    gradient = float(run.input_gradient.norm())
    differences = []
    # Short, since deep ReLU networks bend often; longer for modules that compute in float32 whatever they are given.
    for step in (1e-9 * x.norm(), 1e-6 * x.norm()):
        with torch.no_grad():
            ahead, behind = ((module(x + s * direction) * cotangent.to(x)).sum() for s in (step, -step))
        differences.append(float((ahead - behind) / (2 * step)))
    if all(abs(difference - gradient) > 1e-3 * gradient for difference in differences):
        raise ValueError(f"the reference is wrong: gradient {gradient:g} along itself, differences say {differences}")


def relative_error(a: torch.Tensor, b: torch.Tensor) -> float:
    """L2 distance of `a` from `b`, relative to the norm of `b`."""
    return float((a.double() - b.double()).norm() / b.double().norm())
