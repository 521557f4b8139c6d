"""Writes targets of transformers' networks (tiny, at random weights) with PyTorch's value and gradients, for test/parity/targets.test.ts.

    python scripts/target_cases.py --out DIR

    cases.json       [{ name, kind, layer, labels, inputs: { name: array }, targets: [{ target, value, input, layer }] }]
    <name>.onnx      the network with its own outputs

Values and gradients (with how far those in float32 are off: their noise) are autograd's in float64, of targets written here as anybody would in PyTorch. An array is what golden.py writes. In a target,
`{ "picture": array }` stands for a second picture.
"""

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import torchvision_ops  # noqa: F401
from golden import array
from json_file import write_json
from random_weights import calibrate
from torchvision.ops import box_convert, box_iou

import tiny_transformers  # isort: skip
import transformers  # isort: skip

SIZE = 64
CLASSES = 9
ONES = torch.ones(1, SIZE, SIZE, dtype=torch.long)
BOX = {"x": 14.0, "y": 20.0, "width": 30.0, "height": 24.0}
VISION = {
    "hidden_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 96,
    "image_size": SIZE,
    "patch_size": 16,
}


class Wrapped(nn.Module):
    """A network with what it is fed beside the picture, and the outputs that are wanted of it."""

    def __init__(self, network: nn.Module, call: Callable):
        super().__init__()
        self.network = network
        self.call = call

    def forward(self, image, *others):
        return self.call(self.network, image, *others)


def segformer():
    network = transformers.SegformerForSemanticSegmentation(tiny_transformers.segformer(CLASSES))
    return Wrapped(network, lambda net, x: net(x).logits)


def detr():
    network = transformers.DetrForObjectDetection(tiny_transformers.detr(CLASSES, queries=20, layers=2))
    return Wrapped(network, lambda net, x: boxed(net(pixel_values=x, pixel_mask=ONES)))


def yolos():
    config = transformers.YolosConfig(
        **{**VISION, "image_size": [SIZE, SIZE]}, num_detection_tokens=12, attn_implementation="eager"
    )
    config.num_labels = CLASSES
    return Wrapped(transformers.YolosForObjectDetection(config), lambda net, x: boxed(net(x)))


def boxed(output):
    return output.logits, output.pred_boxes


def clip():
    config = transformers.CLIPVisionConfig(**VISION, projection_dim=32, attn_implementation="eager")
    return Wrapped(transformers.CLIPVisionModelWithProjection(config), lambda net, x: net(x).image_embeds)


def regression():
    config = transformers.ViTConfig(**VISION, attn_implementation="eager")
    config.num_labels = 3
    return Wrapped(transformers.ViTForImageClassification(config), lambda net, x: net(x).logits)


def vilt():
    config = transformers.ViltConfig(**VISION, vocab_size=40, max_image_length=-1)
    config.num_labels = CLASSES

    def call(net, x, words):
        # ViLT's own way to its patches samples them at random, which no exporter can write: all of them, in order.
        own = net.vilt.embeddings
        patches = own.patch_embeddings(x).flatten(2).transpose(1, 2) + own.position_embeddings[:, 1:]
        seen = torch.ones(1, patches.shape[1], dtype=torch.long)
        return net(input_ids=words, attention_mask=torch.ones_like(words), image_embeds=patches, pixel_mask=seen).logits

    return Wrapped(transformers.ViltForQuestionAnswering(config), call)


def blip():
    text = {
        **{key: VISION[key] for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")},
        "encoder_hidden_size": 48,
        "vocab_size": 30,
        "bos_token_id": 1,
        "sep_token_id": 2,
        "pad_token_id": 0,
        "eos_token_id": 2,
    }
    network = transformers.BlipForConditionalGeneration(transformers.BlipConfig(text_config=text, vision_config=VISION))

    def call(net, x, words):
        seen = net.vision_model(pixel_values=x).last_hidden_state
        return net.text_decoder(input_ids=words, encoder_hidden_states=seen).logits

    return Wrapped(network, call)


def best(logits, boxes, index=None):
    """The candidate and the class of the best IoU times probability."""
    wanted = torch.tensor([[BOX["x"], BOX["y"], BOX["x"] + BOX["width"], BOX["y"] + BOX["height"]]]).to(boxes) / SIZE
    overlap = box_iou(box_convert(boxes[0], "cxcywh", "xyxy"), wanted)[:, 0]
    quality = overlap[:, None] * logits[0].softmax(1)[:, :-1]
    if index is not None:
        return quality[:, index].argmax().item(), index
    return divmod(quality.argmax().item(), CLASSES)


def one(logits, boxes, index=None):
    candidate, found = best(logits, boxes, index)
    return logits[0, candidate, found]


def own(logits, index):
    return logits[0, index][logits[0].argmax(0) == index].sum()


def region(logits, index):
    """Places of 4 x 4 pixels whose centre lies in the box."""
    return logits[0, index, 5:11, 3:11].sum()


def most(logits, image=None):
    return logits[0].argmax(0).flatten().bincount().argmax().item()


def likelihood(logits, ids):
    return sum(logits[0, row].log_softmax(0)[token] for row, token in enumerate(ids))


WORDS = torch.tensor([[1, 7, 21, 9]])
SAID = [7, 21, 9, 2]
GIVEN = np.random.default_rng(5).normal(size=32).round(3).tolist()
DETECTED = [
    ({"box": BOX}, lambda logits, boxes: one(logits, boxes)),
    ({"box": BOX, "class": "class 3"}, lambda logits, boxes: one(logits, boxes, 3)),
    ({"not": {"box": BOX, "class": 4}}, lambda logits, boxes: -one(logits, boxes, 4)),
]
LABELS = [f"class {i}" for i in range(CLASSES)]
# name: (network, kind, module path, labels, outputs, other inputs, [(target, its value of the outputs)])
CASES = {
    "segformer": (
        segformer,
        "segmentation",
        "network.segformer.stages.1",
        LABELS,
        ["logits"],
        {},
        [
            ({"top": 1}, lambda logits: own(logits, most(logits))),
            ({"mask": BOX, "class": "class 2"}, lambda logits: region(logits, 2)),
            ({"versus": [{"mask": BOX, "class": 2}, {"mask": BOX, "class": 5}]}, lambda s: region(s, 2) - region(s, 5)),
        ],
    ),
    "detr": (detr, "detection", "network.model.backbone.model.encoder.stages.1", LABELS, ["logits", "pred_boxes"], {}, DETECTED),
    "yolos": (yolos, "detection", "network.vit.encoder.layer.0", LABELS, ["logits", "pred_boxes"], {}, DETECTED),
    "clip": (
        clip,
        "embedding",
        "network.vision_model.encoder.layers.0",
        None,
        ["image_embeds"],
        {},
        [
            ({"similarTo": GIVEN}, lambda e: F.cosine_similarity(e, torch.tensor([GIVEN], dtype=e.dtype))[0]),
            ("second", lambda e, other: F.cosine_similarity(e, other)[0]),
        ],
    ),
    "vit_regression": (
        regression,
        "regression",
        "network.vit.layers.0",
        ["age", "height", "weight"],
        ["values"],
        {},
        [
            ({"value": "up", "of": "height"}, lambda v: v[0, 1]),
            ({"value": {"near": 50}, "of": "age"}, lambda v: -(v[0, 0] - 50).abs()),
        ],
    ),
    "vilt": (
        vilt,
        "softmax",
        "network.vilt.encoder.layer.0.output",
        LABELS,
        ["logits"],
        {"words": torch.tensor([[1, 7, 21, 9, 2]])},
        [({"answer": "class 5"}, lambda s: s[0, 5]), ({"probability": 2}, lambda s: s.softmax(1)[0, 2])],
    ),
    "blip": (
        blip,
        "softmax",
        "network.vision_model.encoder.layers.0",
        None,
        ["logits"],
        {"words": WORDS},
        [
            ({"token": 21, "at": 1}, lambda s: s[0, 1, 21]),
            ({"caption": SAID}, lambda s: sum(s[0, row, token] for row, token in enumerate(SAID))),
            ({"logProbability": {"caption": SAID}}, lambda s: likelihood(s, SAID)),
        ],
    ),
}


def outputs_of(model, image, others):
    result = model(image, *others)
    return result if isinstance(result, tuple) else (result,)


def write(name: str, out: Path) -> dict:
    build, kind, layer, labels, names, others, targets = CASES[name]
    torch.manual_seed(0)
    model = build()
    # At this picture no ReLU of these networks is so near to 0 that rounding decides.
    torch.manual_seed(3)
    image, second = torch.randn(1, 3, SIZE, SIZE), torch.randn(1, 3, SIZE, SIZE)
    given = tuple(others.values())
    calibrate(model, (3, SIZE, SIZE), seed=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (image, *given),
            out / f"{name}.onnx",
            input_names=["image", *others],
            output_names=names,
            opset_version=17,
            dynamo=False,
        )
    module = model.get_submodule(layer)
    kept = {}
    module.register_forward_hook(lambda _, __, result: kept.update(layer=result[0] if isinstance(result, tuple) else result))

    def gradients(function, precise: bool):
        x, other = (t.double() if precise else t for t in (image, second))
        x = x.clone().requires_grad_()
        outputs = outputs_of(model, x, given)
        inner = kept["layer"]
        if function.__code__.co_argcount > len(outputs):
            with torch.no_grad():
                outputs = (*outputs, *outputs_of(model, other, given))
        value = function(*outputs)
        return value.item(), *torch.autograd.grad(value, [x, inner])

    rough = [gradients(function, False) for _, function in targets]
    model.double()
    written = []
    for (target, function), (_, *in_float32) in zip(targets, rough, strict=True):
        value, *exact = gradients(function, True)
        noise = [((a.double() - b).norm() / b.norm()).item() for a, b in zip(in_float32, exact, strict=True)]
        if target == "second":
            target = {"similarTo": {"picture": array(second)}}
        by_input, by_layer = ({"noise": n, **array(gradient)} for n, gradient in zip(noise, exact, strict=True))
        written.append({"target": target, "value": value, "input": by_input, "layer": by_layer})
    inputs = {"image": array(image), **{key: {"shape": list(v.shape), "values": v.flatten().tolist()} for key, v in others.items()}}
    # A wrapper that calls a part of a network leaves no trace of the network's name in the file.
    path = layer.removeprefix("network.")
    return {"name": name, "kind": kind, "layer": path, "labels": labels, "inputs": inputs, "targets": written}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--only", choices=CASES, action="append")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_json(arguments.out / "cases.json", [write(name, arguments.out) for name in arguments.only or CASES])


if __name__ == "__main__":
    main()
