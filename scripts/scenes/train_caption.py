"""Trains the captioner and measures it: captions said word for word, BLEU-4, and where the Grad-CAM of each word points."""

import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from .captions import Word, caption
from .networks import Captioner, Trunk
from .pointing import GROWN, Kept, grad_cam, peaks, within
from .scenes import Scene, draw_many
from .training import TEST_SCENES, TEST_SEED, TRAIN_SCENES, TRAIN_SEED, Schedule, fit, images_of, normalised
from .words import BEGIN, CAPTION_TOKENS, CAPTIONS, COUNTED, END, PAD

KINDS = ("pair", "groups", "groups")
SCHEDULE = Schedule(steps=4500)
WORDS = 6  # of a caption in a batch
IGNORED, FIRST, LAST = (CAPTIONS.vocabulary.index(mark) for mark in (PAD, BEGIN, END))


def draw_with_captions(seed: int, count: int) -> tuple[list[Scene], list[list[Word]]]:
    # A series of its own: the questions' scenes of the same seed come in other kinds.
    scenes = draw_many(seed + 100, count, KINDS)
    return scenes, [caption(scene) for scene in scenes]


def ids_of(words: list[Word]) -> list[int]:
    return CAPTIONS.encode(" ".join(word.text for word in words))


def train(
    trunk: Trunk, scenes: int = TRAIN_SCENES, schedule: Schedule = SCHEDULE, checkpoint: Path | None = None
) -> Captioner:
    """`trunk`: of the model that answers questions; it is trained further. Every word is predicted from the right words before it."""
    drawn, captions = draw_with_captions(TRAIN_SEED, scenes)
    images = images_of(drawn)
    most = max(map(len, captions)) + 1
    tokens = torch.full((len(drawn), most + 1), IGNORED)
    for i, words in enumerate(captions):
        ids = torch.tensor([FIRST, *ids_of(words), LAST])
        tokens[i, : len(ids)] = ids
    torch.manual_seed(0)
    model = Captioner(len(CAPTIONS.vocabulary) - len(COUNTED), len(COUNTED))
    model.trunk.load_state_dict(trunk.state_dict())

    def loss(indices: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        rows = tokens[indices]
        following = rows[:, 1:]
        states = model.reader(model.words(rows[:, :-1]))[0]
        # A few words of each caption: reading is cheap, looking is not. The first is always one: how many there are of what is most.
        noise = torch.rand(following.shape, generator=generator) + (following == IGNORED)
        noise[:, 0] = 0
        picked = noise.topk(WORDS, dim=1, largest=False).indices
        states = states.gather(1, picked[..., None].expand(-1, -1, states.shape[2]))
        logits = model.head(model.trunk(normalised(images[indices]))[2], states)
        return functional.cross_entropy(logits.flatten(0, 1), following.gather(1, picked).flatten(), ignore_index=IGNORED)

    fit(model, len(drawn), schedule, loss, checkpoint)
    return model


@torch.no_grad()
def say(model: Captioner, image: torch.Tensor) -> list[int]:
    """Greedily, the ids without marks. image: [1, 3, 96, 96] in [-1, 1]."""
    tokens = [FIRST]
    while len(tokens) < CAPTION_TOKENS:
        following = int(model(image, torch.tensor([tokens]))[0, -1].argmax())
        if following == LAST:
            break
        tokens.append(following)
    return tokens[1:]


def bleu4(said: list[list[int]], meant: list[list[int]]) -> float:
    """Of the whole corpus, one reference each (Papineni et al. 2002)."""
    logs = 0.0
    for n in range(1, 5):
        hits = total = 0
        for ours, theirs in zip(said, meant, strict=True):
            mine, other = (Counter(tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)) for ids in (ours, theirs))
            hits += sum((mine & other).values())
            total += sum(mine.values())
        if not hits:
            return 0.0
        logs += math.log(hits / total) / 4
    ours, theirs = sum(map(len, said)), sum(map(len, meant))
    return math.exp(logs + min(0.0, 1 - theirs / ours))


def evaluate(model: Captioner, scenes: int = TEST_SCENES, pointed: int = 300) -> dict:
    """Exact captions and BLEU-4; in `pointed` scenes with the right caption, where each word's Grad-CAM peaks, by its role."""
    drawn, captions = draw_with_captions(TEST_SEED, scenes)
    meant = [ids_of(words) for words in captions]
    said, exact, points = [], defaultdict(list), defaultdict(list)
    for i, (scene, words) in enumerate(zip(drawn, captions, strict=True)):
        image = normalised(images_of([scene]))
        said.append(say(model, image))
        kind = "pair" if any(word.role == "relation" for word in words) else "groups"
        exact[kind].append(said[i] == meant[i])
        if i >= pointed or said[i] != meant[i]:
            continue
        tokens = torch.tensor([[FIRST, *meant[i][:-1]]])
        with Kept(model.head.explained) as layer:
            logits = model(image, tokens)[0]
        # A row of the explained map is a word's own, so one backward run serves them all.
        maps = grad_cam(layer.activation, logits.gather(1, torch.tensor(meant[i])[:, None]).sum())
        everything = scene.mask(tuple(range(len(scene.things))))
        points["caption"].append(_hits(peaks(maps.sum(0, keepdim=True))[0], everything))
        for word, peak in zip(words, peaks(maps), strict=True):
            if word.things:
                points[word.role].append(_hits(peak, scene.mask(word.things)))
    every = [hit for hits in exact.values() for hit in hits]
    return {
        "exact": {"all": float(np.mean(every)), **{kind: float(np.mean(hits)) for kind, hits in exact.items()}},
        "bleu4": bleu4(said, meant),
        "pointing": {role: np.round(np.mean(hits, axis=0), 4).tolist() for role, hits in points.items()},
    }


def _hits(peak: tuple[int, int], mask: np.ndarray) -> tuple[bool, bool]:
    """Within the mask, within the grown mask."""
    return within(peak, mask), within(peak, mask, GROWN)
