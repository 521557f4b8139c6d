"""Writes test/fixtures/targets.json: what PyTorch says of targets of segmentations, detections, embeddings and regressions.

    python scripts/write_target_goldens.py

Each case holds scores (and boxes), how the model's input lies on the picture, a target as it is given to saywhy, and its value and float64 gradient, written
here as anybody would in PyTorch: masks by indexing, IoU by torchvision, the cosine by torch.nn.functional.
"""

import pathlib

import numpy as np
import torch
import torch.nn.functional as F

import torchvision_ops  # noqa: F401  (first: it lets torchvision be imported)
from golden import array
from json_file import write_json
from torchvision.ops import box_convert, box_iou

OUT = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "targets.json"
random = np.random.default_rng(0)
cases = []


def tensor(*shape, scale=1.0) -> torch.Tensor:
    """Seeded values that float32 holds."""
    return torch.tensor((scale * random.normal(size=shape)).astype(np.float32)).double()


def case(title, kind, scores, target, function, view=None, boxes=None, **more) -> None:
    given = scores.clone().requires_grad_()
    value = function(given)
    (gradient,) = torch.autograd.grad(value, given)
    cases.append(
        {
            "title": title,
            "kind": kind,
            "scores": array(scores),
            **({"boxes": array(boxes)} if boxes is not None else {}),
            **({"view": view} if view else {}),
            "target": target,
            "value": value.item(),
            "gradient": array(gradient),
            **more,
        }
    )


# The model sees 16 x 24 pixels: rows 2 to 10 and columns 4 to 16 of a picture of 14 x 20 pixels.
VIEW = {
    "picture": [14, 20],
    "region": {"x": 4, "y": 2, "width": 12, "height": 8},
    "input": [16, 24],
}


def segmentation() -> None:
    scores = tensor(1, 5, 4, 6)
    best = scores[0].argmax(0)
    case("a class where it is predicted", "segmentation", scores, 3, lambda s: s[0, 3][best == 3].sum(), VIEW)
    most = best.flatten().bincount().argmax().item()
    case("the class with most places", "segmentation", scores, {"top": 1}, lambda s: s[0, most][best == most].sum(), VIEW)
    at_scores = torch.tensor(random.random((4, 6)) < 0.4)
    mask = {"data": at_scores.int().flatten().tolist(), "shape": [4, 6]}
    case("a mask at the size of the scores", "segmentation", scores, {"mask": mask, "class": 1}, lambda s: s[0, 1][at_scores].sum(), VIEW)
    inside = best[at_scores].bincount(minlength=5).argmax().item()
    case("the class with most places of a mask", "segmentation", scores, {"mask": mask}, lambda s: s[0, inside][at_scores].sum(), VIEW)
    picture = random.random((14, 20)) < 0.4
    # Four rows over 8 pixels, six columns over 12: a place's centre is at the corner of four pixels, of which the last is taken.
    seen = torch.tensor(picture[3:11:2, 5:17:2])
    mask = {"data": picture.astype(int).flatten().tolist(), "shape": [14, 20]}
    case("a mask at the size of the picture", "segmentation", scores, {"mask": mask, "class": 0}, lambda s: s[0, 0][seen].sum(), VIEW)
    at_input = random.random((16, 24)) < 0.4
    there = torch.tensor(at_input[2::4, 2::4])
    mask = {"data": at_input.astype(int).flatten().tolist(), "shape": [16, 24]}
    case("a mask at the size of the input", "segmentation", scores, {"mask": mask, "class": 2}, lambda s: s[0, 2][there].sum(), VIEW)
    # Places are 2 pixels wide and high, from (4, 2) on: this holds those of rows 1 and 2, columns 0 to 2.
    box = {"x": 0, "y": 4, "width": 10, "height": 4}
    case("a rectangle", "segmentation", scores, {"mask": box, "class": 4}, lambda s: s[0, 4, 1:3, :3].sum(), VIEW)
    case("against a class", "segmentation", scores, {"not": 3}, lambda s: -s[0, 3][best == 3].sum(), VIEW)
    case(
        "one class rather than another in a region",
        "segmentation",
        scores,
        {"versus": [{"mask": box, "class": 4}, {"mask": box, "class": 1}]},
        lambda s: (s[0, 4, 1:3, :3] - s[0, 1, 1:3, :3]).sum(),
        VIEW,
    )
    last = tensor(1, 4, 6, 3)
    best_last = last[0].argmax(2)
    case("classes last", "segmentation", last, 2, lambda s: s[0, :, :, 2][best_last == 2].sum(), VIEW, channelsLast=True)
    one = tensor(1, 1, 4, 6)
    case("yes against no: yes", "segmentation", one, 1, lambda s: s[s > 0].sum(), VIEW)
    case("yes against no: no", "segmentation", one, 0, lambda s: -s[s <= 0].sum(), VIEW)


def detection() -> None:
    count, classes = 40, 6
    centres, sizes = random.random((count, 2)) * 0.8 + 0.1, random.random((count, 2)) * 0.3 + 0.1
    shares = torch.tensor(np.concatenate([centres, sizes], 1).astype(np.float32)).double()[None]
    region = VIEW["region"]
    box = {"x": 7.5, "y": 4.0, "width": 4.5, "height": 3.5}
    start = torch.tensor([(box["x"] - region["x"]) / region["width"], (box["y"] - region["y"]) / region["height"]])
    size = torch.tensor([box["width"] / region["width"], box["height"] / region["height"]])
    wanted = torch.cat([start, start + size]).double()[None]

    def overlaps(boxes, form="cxcywh", scale=None):
        scaled = boxes / torch.tensor(scale, dtype=torch.float64) if scale else boxes
        return box_iou(box_convert(scaled, form, "xyxy"), wanted)[:, 0]

    logits = tensor(1, count, classes + 1, scale=2)
    detr = {"boxes": "boxes", "format": "cxcywh", "unit": "share", "candidates": "rows", "firstClass": 0, "nothing": -1, "activation": "softmax"}
    quality = overlaps(shares[0])[:, None] * logits[0].softmax(1)[:, :-1]
    candidate, best = divmod(quality.argmax().item(), classes)
    case("DETR: a box", "detection", logits, {"box": box}, lambda s: s[0, candidate, best], VIEW, shares, detection=detr)
    of_two = quality[:, 2].argmax().item()
    case("DETR: a class in a box", "detection", logits, {"box": box, "class": 2}, lambda s: s[0, of_two, 2], VIEW, shares, detection=detr)
    surest = logits[0].softmax(1)[:, 4].argmax().item()
    case("DETR: a class wherever", "detection", logits, 4, lambda s: s[0, surest, 4], VIEW, shares, detection=detr)
    first = {**detr, "nothing": 0}
    behind = (overlaps(shares[0])[:, None] * logits[0].softmax(1)[:, 1:])[:, 2].argmax().item()
    case("nothing as the first class", "detection", logits, {"box": box, "class": 2}, lambda s: s[0, behind, 3], VIEW, shares, detection=first)

    multi = tensor(1, count, classes, scale=2)
    free = {**{key: value for key, value in detr.items() if key != "nothing"}, "activation": "sigmoid"}
    candidate_2, best_2 = divmod((overlaps(shares[0])[:, None] * multi[0].sigmoid()).argmax().item(), classes)
    case("sigmoids", "detection", multi, {"box": box}, lambda s: s[0, candidate_2, best_2], VIEW, shares, detection=free)
    corners = box_convert(shares[0], "cxcywh", "xyxy")[None]
    case("corners", "detection", multi, {"box": box}, lambda s: s[0, candidate_2, best_2], VIEW, corners, detection={**free, "format": "xyxy"})

    pixels = shares[0] * torch.tensor([24, 16, 24, 16])
    scale = [24, 16, 24, 16]
    probabilities = tensor(count, classes).sigmoid().float().double()
    eight = torch.cat([pixels, probabilities], 1).T[None].float().double()
    form = {"boxes": "scores", "format": "cxcywh", "unit": "pixels", "candidates": "columns", "firstClass": 4, "activation": "none"}
    candidate_3, best_3 = divmod((overlaps(eight[0, :4].T, scale=scale)[:, None] * eight[0, 4:].T).argmax().item(), classes)
    case("YOLOv8: [1, 4 + classes, candidates]", "detection", eight, {"box": box}, lambda s: s[0, 4 + best_3, candidate_3], VIEW, detection=form)

    sure = tensor(count, 1).sigmoid()
    five = torch.cat([pixels, sure, probabilities], 1)[None].float().double()
    form = {**form, "candidates": "rows", "firstClass": 5, "objectness": 4}
    quality = overlaps(five[0, :, :4], scale=scale)[:, None] * five[0, :, 4:5] * five[0, :, 5:]
    candidate_4, best_4 = divmod(quality.argmax().item(), classes)
    case(
        "YOLOv5: [1, candidates, 5 + classes]",
        "detection",
        five,
        {"box": box},
        lambda s: s[0, candidate_4, 4] * s[0, candidate_4, 5 + best_4],
        VIEW,
        detection=form,
    )
    case("against a box", "detection", multi, {"not": {"box": box}}, lambda s: -s[0, candidate_2, best_2], VIEW, shares, detection=free)


def embedding() -> None:
    scores, other = tensor(1, 32), tensor(1, 32)
    case("the cosine to a vector", "embedding", scores, {"similarTo": other.flatten().tolist()}, lambda s: F.cosine_similarity(s, other)[0])
    case("away from a vector", "embedding", scores, {"not": {"similarTo": other.flatten().tolist()}}, lambda s: -F.cosine_similarity(s, other)[0])
    third = tensor(1, 32)
    case(
        "nearer to one than to another",
        "embedding",
        scores,
        {"versus": [{"similarTo": other.flatten().tolist()}, {"similarTo": third.flatten().tolist()}]},
        lambda s: (F.cosine_similarity(s, other) - F.cosine_similarity(s, third))[0],
    )


def regression() -> None:
    scores, one = tensor(1, 3), tensor(1, 1)
    case("up", "regression", one, {"value": "up"}, lambda s: s[0, 0])
    case("down", "regression", scores, {"value": "down", "of": 1}, lambda s: -s[0, 1])
    for side, near in (("above", scores[0, 2].item() + 3), ("below", scores[0, 2].item() - 2)):
        case(f"near a number {side}", "regression", scores, {"value": {"near": near}, "of": 2}, lambda s, near=near: -(s[0, 2] - near).abs())


if __name__ == "__main__":
    segmentation()
    detection()
    embedding()
    regression()
    write_json(OUT, cases)
