"""What the three trainings share: the series of scenes, the optimiser, the loop, and a report a figure a line."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .scenes import Scene

TRAIN_SEED, TEST_SEED = 1, 2  # series of scenes: no test scene is ever trained on
TRAIN_SCENES, TEST_SCENES = 20_000, 1_500
REPORT = 250  # steps


@dataclass(frozen=True)
class Schedule:
    """`peak` is the learning rate after `warmup` steps, from where it falls to zero along a cosine."""

    steps: int
    batch: int = 32
    peak: float = 2e-3
    warmup: int = 150

    def rate(self, step: int) -> float:
        if step < self.warmup:
            return (step + 1) / self.warmup
        return 0.5 * (1 + math.cos(math.pi * (step - self.warmup) / (self.steps - self.warmup)))


def images_of(scenes: list[Scene]) -> torch.Tensor:
    """uint8 [scenes, 3, 96, 96]"""
    return torch.from_numpy(np.stack([scene.pixels for scene in scenes])).permute(0, 3, 1, 2).contiguous()


def normalised(images: torch.Tensor) -> torch.Tensor:
    """uint8 pixels in [-1, 1], as `PREPROCESS` says it."""
    return images.float() / 127.5 - 1


def fit(
    model: nn.Module,
    scenes: int,
    schedule: Schedule,
    loss_of: Callable[[torch.Tensor, torch.Generator], torch.Tensor],
    checkpoint: Path | None = None,
) -> None:
    """Minimises `loss_of(indices of the batch's scenes, generator)`, in bfloat16 where PyTorch deems it safe.

    checkpoint: a file written every `REPORT` steps and, where it exists, gone on from: the result is the same.
    """
    generator = torch.Generator().manual_seed(0)
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=schedule.peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule.rate)
    order, first, total, start = torch.empty(0, dtype=torch.long), 0, 0.0, time.monotonic()
    parts = {"model": model, "optimizer": optimizer, "scheduler": scheduler}
    if checkpoint and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        generator.set_state(saved["generator"])
        order, first = saved["order"], saved["step"]
    model.train()
    for step in range(first, schedule.steps):
        if len(order) < schedule.batch:
            order = torch.cat([order, torch.randperm(scenes, generator=generator)])
        indices, order = order[: schedule.batch], order[schedule.batch :]
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(indices, generator)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
        if (step + 1) % REPORT == 0:
            print(f"step {step + 1}: loss {total / REPORT:.3f}, {time.monotonic() - start:.0f} s", flush=True)
            total = 0.0
            if checkpoint:
                state = {name: part.state_dict() for name, part in parts.items()}
                torch.save(state | {"generator": generator.get_state(), "order": order, "step": step + 1}, checkpoint)
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    model.eval()
