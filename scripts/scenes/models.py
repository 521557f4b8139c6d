"""The three models by name: how each is made, trained, measured and written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from . import train_caption, train_segmentation, train_vqa
from .exporting import export, read_weights
from .networks import Answerer, Captioner, Segmenter
from .scenes import SIZE
from .words import ANSWERS, CAPTION_TOKENS, CAPTIONS, COUNTED, NAMES, NUMBERS, QUESTIONS

MODELS = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True)
class Recipe:
    """start: the model whose trunk it is trained from; layer: module path of the explained map; texts: example ids by input name; axes: dynamic ones beside the batch."""

    make: Callable[[], nn.Module]
    train: Callable[..., nn.Module]
    evaluate: Callable[[nn.Module], dict]
    layer: str
    metadata: dict
    start: str | None = None
    texts: dict[str, torch.Tensor] = field(default_factory=dict)
    axes: dict[str, dict[int, str]] = field(default_factory=dict)


def _inputs(**texts: str) -> dict:
    return {"image": {"kind": "image"}, **{name: {"kind": kind} for name, kind in texts.items()}}


RECIPES = {
    "scenes-segmentation": Recipe(
        make=lambda: Segmenter(len(train_segmentation.LABELS)),
        train=train_segmentation.train,
        evaluate=train_segmentation.evaluate,
        layer="merge2",
        metadata={
            "task": "image-segmentation",
            "inputs": _inputs(),
            "labels": train_segmentation.LABELS,
        },
    ),
    "scenes-vqa": Recipe(
        make=lambda: Answerer(len(QUESTIONS.vocabulary), len(NAMES), len(NUMBERS)),
        train=train_vqa.train,
        start="scenes-segmentation",
        evaluate=train_vqa.evaluate,
        layer="head.explained",
        metadata={
            "task": "visual-question-answering",
            "inputs": _inputs(question="text"),
            "labels": ANSWERS,
            "tokenizer": QUESTIONS.specification("question"),
        },
        texts={"question": torch.zeros(1, QUESTIONS.length, dtype=torch.long)},
    ),
    "scenes-caption": Recipe(
        make=lambda: Captioner(len(CAPTIONS.vocabulary) - len(COUNTED), len(COUNTED)),
        train=train_caption.train,
        start="scenes-vqa",
        evaluate=train_caption.evaluate,
        layer="head.merged",
        metadata={
            "task": "image-to-text",
            "inputs": _inputs(tokens="caption"),
            "labels": CAPTIONS.vocabulary,
            "tokenizer": CAPTIONS.specification("tokens") | {"maximum": CAPTION_TOKENS},
        },
        texts={"tokens": torch.ones(1, 4, dtype=torch.long)},
        axes={"tokens": {1: "length"}, "logits": {1: "length"}},
    ),
}


def write(name: str, model: nn.Module, path: Path) -> None:
    """The plain forward file of a model that `exporting.finish` has been through."""
    recipe = RECIPES[name]
    examples = {"image": torch.zeros(1, 3, SIZE, SIZE), **recipe.texts}
    axes = {tensor: {0: "batch"} | recipe.axes.get(tensor, {}) for tensor in (*examples, "logits")}
    export(model, examples, axes, path, **recipe.metadata)


def read(name: str) -> nn.Module:
    """The network with the weights of the file in models/, plain or prepared."""
    return read_weights(RECIPES[name].make(), MODELS / f"{name}.onnx")
