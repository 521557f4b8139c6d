"""What a case of the live comparison is: an architecture, its size, its layers; and the files that are made of each.

Every architecture is exported by one of EXPORTS and then left as it is, optimised by ONNX Runtime or folded (VARIANTS):
one of the combinations in a run of the suite, another when the engine changes; all of them on demand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

import torchvision_ops  # noqa: F401

import timm  # isort: skip
from torchvision import models  # isort: skip

CLASSES = 50
EXPORTS = (("torchscript", 13), ("dynamo", 18), ("torchscript", 17), ("dynamo", 21), ("dynamo", 23))
VARIANTS = ("plain", "optimised", "folded")
# What the TorchScript exporter says at opset 13 of attention as one function, and of weights that batch norms standardise.
NO_ATTENTION = {"torchscript 13": "Support for this operator was added in version 14"}
NO_STANDARDISED_WEIGHTS = {"torchscript 13": "Unable to find output name"}


@dataclass(frozen=True)
class Case:
    """layer: module path in the middle.

    cam: module path of what saywhy's `auto` layer has to be: the last result whose places the score depends on.
    tokens: where that is [N, T, C], how many of the T stand before the patches; "NHWC" or "NCHW" otherwise.
    without: what an exporter, or an exporter at an opset, says when it fails on the architecture itself; or ONNX Runtime
    of a variant that it wrote and does not load, or not with gradients: its names are not unique.
    """

    build: Callable[[], nn.Module]
    size: int
    layer: str
    cam: str | None = None
    tokens: int | str = "NCHW"
    dynamic_batch: bool = True
    without: Mapping[str, str] = field(default_factory=dict)

    def reason(self, exporter: str, opset: int) -> str | None:
        """What the exporter says where it fails on this architecture."""
        return self.without.get(exporter) or self.without.get(f"{exporter} {opset}")

    @property
    def files(self) -> list[tuple[str, int, str]]:
        """Every (exporter, opset, variant) that there is of it."""
        exports = [export for export in EXPORTS if self.reason(*export) is None]
        return [(*export, variant) for variant in VARIANTS if variant not in self.without for export in exports]

    def as_map(self, values: torch.Tensor) -> torch.Tensor:
        """[N, C, h, w] of what the module `cam` gives."""
        if self.tokens == "NCHW":
            return values
        if self.tokens == "NHWC":
            return values.permute(0, 3, 1, 2)
        patches = values[:, self.tokens :].transpose(1, 2)
        side = round(patches.shape[-1] ** 0.5)
        return patches.unflatten(-1, (side, side))


def vision(name: str, **options) -> Callable[[], nn.Module]:
    return lambda: models.get_model(name, weights=None, num_classes=CLASSES, **options)


def timm_model(name: str, **options) -> Callable[[], nn.Module]:
    return lambda: timm.create_model(name, num_classes=CLASSES, exportable=True, **options)


class Scores(nn.Module):
    """A network with what makes one row of scores of its output."""

    def __init__(self, network: nn.Module, scores: Callable[[object], torch.Tensor]):
        super().__init__()
        self.network = network
        self.scores = scores

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scores(self.network(x))
