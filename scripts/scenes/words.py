"""Words to token ids and back: a closed vocabulary, lower case, a fixed length padded on one side.

`saywhy.tokenizer` in a model's metadata is `specification()`; docs/prepared-format.md says what each field means.
"""

import re
from dataclasses import dataclass

import numpy as np

from .scenes import COLOURS, SHAPES

PLURALS = {shape: "crosses" if shape == "cross" else f"{shape}s" for shape in SHAPES}
PATTERN = "[a-z0-9]+"
PAD, BEGIN, END = "<pad>", "<begin>", "<end>"


@dataclass(frozen=True)
class Tokenizer:
    """length: of a padded text, None where texts keep their own length; marks: whether texts begin and end with a token."""

    vocabulary: tuple[str, ...]
    length: int | None = None
    marks: bool = False

    def encode(self, text: str) -> list[int]:
        """The ids of the words of `text`, without padding or marks. Raises ValueError for a word it does not know."""
        words = re.findall(PATTERN, text.lower())
        unknown = [word for word in words if word not in self.vocabulary]
        if unknown:
            raise ValueError(f"unknown word {unknown[0]!r} in {text!r}; the words are {', '.join(self.vocabulary)}")
        return [self.vocabulary.index(word) for word in words]

    def pad(self, ids: list[int]) -> list[int]:
        """On the left, so that the last token is always the last word."""
        if len(ids) > self.length:
            raise ValueError(f"{len(ids)} tokens do not fit into {self.length}")
        return [self.vocabulary.index(PAD)] * (self.length - len(ids)) + ids

    def decode(self, ids) -> str:
        return " ".join(self.vocabulary[i] for i in ids if not self.vocabulary[i].startswith("<"))

    def specification(self, feeds: str) -> dict:
        """`feeds`: the model's input that takes the ids."""
        spec = {"input": feeds, "lowercase": True, "vocabulary": {word: i for i, word in enumerate(self.vocabulary)}}
        if self.length:
            spec |= {"length": self.length, "padding": "left", "pad": self.vocabulary.index(PAD)}
        if self.marks:
            spec |= {"begin": self.vocabulary.index(BEGIN), "end": self.vocabulary.index(END)}
        return spec


_questions = (
    "what which is are there a an any the how many thing things nearest left right of above below shape colour color"
)
NAMES = (*COLOURS, *SHAPES, "yes", "no")
NUMBERS = tuple(map(str, range(6)))
ANSWERS = NAMES + NUMBERS
QUESTIONS = Tokenizer((PAD, *_questions.split(), *COLOURS, *SHAPES, *PLURALS.values()), length=12)
COUNTED = ("a", "an", "two", "three", "four", "five")
CAPTIONS = Tokenizer(
    (PAD, BEGIN, END, "and", "left", "of", "above", *COLOURS, *SHAPES, *PLURALS.values(), *COUNTED),
    marks=True,
)
CAPTION_TOKENS = 16  # the most that are decoded; the longest caption takes 11 and the two marks


def encode_questions(texts: list[str]) -> np.ndarray:
    """int64 [texts, 12]"""
    return np.array([QUESTIONS.pad(QUESTIONS.encode(text)) for text in texts], np.int64)
