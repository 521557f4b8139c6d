"""The cards of the three models, models/scenes-*.md, and their lines in the manifest, from their figures in models/scenes.json."""

from collections.abc import Callable
from dataclasses import dataclass

from . import train_caption, train_segmentation, train_vqa
from .scenes import COLOURS, SHAPES
from .training import TEST_SCENES, TEST_SEED, TRAIN_SCENES, TRAIN_SEED, Schedule

_DATA = f"""## Data

Pictures of 96 x 96 pixels, drawn by `scripts/scenes/scenes.py`: two to five shapes ({", ".join(SHAPES)}) in six colours
({", ".join(COLOURS)}), turned a little, 7.5 to 14 pixels in radius, never overlapping, on a dull ramp, stripes, checks or
blotches with noise. {TRAIN_SCENES} scenes to train on (seed {TRAIN_SEED}), {TEST_SCENES} others to test (seed {TEST_SEED}); every figure below is on those, by which the design
was chosen, too. Drawing gives the exact mask of each thing. No picture, text or weight comes from elsewhere.
"""

_TRAINING = """## Training

{steps} steps of {batch} scenes{asked}: AdamW, {peak:g} at its peak, a cosine down to 0, weight decay 0.01 on matrices, bfloat16 autocast, seed 0.
{minutes:.0f} minutes of one processor core, PyTorch on the CPU (`scripts/build_scenes.py train {name}`).
"""

_LIMITS = """It is here to show how an answer is explained, on a model small enough to look into. On photographs, other shapes or
colours, overlapping things, or things much smaller or larger than those, it answers all the same, and means nothing by it.
"""

_POINTING = """How often the maximum of the Grad-CAM map (logit of what was said, `{layer}`, 12 x 12, enlarged bilinearly) lies on the
things that it is read off, and at most 4 pixels from them (half a cell of the map), where the model was right, in the first
300 of the scenes:

| | on them | at most 4 pixels off |
|---|---|---|
{rows}
"""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _training(name: str, schedule: Schedule, figures: dict, asked: str = "") -> str:
    minutes = figures["processorSeconds"] / 60
    return _TRAINING.format(
        name=name, steps=schedule.steps, batch=schedule.batch, peak=schedule.peak, asked=asked, minutes=minutes
    )


def _pointing(layer: str, figures: dict) -> str:
    rows = (f"| {name} | {_percent(exact)} | {_percent(grown)} |" for name, (exact, grown) in figures.items())
    return _POINTING.format(layer=layer, rows="\n".join(rows))


def vqa(figures: dict) -> str:
    rows = "\n".join(f"| {name} | {_percent(share)} |" for name, share in figures["right"].items())
    return f"""# scenes-vqa: questions about drawn scenes

Answers questions such as "what colour is the circle?", "what shape is the red thing?", "is there a green star?", "how many
blue things are there?" and "what colour is the nearest thing left of the red circle?" with a colour, a shape, yes, no or a
number from 0 to 5. A convolutional trunk (from `scenes-segmentation`) whose maps are modulated by a GRU that reads the
question (FiLM, Perez et al. 2018). Names, yes and no are said from the maxima of the last of these maps, `head.explained`,
numbers from its sums, each number adding to the one before.

{_DATA}
{_training("scenes-vqa", train_vqa.SCHEDULE, figures, f" with {train_vqa.ASKED} questions each")}
## Right answers

| question | right |
|---|---|
{rows}

## Where it looks

{_pointing("head.explained", figures["pointing"])}
Questions whose answer is no or 0 are read off nothing and left out; of a relation, only the thing that is asked for counts,
and not the one that it is nearest to.

## Limits

Relations are its weakest: about one in seven answers is wrong, and as many maps of right ones peak elsewhere, most of them
on a third thing, neither the one that is asked for nor the one that the question names. It knows no words and no question forms beyond those in `scripts/scenes/questions.py`; at most 12 words.
"Nearest on a side" was only asked where it is clear by 6 pixels. {_LIMITS}"""


def caption(figures: dict) -> str:
    exact = "\n".join(f"| {name} | {_percent(share)} |" for name, share in figures["exact"].items())
    return f"""# scenes-caption: captions of drawn scenes

Says "a red circle left of a blue square" of two different things, and else what there is, the largest group of equal things
first and then from left to right: "two red circles and a blue square and a green star". The network of `scenes-vqa`, whose
trunk it goes on from, reading the words so far instead of a question: image [1, 3, 96, 96] and tokens [1, T] in (the begin
token and the words so far, unpadded), logits [1, T, words] of the word after each token out, so that decoding (greedy here)
is outside the graph. Words for numbers (a, two, ...) are said from sums over the maps as well, all others from maxima alone.

The GRU reads all T tokens in one pass, and each has maps of its own: `head.merged` is [1, T * 128, 12, 12], of which the
logits at token t see the channels from 128 t to 128 (t + 1) alone. So a word's logits and its Grad-CAM depend on the words
before it only, and one backward run of the sum over the words gives the map of the whole caption.

{_DATA}
Scenes here have at most three groups and one clear order, and seeds 101 and 102.

{_training("scenes-caption", train_caption.SCHEDULE, figures, f" with {train_caption.WORDS} words each")}
## Captions

Said word for word, by kind of scene; BLEU-4 over all is {figures["bleu4"]:.3f}.

| scenes | exact |
|---|---|
{exact}

## Where it looks

{_pointing("head.merged", figures["pointing"])}
By the role of the word; "caption" is the sum of the words' maps on any of the things. Words for numbers compare all groups, and
their maps say little of where; those for relations seldom peak on the two things.

## Limits

Scenes with more than three groups or none of its orders get a caption that leaves something out. {_LIMITS}"""


def segmentation(figures: dict) -> str:
    return f"""# scenes-segmentation: which shape is where in drawn scenes

Which of {len(COLOURS) * len(SHAPES)} things (six colours x five shapes), or the ground, each pixel belongs to: logits [1, 31, 96, 96]. The trunk that
the other two go on from, and a decoder over its maps at 12, 24 and 48 pixels a side.

{_DATA}
{_training("scenes-segmentation", train_segmentation.SCHEDULE, figures)}
## Figures

| | |
|---|---|
| pixels right | {_percent(figures["pixels"])} |
| intersection over union, mean over the 31 classes | {figures["meanIoU"]:.3f} |
| the same, worst class | {figures["worstIoU"]:.3f} |
| any thing against the ground, of the right kind | {figures["anyThingIoU"]:.3f} |

## Limits

Decided at 48 x 48 and enlarged: edges are right to about a pixel. {_LIMITS}"""


@dataclass(frozen=True)
class Card:
    title: str
    text: Callable[[dict], str]
    facts: Callable[[dict], str]


CARDS = {
    "scenes-vqa": Card(
        "Questions about drawn scenes",
        vqa,
        lambda figures: f"Colours, shapes, numbers and places, answered in a word: {_percent(figures['right']['all'])} right, 96 x 96 pixels.",
    ),
    "scenes-caption": Card(
        "Captions of drawn scenes",
        caption,
        lambda figures: f"What there is and where, said word by word: {_percent(figures['exact']['all'])} word for word, 96 x 96 pixels.",
    ),
    "scenes-segmentation": Card(
        "Segmentation of drawn scenes",
        segmentation,
        lambda figures: f"Which of 30 things each pixel belongs to: mean intersection over union {figures['meanIoU']:.3f}, 96 x 96 pixels.",
    ),
}
