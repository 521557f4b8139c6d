"""Vision transformers and their kin for the live comparison: isotropic, hierarchical, hybrid, with and without class tokens.

Few and narrow blocks, so that each costs a few seconds: every kind of block that an architecture has is there.
"""

from torch import nn

from parity_case import CLASSES, NO_ATTENTION, Case, timm_model

import timm  # isort: skip
from torchvision import models  # isort: skip

NARROW = {"embed_dim": 96, "depth": 3, "num_heads": 3}


def swin() -> nn.Module:
    return models.SwinTransformer([4, 4], 48, [2, 2, 2], [3, 6, 12], [7, 7], num_classes=CLASSES)


def maxvit() -> nn.Module:
    config = timm.models.maxxvit.MaxxVitCfg(
        embed_dim=(32, 64), depths=(1, 1), block_type=("M", "M"), stem_width=(16, 32)
    )
    return timm.models.maxxvit.MaxxVit(config, img_size=64, num_classes=CLASSES)


def coatnet() -> nn.Module:
    config = timm.models.maxxvit.MaxxVitCfg(
        embed_dim=(16, 32, 32, 64), depths=(1, 1, 1, 1), block_type=("C", "C", "T", "T"), stem_width=(16, 16)
    )
    return timm.models.maxxvit.MaxxVit(config, img_size=64, num_classes=CLASSES)


def mvitv2() -> nn.Module:
    config = timm.models.mvitv2.MultiScaleVitCfg(depths=(1, 1, 1, 1), embed_dim=24, num_heads=1)
    return timm.models.mvitv2.MultiScaleVit(config, img_size=64, num_classes=CLASSES)


def gmlp() -> nn.Module:
    return timm.models.mlp_mixer.MlpMixer(
        num_classes=CLASSES,
        img_size=96,
        num_blocks=3,
        embed_dim=64,
        mlp_ratio=6,
        block_layer=timm.models.mlp_mixer.SpatialGatingBlock,
        mlp_layer=timm.layers.GatedMlp,
    )


def resmlp() -> nn.Module:
    return timm.models.mlp_mixer.MlpMixer(
        num_classes=CLASSES,
        img_size=96,
        num_blocks=3,
        embed_dim=64,
        mlp_ratio=4,
        block_layer=timm.models.mlp_mixer.ResBlock,
        norm_layer=timm.models.mlp_mixer.Affine,
    )


def caformer() -> nn.Module:
    """Separable convolutions in the first stages, attention in the last."""
    metaformer = timm.models.metaformer
    return metaformer.MetaFormer(
        num_classes=CLASSES,
        depths=(1, 1, 1, 1),
        dims=(32, 48, 64, 96),
        token_mixers=[metaformer.SepConv, metaformer.SepConv, metaformer.Attention, metaformer.Attention],
        norm_layers=[metaformer.LayerNorm2dNoBias] * 2 + [metaformer.LayerNormNoBias] * 2,
    )


TRANSFORMERS = {
    "swin": Case(swin, 112, "features.1"),
    "vit_b_16_small": Case(
        lambda: models.VisionTransformer(96, 16, 3, 4, 128, 256, num_classes=CLASSES),
        96,
        "encoder.layers.encoder_layer_1",
        without=NO_ATTENTION,
    ),
    "vit_tiny_patch16": Case(timm_model("vit_tiny_patch16_224", img_size=96), 96, "blocks.5"),
    "deit_tiny_distilled": Case(timm_model("deit_tiny_distilled_patch16_224", img_size=96), 96, "blocks.6"),
    "mixer_s16": Case(timm_model("mixer_s16_224", img_size=96), 96, "blocks.3"),
    "poolformer_s12": Case(timm_model("poolformer_s12"), 96, "stages.1", "stages.3"),
    "levit_128s": Case(timm_model("levit_128s"), 224, "stages.1"),
    "pvt_v2_b0": Case(timm_model("pvt_v2_b0"), 96, "stages.1", "stages.3"),
    "deit3_small": Case(timm_model("deit3_small_patch16_224", img_size=96, **NARROW), 96, "blocks.1"),
    "swin_timm": Case(
        timm_model("swin_tiny_patch4_window7_224", img_size=112, embed_dim=24, depths=(2, 2, 2, 2)), 112, "layers.1"
    ),
    "swinv2": Case(
        timm_model("swinv2_tiny_window8_256", img_size=128, embed_dim=24, depths=(2, 2, 2, 2)), 128, "layers.1"
    ),
    "beit": Case(timm_model("beit_base_patch16_224", img_size=96, **NARROW), 96, "blocks.1"),
    "cait": Case(timm_model("cait_xxs24_224", img_size=96, embed_dim=96, depth=2, num_heads=4), 96, "blocks.1"),
    "xcit": Case(timm_model("xcit_nano_12_p16_224", img_size=96, depth=2), 96, "blocks.1"),
    "maxvit": Case(maxvit, 64, "stages.0", "stages.1", without=NO_ATTENTION),
    "coatnet": Case(coatnet, 64, "stages.1", "stages.3", without=NO_ATTENTION),
    "twins_pcpvt": Case(
        timm_model("twins_pcpvt_small", img_size=64, embed_dims=(32, 32, 64, 64), num_heads=(1, 2, 4, 4), depths=(1, 1, 1, 1)), 64, "blocks.1.0"
    ),
    "twins_svt": Case(
        timm_model("twins_svt_small", img_size=224, embed_dims=(32, 32, 64, 64), depths=(1, 2, 2, 1)), 224, "blocks.1.1"
    ),
    "pit": Case(
        timm_model("pit_ti_224", img_size=96, base_dims=(16, 16, 16), depth=(1, 1, 1)), 96, "transformers.1.blocks.0.mlp"
    ),
    "mvitv2": Case(mvitv2, 64, "stages.1.blocks.0.mlp"),
    "hiera": Case(timm_model("hiera_tiny_224", img_size=64, embed_dim=24, stages=(1, 1, 2, 1)), 64, "blocks.2"),
    "dinov2": Case(timm_model("vit_small_patch14_dinov2", img_size=98, **NARROW), 98, "blocks.1"),
    "dinov2_registers": Case(timm_model("vit_small_patch14_reg4_dinov2", img_size=98, **NARROW), 98, "blocks.1"),
    "eva02": Case(timm_model("eva02_tiny_patch14_224", img_size=98, embed_dim=96, depth=2), 98, "blocks.0"),
    "siglip": Case(timm_model("vit_base_patch16_siglip_224", img_size=96, **NARROW), 96, "blocks.1"),
    "vit_relpos": Case(timm_model("vit_relpos_small_patch16_224", img_size=96, **NARROW), 96, "blocks.1"),
    "gmlp": Case(gmlp, 96, "blocks.1"),
    "resmlp": Case(resmlp, 96, "blocks.1"),
    "efficientformer": Case(
        timm_model("efficientformer_l1", depths=(1, 1, 1, 2), embed_dims=(16, 24, 32, 48)), 224, "stages.1"
    ),
    "efficientvit_m0": Case(timm_model("efficientvit_m0", img_size=112), 112, "stages.1"),
    "mobilevitv2_050": Case(timm_model("mobilevitv2_050"), 64, "stages.2", "stages.4"),
    "botnet26t": Case(timm_model("botnet26t_256", img_size=64), 64, "stages.1", "stages.3"),
    "lambda_resnet26t": Case(timm_model("lambda_resnet26t"), 64, "stages.1", "stages.3"),
    "visformer": Case(timm_model("visformer_tiny", img_size=64, depth=(1, 1, 1)), 64, "stage1"),
    "sequencer2d": Case(
        timm_model(
            "sequencer2d_s",
            img_size=56,
            layers=(1, 1, 1, 1),
            embed_dims=(48, 64, 64, 64),
            hidden_sizes=(12, 16, 16, 16),
        ),
        56,
        "stages.1",
    ),
    "convit": Case(timm_model("convit_tiny", img_size=96, depth=3, local_up_to_layer=2, embed_dim=24), 96, "blocks.1"),
    "coat_lite": Case(
        timm_model("coat_lite_tiny", img_size=64, serial_depths=(1, 1, 1, 1), embed_dims=(16, 32, 32, 32)),
        64,
        "serial_blocks2.0",
    ),
    "davit": Case(timm_model("davit_tiny", depths=(1, 1, 1, 1), embed_dims=(24, 48, 48, 96)), 64, "stages.1", "stages.3"),
    "caformer": Case(caformer, 64, "stages.1", without=NO_ATTENTION),
    "focalnet": Case(
        lambda: timm.models.focalnet.FocalNet(num_classes=CLASSES, embed_dim=24, depths=(1, 1, 1, 1)),
        64,
        "layers.1",
        "layers.3",
    ),
    "tnt": Case(timm_model("tnt_s_patch16_224", img_size=96, embed_dim=96, depth=2), 96, "blocks.0.mlp"),
    "volo": Case(
        lambda: timm.models.volo.VOLO(
            layers=(1, 1, 1, 1),
            img_size=96,
            num_classes=CLASSES,
            embed_dims=(32, 64, 64, 64),
            num_heads=(2, 4, 4, 4),
            use_mix_token=False,
        ),
        96,
        "network.0",
        without={"torchscript": "Exporting the operator 'aten::col2im' to ONNX opset version"},
    ),
}
