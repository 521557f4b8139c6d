"""Random weights with healthy gradients, for comparing derivatives without any trained model.

Freshly initialised networks make poor test cases: batch norms hold no statistics, residual branches and heads start at
zero, layer scales at 1e-6, so that gradients vanish or explode and a wrong derivative would hide.
"""

import torch
from torch import nn

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def pictures(count: int, channels: int, height: int, width: int, generator: torch.Generator) -> torch.Tensor:
    """Random pictures [count, channels, height, width], about standard normal: smooth blobs under fine noise."""
    coarse = torch.randn(count, channels, 5, 5, generator=generator)
    smooth = nn.functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    return smooth + 0.3 * torch.randn(count, channels, height, width, generator=generator)


def calibrate(module: nn.Module, shape: tuple[int, int, int], seed: int, *, batch: int = 8) -> nn.Module:
    """Makes every parameter of `module` count and sets its batch-norm statistics from random pictures of `shape`.

    Returns the module in evaluation mode with gradients off for its parameters.
    """
    generator = torch.Generator().manual_seed(seed)
    module.eval()
    with torch.no_grad():
        for norm in (m for m in module.modules() if isinstance(m, (*_BATCH_NORMS, nn.LayerNorm, nn.GroupNorm))):
            if norm.weight is not None:
                # A scale of zero ends a residual branch: those stay the smaller part, as in trained networks.
                low, high = (0.6, 1.4) if norm.weight.any() else (0.2, 0.5)
                norm.weight.uniform_(low, high, generator=generator)
            if norm.bias is not None:
                norm.bias.normal_(0, 0.2, generator=generator)
        for name, parameter in module.named_parameters():
            if parameter.abs().max() < 1e-3:
                _fill(name, parameter, generator)
        _set_statistics(module, pictures(batch, *shape, generator))
    return module.requires_grad_(False)


def _fill(name: str, parameter: torch.Tensor, generator: torch.Generator) -> None:
    if name.endswith("bias"):
        parameter.normal_(0, 0.1, generator=generator)
    elif parameter.ndim >= 2 and parameter[0].numel() > 1:
        parameter.normal_(0, parameter[0].numel() ** -0.5, generator=generator)
    else:
        parameter.uniform_(0.2, 0.8, generator=generator)


def _set_statistics(module: nn.Module, batch: torch.Tensor) -> None:
    norms = [m for m in module.modules() if isinstance(m, _BATCH_NORMS)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over the batches seen
        norm.train()
    if norms:
        module(batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.eval()
