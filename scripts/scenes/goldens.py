"""Writes test/fixtures/scenes/: what the models in models/ give in PyTorch, in float64, on pictures of samples/scenes/.

goldens.json: { vqa, caption, segmentation }, each { layer: { module, tensor, shape }, cases }. Arrays are as scripts/golden.py says;
gradCam is [12, 12] (48 x 48 for segmentation), before any scaling, of the score that the case names.

vqa          { picture, question, tokens [12], answer, index, logits [19], gradCam, inputGradient }         the answer's logit
caption      { picture, text, tokens [T], logits [T, 29], words: [{ text, id, at, logProbability, gradCam }], gradCam, logProbability }
             tokens begin with the begin token; logits[at] are those of the word, the score is its logit. For the whole caption
             it is the sum over its words, without the end token; logProbability is of the same
segmentation { picture, class, label, pixels, score, logits, gradCam }          the sum of the class's logits where it is the prediction
"""

from pathlib import Path

import torch
from torch.nn import functional

import golden
from json_file import write_json

from . import samples
from .models import RECIPES, read
from .pointing import Kept
from .train_caption import FIRST, say
from .train_segmentation import LABELS
from .training import images_of, normalised
from .words import ANSWERS, CAPTIONS, encode_questions

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "scenes"
QUESTIONS = (
    ("star-and-circle", "what colour is the circle?"),
    ("stars-and-triangles", "how many stars are there?"),
    ("three-apart", "what shape is the nearest thing left of the blue cross?"),
)
CAPTIONED = ("star-and-circle", "stars-and-triangles")
SEGMENTED = (("two-crosses", "blue cross"),)
TENSORS = {
    "scenes-vqa": "/head/explained/Relu_output_0",
    "scenes-caption": "/head/merged/Reshape_output_0",
    "scenes-segmentation": "/merge2/merge2.2/Relu_output_0",
}


class Run:
    """A forward run of a model in float64: `logits`, and the Grad-CAM of any sum of them."""

    def __init__(self, name: str, picture: str, *texts: torch.Tensor):
        model = read(name).double()
        self.image = normalised(images_of([samples.scene(picture)])).double().requires_grad_()
        with Kept(model.get_submodule(RECIPES[name].layer)) as layer:
            self.logits = model(self.image, *texts)[0]
        self.activation = layer.activation
        self.layer = {"module": RECIPES[name].layer, "tensor": TENSORS[name], "shape": list(self.activation.shape)}

    def gradient(self, score: torch.Tensor, of: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(score, of, retain_graph=True)[0]

    def grad_cam(self, score: torch.Tensor) -> dict:
        weights = self.gradient(score, self.activation).mean((2, 3), keepdim=True)
        return golden.array((weights * self.activation).sum(1).relu()[0])


def build() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    vqa = [_answered(picture, question) for picture, question in QUESTIONS]
    caption = [_captioned(picture) for picture in CAPTIONED]
    segmentation = [_segmented(picture, label) for picture, label in SEGMENTED]
    groups = {"vqa": vqa, "caption": caption, "segmentation": segmentation}
    result = {name: {"layer": cases[0][0], "cases": [case for _, case in cases]} for name, cases in groups.items()}
    result["caption"]["layer"]["shape"][1] = "channels"
    write_json(FOLDER / "goldens.json", result)


def _answered(picture: str, question: str) -> tuple[dict, dict]:
    tokens = torch.from_numpy(encode_questions([question]))
    run = Run("scenes-vqa", picture, tokens)
    index = int(run.logits.argmax())
    return run.layer, {
        "picture": f"{picture}.png",
        "question": question,
        "tokens": tokens[0].tolist(),
        "answer": ANSWERS[index],
        "index": index,
        "logits": golden.array(run.logits),
        "gradCam": run.grad_cam(run.logits[index]),
        "inputGradient": golden.sample(run.gradient(run.logits[index], run.image)[0]),
    }


def _captioned(picture: str) -> tuple[dict, dict]:
    ids = say(read("scenes-caption"), normalised(images_of([samples.scene(picture)])))
    tokens = [FIRST, *ids[:-1]]
    run = Run("scenes-caption", picture, torch.tensor([tokens]))
    chosen = run.logits.gather(1, torch.tensor(ids)[:, None])[:, 0]
    log = functional.log_softmax(run.logits, dim=1).gather(1, torch.tensor(ids)[:, None])[:, 0]
    words = [
        {
            "text": CAPTIONS.vocabulary[word],
            "id": word,
            "at": at,
            "logProbability": log[at].item(),
            "gradCam": run.grad_cam(chosen[at]),
        }
        for at, word in enumerate(ids)
    ]
    return run.layer, {
        "picture": f"{picture}.png",
        "text": CAPTIONS.decode(ids),
        "tokens": tokens,
        "logits": golden.array(run.logits),
        "words": words,
        "gradCam": run.grad_cam(chosen.sum()),
        "logProbability": log.sum().item(),
    }


def _segmented(picture: str, label: str) -> tuple[dict, dict]:
    run = Run("scenes-segmentation", picture)
    index = LABELS.index(label)
    region = run.logits.argmax(0) == index
    score = run.logits[index][region].sum()
    return run.layer, {
        "picture": f"{picture}.png",
        "class": index,
        "label": label,
        "pixels": int(region.sum()),
        "score": score.item(),
        "logits": golden.sample(run.logits),
        "gradCam": run.grad_cam(score),
    }
