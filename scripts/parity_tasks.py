"""Networks that do other things than classify, for the live comparison: segmentation, detection, pictures with text.

Each is made to give one row of 50 scores: at a place, of a box, for a word. Built from configurations, with random weights.
"""

from collections.abc import Callable

import torch
from torch import nn

from parity_case import CLASSES, NO_ATTENTION, Case, Scores

import tiny_transformers  # isort: skip
import transformers  # isort: skip
from torchvision import models  # isort: skip

SIZE = 64


def everywhere(output) -> torch.Tensor:
    """The mean of a map of scores [N, classes, h, w]."""
    scores = output["out"] if isinstance(output, dict) and "out" in output else output
    return getattr(scores, "logits", scores).mean((2, 3))


def first(output) -> torch.Tensor:
    """The scores of the first box, or token."""
    return output.logits[:, 0]


def segmentation(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        network = models.get_model(name, weights=None, weights_backbone=None, num_classes=CLASSES, aux_loss=False)
        return Scores(network, everywhere)

    return build


def segmentation_resnet(kind: Callable, head: Callable) -> Callable[[], nn.Module]:
    """DeepLabV3 and FCN over three stages of a ResNet of one block each, with dilation in place of the last stride."""

    def build() -> nn.Module:
        backbone = models.ResNet(
            models.resnet.Bottleneck, [1, 1, 1, 1], replace_stride_with_dilation=[False, True, False]
        )
        features = models._utils.IntermediateLayerGetter(backbone, {"layer3": "out"})
        return Scores(kind(features, head(1024, CLASSES), None), everywhere)

    return build


def segformer() -> nn.Module:
    return Scores(transformers.SegformerForSemanticSegmentation(tiny_transformers.segformer(CLASSES)), everywhere)


def yolos() -> nn.Module:
    config = transformers.YolosConfig(
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=3,
        intermediate_size=96,
        image_size=[SIZE, SIZE],
        num_detection_tokens=5,
        attn_implementation="eager",
    )
    config.num_labels = CLASSES - 1
    return Scores(transformers.YolosForObjectDetection(config), first)


class Detr(nn.Module):
    """DETR over a small ResNet; the mask of padding is all ones, as for a picture that fills its frame."""

    def __init__(self):
        super().__init__()
        self.network = transformers.DetrForObjectDetection(tiny_transformers.detr(CLASSES - 1, queries=5, layers=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mask = torch.ones(x.shape[0], SIZE, SIZE, dtype=torch.long)
        return self.network(pixel_values=x, pixel_mask=mask).logits[:, 0]


def blip_parts() -> dict:
    vision_part = {
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 96,
        "image_size": SIZE,
        "patch_size": 16,
    }
    text_part = {
        "hidden_size": 48,
        "encoder_hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 96,
        "vocab_size": CLASSES,
        "bos_token_id": 1,
        "sep_token_id": 2,
        "pad_token_id": 0,
        "eos_token_id": 2,
    }
    return {"text_config": text_part, "vision_config": vision_part}


class Caption(nn.Module):
    """BLIP's next word after three, which its text part reads off the picture."""

    def __init__(self):
        super().__init__()
        self.network = transformers.BlipForConditionalGeneration(transformers.BlipConfig(**blip_parts()))
        self.register_buffer("words", torch.tensor([[1, 7, 21]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        picture = self.network.vision_model(pixel_values=x).last_hidden_state
        text = self.network.text_decoder(input_ids=self.words, encoder_hidden_states=picture)
        return text.logits[:, -1]


class Tokens(nn.Module):
    """BLIP's vision part alone: the class token's features."""

    def __init__(self):
        super().__init__()
        config = transformers.BlipVisionConfig(**blip_parts()["vision_config"])
        self.network = transformers.BlipVisionModel(config)
        self.head = nn.Linear(48, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.network(pixel_values=x).pooler_output)


TASKS = {
    "lraspp_mobilenet_v3": Case(segmentation("lraspp_mobilenet_v3_large"), SIZE, "network.backbone.6"),
    "deeplabv3_resnet": Case(
        segmentation_resnet(models.segmentation.DeepLabV3, models.segmentation.deeplabv3.DeepLabHead),
        SIZE,
        "network.backbone.layer2",
    ),
    "fcn_resnet": Case(
        segmentation_resnet(models.segmentation.FCN, models.segmentation.fcn.FCNHead), SIZE, "network.backbone.layer2"
    ),
    "segformer": Case(segformer, SIZE, "network.segformer.stages.1", without=NO_ATTENTION),
    "yolos": Case(yolos, SIZE, "network.vit.encoder.layer.1"),
    "detr": Case(Detr, SIZE, "network.model.backbone.model.encoder.stages.1", dynamic_batch=False),
    "blip_caption": Case(
        Caption,
        SIZE,
        "network.vision_model.encoder.layers.0",
        dynamic_batch=False,
        without={"folded": "Attempt to replace the existing tensor"},
    ),
    "blip_vision": Case(Tokens, SIZE, "network.encoder.layers.0"),
}

# Not to be had at all, and why.
ABSENT = {
    "vilt": {
        "torchscript": "argument 'num_samples' of node 'multinomial'",
        "dynamo": "the number of patches is drawn at run time (Tensor.item)",
    },
}
