"""Grad-CAM in PyTorch and the pointing game: does the map's maximum lie on what the answer was read off?"""

import numpy as np
import torch
from scipy import ndimage
from torch import nn
from torch.nn import functional

from .scenes import SIZE

GROWN = 4  # pixels: maps of 12 x 12 peak at the middle of cells 8 pixels wide


class Kept:
    """Keeps the last output of a module within a `with` block, as `.activation`, which then has gradients."""

    def __init__(self, layer: nn.Module):
        self.layer = layer

    def __enter__(self):
        self.handle = self.layer.register_forward_hook(self._keep)
        return self

    def __exit__(self, *_):
        self.handle.remove()

    def _keep(self, _module, _inputs, output: torch.Tensor) -> None:
        # Nothing before it asks for a gradient where the weights are frozen.
        if torch.is_grad_enabled() and not output.requires_grad:
            output.requires_grad_()
        self.activation = output


def grad_cam(activation: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
    """[N, h, w] from activations [N, C, h, w], where `score` is a sum over rows that do not depend on each other."""
    (gradient,) = torch.autograd.grad(score, activation, retain_graph=True)
    return (gradient.mean((2, 3), keepdim=True) * activation).sum(1).relu().detach()


def peaks(maps: torch.Tensor) -> list[tuple[int, int]]:
    """(y, x) of the maximum of each map [N, h, w], once it is as large as the picture."""
    large = functional.interpolate(maps[:, None], (SIZE, SIZE), mode="bilinear")[:, 0]
    return [divmod(int(index), SIZE) for index in large.flatten(1).argmax(1)]


def within(peak: tuple[int, int], mask: np.ndarray, grown: int = 0) -> bool:
    """Whether the peak is on the mask, or at most `grown` pixels from it."""
    return bool(ndimage.distance_transform_edt(~mask)[peak] <= grown)
