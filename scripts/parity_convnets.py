"""Convolutional networks for the live comparison, most as torchvision and timm build them.

Sizes are small to keep the comparison quick; classifier heads hold 50 classes, and where an architecture's own weights
would fill hundreds of megabytes it is built with fewer blocks, so that every kind of block is still there.
"""

from collections.abc import Callable
from functools import partial

from torch import nn

from parity_case import CLASSES, NO_STANDARDISED_WEIGHTS, Case, timm_model, vision

import timm  # isort: skip
from torchvision import models  # isort: skip


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


def nfnet() -> nn.Module:
    """A normalizer-free network with attention over channels."""
    config = timm.models.nfnet.NfCfg(
        depths=(1, 1, 2, 1),
        channels=(64, 128, 192, 192),
        stem_type="3x3",
        group_size=8,
        bottle_ratio=0.25,
        attn_layer="eca",
        attn_kwargs={},
        act_layer="silu",
        gamma_in_act=True,
    )
    return timm.models.nfnet.NormFreeNet(config, num_classes=CLASSES)


def dpn() -> nn.Module:
    return timm.models.dpn.DPN(
        k_sec=(1, 1, 2, 1), inc_sec=(8, 16, 16, 32), k_r=32, groups=8, num_init_features=10, small=True, num_classes=CLASSES
    )


CONVNETS = {
    # torchvision
    "resnet18": Case(vision("resnet18"), 96, "layer2", "layer4"),
    "resnet50": Case(vision("resnet50", zero_init_residual=True), 64, "layer2", "layer4"),
    "resnext50_32x4d": Case(
        vision("resnext50_32x4d", zero_init_residual=True), 64, "layer3", "layer4"
    ),
    "wide_resnet": Case(wide_resnet, 96, "layer2", "layer4"),
    "vgg11_bn": Case(small_head("vgg11_bn", 512 * 9), 96, "features.14", "features.27"),
    "alexnet": Case(small_head("alexnet", 256 * 4), 96, "features.5", "features.11"),
    "squeezenet1_1": Case(vision("squeezenet1_1"), 96, "features.7", "features.12"),
    "densenet121": Case(vision("densenet121"), 64, "features.denseblock2", "features.denseblock4"),
    "googlenet": Case(
        vision("googlenet", aux_logits=False, init_weights=False), 96, "inception4a", "inception5b"
    ),
    "inception_v3": Case(
        vision("inception_v3", aux_logits=False, init_weights=False), 107, "Mixed_6b", "Mixed_7c"
    ),
    "mobilenet_v2": Case(vision("mobilenet_v2"), 96, "features.7", "features.18"),
    "mobilenet_v3_small": Case(vision("mobilenet_v3_small"), 96, "features.4", "features.12"),
    "mnasnet0_5": Case(vision("mnasnet0_5"), 96, "layers.10", "layers.16"),
    "shufflenet_v2_x0_5": Case(vision("shufflenet_v2_x0_5"), 96, "stage3", "conv5"),
    "efficientnet_b0": Case(vision("efficientnet_b0"), 96, "features.4", "features.8"),
    "efficientnet_v2_s": Case(vision("efficientnet_v2_s"), 64, "features.4", "features.7"),
    "regnet_y_400mf": Case(vision("regnet_y_400mf"), 96, "trunk_output.block2", "trunk_output"),
    "regnet_x_400mf": Case(vision("regnet_x_400mf"), 96, "trunk_output.block2", "trunk_output"),
    "convnext_tiny": Case(vision("convnext_tiny"), 64, "features.3", "features.7"),
    # timm
    "mobilenetv4_conv_small": Case(timm_model("mobilenetv4_conv_small"), 96, "blocks.2", "blocks.4"),
    "tf_efficientnet_lite0": Case(timm_model("tf_efficientnet_lite0"), 64, "blocks.3", "bn2"),
    "resnest14d": Case(timm_model("resnest14d"), 96, "layer2", "layer4"),
    "skresnet18": Case(timm_model("skresnet18"), 96, "layer2", "layer4"),
    "res2net50_26w_4s": Case(timm_model("res2net50_26w_4s"), 64, "layer2", "layer4"),
    "dla34": Case(timm_model("dla34"), 96, "level3", "level5"),
    "ghostnet_100": Case(timm_model("ghostnet_100"), 96, "blocks.4", "blocks.9"),
    "convmixer": Case(convmixer, 70, "blocks.1", "blocks"),
    "repvgg_a0": Case(timm_model("repvgg_a0"), 96, "stages.1", "stages.3"),
    "legacy_seresnet18": Case(timm_model("legacy_seresnet18"), 96, "layer2", "layer4"),
    "hrnet_w18_small": Case(timm_model("hrnet_w18_small"), 64, "layer1"),
    "edgenext_xx_small": Case(timm_model("edgenext_xx_small"), 96, "stages.1", "stages.3"),
    "nf_resnet26": Case(timm_model("nf_resnet26"), 96, "stages.1", "final_act", without=NO_STANDARDISED_WEIGHTS),
    "nf_regnet_b0": Case(timm_model("nf_regnet_b0"), 96, "stages.1", "stages.3", without=NO_STANDARDISED_WEIGHTS),
    "resnetv2_bit": Case(resnetv2_bit, 96, "stages.1", "stages.3", without=NO_STANDARDISED_WEIGHTS),
    "mobilevit_xxs": Case(timm_model("mobilevit_xxs"), 128, "stages.2", "final_conv"),
    "rexnet_100": Case(timm_model("rexnet_100"), 96, "features.6", "features.16"),
    "ese_vovnet19b_dw": Case(timm_model("ese_vovnet19b_dw"), 96, "stages.1", "stages.3"),
    "efficientvit_b0": Case(timm_model("efficientvit_b0"), 96, "stages.1", "stages.3"),
    "convnextv2_atto": Case(timm_model("convnextv2_atto"), 64, "stages.1", "stages.3"),
    "eca_nfnet": Case(nfnet, 64, "stages.1", "final_act", without=NO_STANDARDISED_WEIGHTS),
    "dpn": Case(dpn, 64, "features.conv3_1", "features.conv5_bn_ac"),
    "fastvit_t8": Case(timm_model("fastvit_t8", layers=(1, 1, 2, 1)), 64, "stages.1", "final_conv"),
    "cs3darknet_focus_s": Case(timm_model("cs3darknet_focus_s"), 64, "stages.1", "stages.3"),
    "gcresnext26ts": Case(timm_model("gcresnext26ts"), 64, "stages.1", "stages.3"),
    "inception_next_atto": Case(timm_model("inception_next_atto"), 64, "stages.1", "stages.3"),
    "repvit_m0_9": Case(timm_model("repvit_m0_9"), 64, "stages.1", "stages.3"),
    "mambaout_femto": Case(timm_model("mambaout_femto", depths=(1, 1, 2, 1)), 64, "stages.1"),
    "starnet_s1": Case(timm_model("starnet_s1"), 64, "stages.1", "norm"),
    "lcnet_050": Case(timm_model("lcnet_050"), 64, "blocks.3", "blocks.5"),
    "mixnet_s": Case(timm_model("mixnet_s"), 64, "blocks.3", "bn2"),
    # onnxruntime 1.30 makes Pad and MaxPool one, as if the padding were no zeros: here they follow negative numbers.
    "hgnetv2_b0": Case(
        timm_model("hgnetv2_b0"),
        64,
        "stages.1",
        "stages.3",
        without={"dynamo": "onnxruntime computes other scores than PyTorch"},
    ),
    "mobileone_s0": Case(timm_model("mobileone_s0"), 64, "stages.1", "stages.3"),
    "ghostnetv2_100": Case(timm_model("ghostnetv2_100"), 64, "blocks.4", "blocks.9"),
    "resnet26d": Case(timm_model("resnet26d"), 64, "layer2", "layer4"),
}
