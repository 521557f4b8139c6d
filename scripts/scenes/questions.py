"""Questions about a scene, each with its answer and the things that the answer is read off.

colour     what colour is the circle?                                the circle
shape      what shape is the red thing?                              the red thing
exist      is there a red circle? are there any stars?               those there are (none, where the answer is no)
count      how many red things are there?                            all of them
relation   what colour is the nearest thing left of the red circle?  the thing that is asked for
"""

import math
from dataclasses import dataclass

import numpy as np

from .scenes import CLEAR, COLOURS, SHAPES, Scene, Thing
from .words import PLURALS

TYPES = ("colour", "shape", "exist", "count", "relation")
SIDES = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}


@dataclass(frozen=True)
class Question:
    type: str
    text: str
    answer: str
    things: tuple[int, ...]


def questions(scene: Scene, random: np.random.Generator, each: int = 2) -> list[Question]:
    """At most `each` questions of every type; a scene may have none of some types."""
    asked = []
    for ask in (_colours, _shapes, _existence, _counts, _relations):
        found = ask(scene.things, random)
        picked = random.permutation(len(found))[:each]
        asked += [found[i] for i in sorted(picked)]
    return asked


def _pick(random: np.random.Generator, *choices: str) -> str:
    return choices[random.integers(len(choices))]


def _colour_word(random: np.random.Generator) -> str:
    return _pick(random, "colour", "colour", "color")


def _colours(things: tuple[Thing, ...], random: np.random.Generator) -> list[Question]:
    shapes = [thing.shape for thing in things]
    return [
        Question("colour", f"what {_colour_word(random)} is the {t.shape}?", t.colour, (i,))
        for i, t in enumerate(things)
        if shapes.count(t.shape) == 1
    ]


def _shapes(things: tuple[Thing, ...], random: np.random.Generator) -> list[Question]:
    colours = [thing.colour for thing in things]
    return [
        Question("shape", f"what shape is {_pick(random, f'the {t.colour} thing', t.colour)}?", t.shape, (i,))
        for i, t in enumerate(things)
        if colours.count(t.colour) == 1
    ]


def _matching(things: tuple[Thing, ...], colour: str | None, shape: str | None) -> tuple[int, ...]:
    return tuple(i for i, t in enumerate(things) if colour in (None, t.colour) and shape in (None, t.shape))


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _existence(things: tuple[Thing, ...], random: np.random.Generator) -> list[Question]:
    """One that is there and one that is not; half of the latter pair a colour and a shape that are there apart."""
    thing = things[random.integers(len(things))]
    asked = []
    for there in (True, False):
        for _ in range(50):
            colour, shape = thing.colour, thing.shape
            if not there:
                mixed = random.random() < 0.5
                colour = _pick(random, *({t.colour: 0 for t in things} if mixed else COLOURS))
                shape = _pick(random, *({t.shape: 0 for t in things} if mixed else SHAPES))
            form = random.integers(4)
            colour, shape = (colour if form != 1 else None), (shape if form != 2 else None)
            found = _matching(things, colour, shape)
            if bool(found) == there:
                break
        else:
            continue
        words = " ".join(filter(None, (colour, shape or "thing")))
        many = " ".join(filter(None, (colour, PLURALS[shape] if shape else "things")))
        text = _pick(random, f"is there {_article(words)} {words}?", f"are there any {many}?")
        asked.append(Question("exist", text, "yes" if there else "no", found))
    return asked


def _counts(things: tuple[Thing, ...], random: np.random.Generator) -> list[Question]:
    """Of what there is, and sometimes of what there is not."""
    colours, shapes = {t.colour for t in things}, {t.shape for t in things}
    looks = dict.fromkeys((t.colour, t.shape) for t in things)
    asked = [(c, None) for c in sorted(colours)] + [(None, s) for s in sorted(shapes)]
    asked += [look for look in looks if random.random() < 0.5]
    if random.random() < 0.4:
        asked.append((None, None))
    if random.random() < 0.4:
        asked.append((_pick(random, *COLOURS), _pick(random, *SHAPES)))
    found = []
    for colour, shape in asked:
        members = _matching(things, colour, shape)
        # Ones are everywhere; most are left out.
        if len(members) == 1 and random.random() < 0.6:
            continue
        words = " ".join(filter(None, (colour, PLURALS[shape] if shape else "things")))
        text = _pick(random, f"how many {words} are there?", f"how many {words}?")
        found.append(Question("count", text, str(len(members)), members))
    return found


def _relations(things: tuple[Thing, ...], random: np.random.Generator) -> list[Question]:
    """The nearest thing on one side of a thing that can be named, where sides and distances are clear."""
    names = [thing.name for thing in things]
    found = []
    for i, anchor in enumerate(things):
        if names.count(anchor.name) > 1:
            continue
        for side, (across, down) in SIDES.items():
            ahead = {
                j: across * (t.x - anchor.x) + down * (t.y - anchor.y) for j, t in enumerate(things) if j != i
            }
            there = [j for j, distance in ahead.items() if distance > 0]
            if not there or any(abs(distance) < CLEAR for distance in ahead.values()):
                continue
            away = sorted((math.hypot(things[j].x - anchor.x, things[j].y - anchor.y), j) for j in there)
            if len(away) > 1 and away[1][0] - away[0][0] < CLEAR:
                continue
            target = things[away[0][1]]
            asks_shape = random.random() < 0.5
            what = "shape" if asks_shape else _colour_word(random)
            text = f"what {what} is the nearest thing {side} the {anchor.name}?"
            found.append(Question("relation", text, target.shape if asks_shape else target.colour, (away[0][1],)))
    return found
