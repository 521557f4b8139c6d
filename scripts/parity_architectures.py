"""The architectures that saywhy's gradients are compared on: who builds them, at what size, and at which layers.

Sizes are small to keep the comparison quick; classifier heads hold 50 classes, and where an architecture's own weights
would fill hundreds of megabytes it is built with fewer blocks, so that every kind of block is still there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

import torchvision_ops  # noqa: F401

import timm  # isort: skip
from torchvision import models  # isort: skip

CLASSES = 50
# TorchScript's exporter at two opsets, and dynamo's at the lowest that it writes.
TS13, TS17, DYNAMO = ("torchscript", 13), ("torchscript", 17), ("dynamo", 18)


@dataclass(frozen=True)
class Case:
    """layer: module path in the middle; cam: module path of the last feature map [N, C, h, w], if there is one."""

    build: Callable[[], nn.Module]
    size: int
    export: tuple[str, int]
    layer: str
    cam: str | None = None
    dynamic_batch: bool = True


def vision(name: str, **options) -> Callable[[], nn.Module]:
    return lambda: models.get_model(name, weights=None, num_classes=CLASSES, **options)


def timm_model(name: str, **options) -> Callable[[], nn.Module]:
    return lambda: timm.create_model(name, num_classes=CLASSES, exportable=True, **options)


def small_head(name: str, features: int) -> Callable[[], nn.Module]:
    """AlexNet and VGG without the adaptive pooling (the identity at 224 pixels) and their huge linear layers."""

    def build() -> nn.Module:
        module = models.get_model(name, weights=None)
        module.avgpool = nn.Identity()
        module.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(features, 64), nn.ReLU(), nn.Dropout(), nn.Linear(64, CLASSES)
        )
        return module

    return build


def wide_resnet() -> nn.Module:
    return models.ResNet(models.resnet.Bottleneck, [1, 1, 1, 1], num_classes=CLASSES, width_per_group=128)


def convmixer() -> nn.Module:
    return timm.models.convmixer.ConvMixer(64, 4, kernel_size=9, patch_size=7, num_classes=CLASSES)


def resnetv2_bit() -> nn.Module:
    """Big Transfer: weight-standardised convolutions and group norms, before the activation."""
    return timm.models.resnetv2.ResNetV2(
        [1, 1, 1, 1],
        num_classes=CLASSES,
        stem_type="",
        conv_layer=partial(timm.layers.StdConv2d, eps=1e-8),
        norm_layer=partial(timm.layers.GroupNormAct, num_groups=32),
    )


def swin() -> nn.Module:
    return models.SwinTransformer([4, 4], 48, [2, 2, 2], [3, 6, 12], [7, 7], num_classes=CLASSES)


CASES = {
    # torchvision
    "resnet18": Case(vision("resnet18"), 96, TS17, "layer2", "layer4"),
    "resnet50": Case(vision("resnet50", zero_init_residual=True), 64, DYNAMO, "layer2", "layer4"),
    "resnext50_32x4d": Case(
        vision("resnext50_32x4d", zero_init_residual=True), 64, TS13, "layer3", "layer4"
    ),
    "wide_resnet": Case(wide_resnet, 96, DYNAMO, "layer2", "layer4"),
    "vgg11_bn": Case(small_head("vgg11_bn", 512 * 9), 96, TS13, "features.14", "features.27"),
    "alexnet": Case(small_head("alexnet", 256 * 4), 96, TS17, "features.5", "features.11"),
    "squeezenet1_1": Case(vision("squeezenet1_1"), 96, DYNAMO, "features.7", "features.12"),
    "densenet121": Case(vision("densenet121"), 64, TS17, "features.denseblock2", "features.denseblock4"),
    "googlenet": Case(
        vision("googlenet", aux_logits=False, init_weights=False), 96, DYNAMO, "inception4a", "inception5b"
    ),
    "inception_v3": Case(
        vision("inception_v3", aux_logits=False, init_weights=False), 107, TS17, "Mixed_6b", "Mixed_7c"
    ),
    "mobilenet_v2": Case(vision("mobilenet_v2"), 96, DYNAMO, "features.7", "features.18"),
    "mobilenet_v3_small": Case(vision("mobilenet_v3_small"), 96, TS17, "features.4", "features.12"),
    "mnasnet0_5": Case(vision("mnasnet0_5"), 96, TS13, "layers.10", "layers.16"),
    "shufflenet_v2_x0_5": Case(vision("shufflenet_v2_x0_5"), 96, DYNAMO, "stage3", "conv5"),
    "efficientnet_b0": Case(vision("efficientnet_b0"), 96, DYNAMO, "features.4", "features.8"),
    "efficientnet_v2_s": Case(vision("efficientnet_v2_s"), 64, TS17, "features.4", "features.7"),
    "regnet_y_400mf": Case(vision("regnet_y_400mf"), 96, TS13, "trunk_output.block2", "trunk_output"),
    "regnet_x_400mf": Case(vision("regnet_x_400mf"), 96, DYNAMO, "trunk_output.block2", "trunk_output"),
    "convnext_tiny": Case(vision("convnext_tiny"), 64, TS17, "features.3", "features.7"),
    "swin": Case(swin, 112, TS17, "features.1"),
    "vit_b_16_small": Case(
        lambda: models.VisionTransformer(96, 16, 3, 4, 128, 256, num_classes=CLASSES),
        96,
        TS17,
        "encoder.layers.encoder_layer_1",
    ),
    # timm
    "vit_tiny_patch16": Case(timm_model("vit_tiny_patch16_224", img_size=96), 96, DYNAMO, "blocks.5"),
    "deit_tiny_distilled": Case(timm_model("deit_tiny_distilled_patch16_224", img_size=96), 96, TS17, "blocks.6"),
    "mobilenetv4_conv_small": Case(timm_model("mobilenetv4_conv_small"), 96, DYNAMO, "blocks.2", "blocks.4"),
    "tf_efficientnet_lite0": Case(timm_model("tf_efficientnet_lite0"), 64, TS17, "blocks.3", "bn2"),
    "resnest14d": Case(timm_model("resnest14d"), 96, TS17, "layer2", "layer4"),
    "skresnet18": Case(timm_model("skresnet18"), 96, DYNAMO, "layer2", "layer4"),
    "res2net50_26w_4s": Case(timm_model("res2net50_26w_4s"), 64, TS17, "layer2", "layer4"),
    "dla34": Case(timm_model("dla34"), 96, DYNAMO, "level3", "level5"),
    "ghostnet_100": Case(timm_model("ghostnet_100"), 96, TS13, "blocks.4", "blocks.9"),
    "mixer_s16": Case(timm_model("mixer_s16_224", img_size=96), 96, TS17, "blocks.3"),
    "poolformer_s12": Case(timm_model("poolformer_s12"), 96, TS17, "stages.1", "stages.3"),
    "convmixer": Case(convmixer, 70, DYNAMO, "blocks.1", "blocks"),
    "repvgg_a0": Case(timm_model("repvgg_a0"), 96, TS17, "stages.1", "stages.3"),
    "legacy_seresnet18": Case(timm_model("legacy_seresnet18"), 96, DYNAMO, "layer2", "layer4"),
    "hrnet_w18_small": Case(timm_model("hrnet_w18_small"), 64, TS17, "layer1"),
    "edgenext_xx_small": Case(timm_model("edgenext_xx_small"), 96, DYNAMO, "stages.1", "stages.3"),
    "nf_resnet26": Case(timm_model("nf_resnet26"), 96, TS17, "stages.1", "final_act"),
    "nf_regnet_b0": Case(timm_model("nf_regnet_b0"), 96, DYNAMO, "stages.1", "stages.3"),
    "resnetv2_bit": Case(resnetv2_bit, 96, TS17, "stages.1", "stages.3"),
    "levit_128s": Case(timm_model("levit_128s"), 224, DYNAMO, "stages.1"),
    "pvt_v2_b0": Case(timm_model("pvt_v2_b0"), 96, TS17, "stages.1", "stages.3"),
    "mobilevit_xxs": Case(timm_model("mobilevit_xxs"), 128, DYNAMO, "stages.2", "final_conv"),
    "rexnet_100": Case(timm_model("rexnet_100"), 96, TS13, "features.6", "features.16"),
    "ese_vovnet19b_dw": Case(timm_model("ese_vovnet19b_dw"), 96, TS17, "stages.1", "stages.3"),
    "efficientvit_b0": Case(timm_model("efficientvit_b0"), 96, DYNAMO, "stages.1", "stages.3"),
}
