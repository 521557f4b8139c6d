"""Writes samples/scenes/: pictures to try the models on, their masks, captions and questions.

NAME.png            the picture, each of its 96 x 96 pixels drawn 4 x 4
masks/NAME.png      the same size, grey: 0 is the ground, k the pixels of the k-th thing
scenes.json         { scenes: [{ file, mask, things: [{ colour, shape, box }], caption: { text, words: [{ text, role, things }] },
                    questions: [{ type, text, answer, things }] }] }
box is [left, top, right, bottom] in pixels of the picture, right and bottom beyond the last; things are indices.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from json_file import write_json

from .captions import caption
from .questions import Question, questions
from .scenes import Scene, draw

FOLDER = Path(__file__).resolve().parents[2] / "samples" / "scenes"
SEED = 3  # a series that nothing is trained or tested on
TIMES = 4
# By name: index in the series and kind; picked by eye.
PICKED = {
    "star-and-circle": (18, "pair"),
    "triangle-above-star": (0, "pair"),
    "two-crosses": (25, "groups"),
    "round-between-triangles": (2, "groups"),
    "stars-and-triangles": (14, "groups"),
    "one-star-differs": (30, "groups"),
    "squares-on-checks": (34, "groups"),
    "three-apart": (38, "any"),
    "crosses-and-squares": (11, "groups"),
    "five-circles": (31, "groups"),
    "alike-in-parts": (41, "groups"),
    "star-and-circles": (22, "any"),
}


def scene(name: str) -> Scene:
    index, kind = PICKED[name]
    return draw(SEED, index, kind)


def asked(name: str) -> list[Question]:
    return questions(scene(name), np.random.default_rng([SEED, PICKED[name][0], 1]), each=1)


def build() -> None:
    (FOLDER / "masks").mkdir(parents=True, exist_ok=True)
    entries = []
    for name in PICKED:
        drawn = scene(name)
        for folder, pixels in ((FOLDER, drawn.pixels), (FOLDER / "masks", drawn.ids)):
            _enlarged(pixels).save(folder / f"{name}.png", optimize=True)
        words = caption(drawn)
        entries.append(
            {
                "file": f"{name}.png",
                "mask": f"masks/{name}.png",
                "things": [
                    {"colour": thing.colour, "shape": thing.shape, "box": _box(drawn.ids == i + 1)}
                    for i, thing in enumerate(drawn.things)
                ],
                "caption": {
                    "text": " ".join(word.text for word in words),
                    "words": [{"text": w.text, "role": w.role, "things": list(w.things)} for w in words],
                },
                "questions": [
                    {"type": q.type, "text": q.text, "answer": q.answer, "things": list(q.things)} for q in asked(name)
                ],
            }
        )
    write_json(FOLDER / "scenes.json", {"scenes": entries})


def _enlarged(pixels: np.ndarray) -> Image.Image:
    picture = Image.fromarray(pixels)
    return picture.resize((picture.width * TIMES, picture.height * TIMES), Image.Resampling.NEAREST)


def _box(mask: np.ndarray) -> list[int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return [int(v) * TIMES for v in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)]
