"""Trains the segmentation model, whose trunk the others go on from: which colour and shape each pixel belongs to."""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from .networks import WIDTH, Segmenter
from .scenes import COLOURS, SHAPES, Scene, draw_many
from .training import TEST_SCENES, TEST_SEED, TRAIN_SCENES, TRAIN_SEED, Schedule, fit, images_of, normalised

LABELS = ("background", *(f"{colour} {shape}" for colour in COLOURS for shape in SHAPES))
SCHEDULE = Schedule(steps=1000)


def classes_of(scenes: list[Scene]) -> torch.Tensor:
    """uint8 [scenes, 96, 96]: the index into LABELS of each pixel."""
    maps = []
    for scene in scenes:
        table = torch.tensor([0, *(LABELS.index(thing.name) for thing in scene.things)], dtype=torch.uint8)
        maps.append(table[torch.from_numpy(scene.ids).long()])
    return torch.stack(maps)


def train(
    scenes: int = TRAIN_SCENES, schedule: Schedule = SCHEDULE, checkpoint: Path | None = None
) -> Segmenter:
    drawn = draw_many(TRAIN_SEED, scenes)
    images, classes = images_of(drawn), classes_of(drawn)
    torch.manual_seed(0)
    model = Segmenter(len(LABELS))
    # The 12 x 12 maps alone have to tell the cells' middles, too: else colours stay in the larger maps, where only this model looks.
    coarse = nn.Conv2d(WIDTH, len(LABELS), 1)

    def loss(indices: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        maps = model.trunk(normalised(images[indices]))
        wanted = classes[indices].long()
        # One pixel of four, in turns: neighbours say the same, and the loss is the dearest part of a step.
        y, x = torch.randint(2, (2,), generator=generator).tolist()
        fine = functional.cross_entropy(model.decode(*maps)[..., y::2, x::2], wanted[:, y::2, x::2])
        return fine + 0.5 * functional.cross_entropy(coarse(maps[2]), wanted[:, 4::8, 4::8])

    fit(nn.ModuleList([model, coarse]), len(drawn), schedule, loss, checkpoint)
    return model


@torch.no_grad()
def evaluate(model: Segmenter, scenes: int = TEST_SCENES) -> dict:
    """Over all test pixels: accuracy, and intersection over union, averaged over the classes and for any thing at all."""
    drawn = draw_many(TEST_SEED, scenes)
    images, classes = images_of(drawn), classes_of(drawn)
    confusion = torch.zeros(len(LABELS), len(LABELS), dtype=torch.long)
    for start in range(0, len(drawn), 50):
        found = model(normalised(images[start : start + 50])).argmax(1)
        pairs = classes[start : start + 50].long() * len(LABELS) + found
        confusion += pairs.flatten().bincount(minlength=len(LABELS) ** 2).view_as(confusion)
    hits = confusion.diagonal().double()
    union = confusion.sum(0) + confusion.sum(1) - hits
    ground = confusion[1:, 1:].sum() / (confusion.sum() - confusion[0, 0])
    return {
        "pixels": float(hits.sum() / confusion.sum()),
        "meanIoU": float((hits / union).mean()),
        "worstIoU": float((hits / union).min()),
        "anyThingIoU": float(ground),
    }
