"""The caption of a scene, word by word, each word with the things it speaks of.

Two different things: "a red circle left of a blue square", "an orange star above a green cross" (the axis along which they
are further apart; the left or the upper one first). Else the groups that look alike, the largest first and then from left
to right: "two red circles and a blue square". `scenes.can_be_told` says which scenes have a caption.
"""

from dataclasses import dataclass

from .scenes import Scene, groups_of
from .words import PLURALS

NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class Word:
    """role: number, colour, shape, relation or and."""

    text: str
    role: str
    things: tuple[int, ...]


def caption(scene: Scene) -> list[Word]:
    things, groups = scene.things, groups_of(scene.things)
    if len(things) == len(groups) == 2:
        beside = abs(things[0].x - things[1].x) > abs(things[0].y - things[1].y)
        first, second = sorted(groups, key=lambda group: things[group[0]].x if beside else things[group[0]].y)
        joint = [Word(text, "relation", first + second) for text in (("left", "of") if beside else ("above",))]
        return [*_phrase(scene, first), *joint, *_phrase(scene, second)]
    words = []
    for group in groups:
        if words:
            words.append(Word("and", "and", ()))
        words += _phrase(scene, group)
    return words


def _phrase(scene: Scene, group: tuple[int, ...]) -> list[Word]:
    thing = scene.things[group[0]]
    number = NUMBERS.get(len(group), "an" if thing.colour[0] in "aeiou" else "a")
    shape = thing.shape if len(group) == 1 else PLURALS[thing.shape]
    return [Word(number, "number", group), Word(thing.colour, "colour", group), Word(shape, "shape", group)]
