"""Configurations of transformers' networks that cost a second: every kind of block, few and narrow ones."""

import transformers


def segformer(labels: int) -> transformers.SegformerConfig:
    config = transformers.SegformerConfig(
        depths=[1, 1, 1, 1], hidden_sizes=[16, 32, 32, 64], num_attention_heads=[1, 2, 2, 4], decoder_hidden_size=32
    )
    config.num_labels = labels
    return config


def detr(labels: int, queries: int, layers: int) -> transformers.DetrConfig:
    """Over a small ResNet. It has one more class than labels: no object."""
    backbone = transformers.ResNetConfig(
        embedding_size=16, hidden_sizes=[16, 32, 32, 64], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage4"]
    )
    config = transformers.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=backbone,
        num_queries=queries,
        d_model=32,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        attn_implementation="eager",
    )
    config.num_labels = labels
    return config
