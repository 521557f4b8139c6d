"""Trains the model that answers questions about a scene, and measures it: right answers, and where Grad-CAM points."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .networks import Answerer, Trunk
from .pointing import GROWN, Kept, grad_cam, peaks, within
from .questions import TYPES, Question, questions
from .scenes import Scene, draw_many
from .training import TEST_SCENES, TEST_SEED, TRAIN_SCENES, TRAIN_SEED, Schedule, fit, images_of, normalised
from .words import ANSWERS, NAMES, NUMBERS, QUESTIONS, encode_questions

KINDS = ("pair", "groups", "any", "groups", "any")
SCHEDULE = Schedule(steps=3000)
ASKED = 6  # of the questions of a scene in a batch
WEIGHTS = {"colour": 1.0, "shape": 1.0, "exist": 1.0, "count": 2.0, "relation": 2.0}  # how likely each is asked


def draw_with_questions(seed: int, count: int) -> tuple[list[Scene], list[list[Question]]]:
    scenes = draw_many(seed, count, KINDS)
    return scenes, [questions(scene, np.random.default_rng([seed, i, 1])) for i, scene in enumerate(scenes)]


def train(
    trunk: Trunk, scenes: int = TRAIN_SCENES, schedule: Schedule = SCHEDULE, checkpoint: Path | None = None
) -> Answerer:
    """`trunk`: of the segmentation model; it is trained further. From nothing the same time does not suffice."""
    drawn, asked = draw_with_questions(TRAIN_SEED, scenes)
    images = images_of(drawn)
    most = max(map(len, asked))
    tokens = torch.zeros(len(drawn), most, QUESTIONS.length, dtype=torch.long)
    answers = torch.full((len(drawn), most), -100)
    weights = torch.zeros(len(drawn), most)
    for i, of_scene in enumerate(asked):
        tokens[i, : len(of_scene)] = torch.from_numpy(encode_questions([q.text for q in of_scene]))
        answers[i, : len(of_scene)] = torch.tensor([ANSWERS.index(q.answer) for q in of_scene])
        weights[i, : len(of_scene)] = torch.tensor([WEIGHTS[q.type] for q in of_scene])
    torch.manual_seed(0)
    model = Answerer(len(QUESTIONS.vocabulary), len(NAMES), len(NUMBERS))
    model.trunk.load_state_dict(trunk.state_dict())

    def loss(indices: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        # The largest of weight / exponential noise: drawn without replacement, in proportion to the weights.
        noise = torch.empty(len(indices), most).exponential_(generator=generator)
        slots = (weights[indices] / noise).topk(ASKED, dim=1).indices
        rows = indices[:, None]
        logits = model(normalised(images[indices]), tokens[rows, slots])
        return functional.cross_entropy(logits.flatten(0, 1), answers[rows, slots].flatten(), ignore_index=-100)

    fit(model, len(drawn), schedule, loss, checkpoint)
    return model


def evaluate(model: Answerer, scenes: int = TEST_SCENES, pointed: int = 300) -> dict:
    """Share of right answers; of `pointed` scenes' right answers, the share whose Grad-CAM peaks on what they were read off."""
    drawn, asked = draw_with_questions(TEST_SEED, scenes)
    right, points = defaultdict(list), defaultdict(list)
    for i, (scene, of_scene) in enumerate(zip(drawn, asked, strict=True)):
        tokens = torch.from_numpy(encode_questions([q.text for q in of_scene]))
        image = normalised(images_of([scene])).expand(len(of_scene), -1, -1, -1)
        with Kept(model.head.explained) as layer, torch.set_grad_enabled(i < pointed):
            logits = model(image, tokens)
        wanted = torch.tensor([ANSWERS.index(q.answer) for q in of_scene])
        correct = (logits.argmax(1) == wanted).tolist()
        for question, hit in zip(of_scene, correct, strict=True):
            right[question.type].append(hit)
        if i >= pointed:
            continue
        maps = grad_cam(layer.activation, logits.gather(1, wanted[:, None]).sum())
        for question, hit, peak in zip(of_scene, correct, peaks(maps), strict=True):
            if hit and question.things:
                mask = scene.mask(question.things)
                points[question.type].append((within(peak, mask), within(peak, mask, GROWN)))
    return {"right": _shares(right), "pointing": _shares(points)}


def _shares(by_type: dict) -> dict:
    """Means by type of question and over all; pairs are (within the mask, within the grown mask)."""
    everything = [hit for hits in by_type.values() for hit in hits]
    rows = {"all": everything, **{kind: by_type[kind] for kind in TYPES}}
    return {kind: np.round(np.mean(hits, axis=0), 4).tolist() for kind, hits in rows.items()}
