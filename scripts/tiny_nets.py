"""Tiny networks, one for each family of vision architectures: 32 x 32 pictures in, a few thousand weights.

Each exercises the operators that its family exports: strided, grouped and asymmetric convolutions, every pooling, the
norms, squeeze and excitation, class tokens, shifted windows, upsampling. `NETS` maps a name to its builder and the
module path of a layer in its middle.
"""

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = 10


def conv_norm(inputs: int, outputs: int, kernel, act: nn.Module | None = None, **options) -> nn.Sequential:
    options.setdefault("padding", kernel // 2 if isinstance(kernel, int) else tuple(k // 2 for k in kernel))
    layers = [nn.Conv2d(inputs, outputs, kernel, bias=False, **options), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([act] if act else []))


class Classifier(nn.Module):
    """Feature stages, a global average, a linear head."""

    def __init__(self, features: nn.Sequential, channels: int):
        super().__init__()
        self.features = features
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.head(self.pool(self.features(x)).flatten(1))


def plain() -> nn.Module:
    relu = nn.ReLU
    return Classifier(
        nn.Sequential(
            conv_norm(3, 8, 3, relu()),
            conv_norm(8, 16, 3, relu(), stride=2),
            nn.MaxPool2d(2),
            conv_norm(16, 24, 3, relu()),
        ),
        24,
    )


class Basic(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = conv_norm(inputs, outputs, 3, nn.ReLU(), stride=stride)
        self.conv2 = conv_norm(outputs, outputs, 3)
        self.downsample = conv_norm(inputs, outputs, 1, stride=stride) if stride > 1 else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv2(self.conv1(x)) + self.downsample(x))


def residual() -> nn.Module:
    stem = nn.Sequential(conv_norm(3, 8, 7, nn.ReLU(), stride=2), nn.MaxPool2d(3, 2, 1))
    return Classifier(nn.Sequential(stem, Basic(8, 8, 1), Basic(8, 16, 2), Basic(16, 16, 1)), 16)


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, act: nn.Module, gate: nn.Module):
        super().__init__()
        self.reduce = nn.Conv2d(channels, 8, 1)
        self.act = act
        self.expand = nn.Conv2d(8, channels, 1)
        self.gate = gate

    def forward(self, x):
        return x * self.gate(self.expand(self.act(self.reduce(x.mean((2, 3), keepdim=True)))))


class Inverted(nn.Module):
    """Expand, depthwise, squeeze and excite, project; a residual where the shape allows it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, act: type, gate: type, inner: type):
        super().__init__()
        hidden = 3 * inputs
        self.expand = conv_norm(inputs, hidden, 1, act())
        self.depthwise = conv_norm(hidden, hidden, kernel, act(), stride=stride, groups=hidden)
        self.se = SqueezeExcite(hidden, inner(), gate())
        self.project = conv_norm(hidden, outputs, 1)
        self.residual = inputs == outputs and stride == 1

    def forward(self, x):
        y = self.project(self.se(self.depthwise(self.expand(x))))
        return x + y if self.residual else y


def mobile() -> nn.Module:
    kinds = (nn.Hardswish, nn.Hardsigmoid, nn.ReLU)
    return Classifier(
        nn.Sequential(
            conv_norm(3, 8, 3, nn.Hardswish(), stride=2),
            Inverted(8, 8, 3, 1, *kinds),
            Inverted(8, 12, 5, 2, *kinds),
            conv_norm(12, 32, 1, nn.Hardswish()),
        ),
        32,
    )


def efficient() -> nn.Module:
    kinds = (nn.SiLU, nn.Sigmoid, nn.SiLU)
    return Classifier(
        nn.Sequential(
            conv_norm(3, 8, 3, nn.SiLU(), stride=2),
            Inverted(8, 12, 5, 2, *kinds),
            Inverted(12, 12, 3, 1, *kinds),
            conv_norm(12, 32, 1, nn.SiLU()),
        ),
        32,
    )


class DenseLayer(nn.Module):
    def __init__(self, inputs: int, growth: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, growth, 3, padding=1, bias=False)
        )

    def forward(self, x):
        return torch.cat([x, self.layers(x)], 1)


def dense() -> nn.Module:
    transition = nn.Sequential(nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 10, 1, bias=False), nn.AvgPool2d(2))
    return Classifier(
        nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False),
            nn.Sequential(DenseLayer(8, 6), DenseLayer(14, 6)),
            transition,
            nn.Sequential(DenseLayer(10, 6), DenseLayer(16, 6)),
            nn.BatchNorm2d(22),
            nn.ReLU(),
        ),
        22,
    )


class Mixed(nn.Module):
    """Branches with 1 x 7 and 7 x 1 kernels, a convolution padded on two sides only, and padded average pooling."""

    def __init__(self, inputs: int):
        super().__init__()
        self.tall = nn.Sequential(conv_norm(inputs, 8, (1, 7), nn.ReLU()), conv_norm(8, 8, (7, 1), nn.ReLU()))
        self.pad = nn.ZeroPad2d((0, 1, 0, 1))
        self.even = conv_norm(inputs, 6, 2, nn.ReLU(), padding=0)
        self.average = nn.Sequential(nn.AvgPool2d(3, 1, 1), conv_norm(inputs, 6, 1, nn.ReLU()))

    def forward(self, x):
        return torch.cat([self.tall(x), self.even(self.pad(x)), self.average(x)], 1)


def inception() -> nn.Module:
    return Classifier(
        nn.Sequential(
            conv_norm(3, 8, 3, nn.ReLU(), stride=2, padding=0),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            Mixed(8),
            nn.AvgPool2d(3, 2, ceil_mode=True, count_include_pad=False, padding=1),
            Mixed(20),
        ),
        20,
    )


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(channels, 3 * channels), nn.GELU(), nn.Linear(3 * channels, channels))
        self.gamma = nn.Parameter(torch.full((channels,), 0.5))

    def forward(self, x):
        y = self.mlp(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))
        return x + (self.gamma * y).permute(0, 3, 1, 2)


def convnext() -> nn.Module:
    return Classifier(
        nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 12, 4, 4), LayerNorm2d(12)),
            ConvNextBlock(12),
            nn.Sequential(LayerNorm2d(12), nn.Conv2d(12, 20, 2, 2)),
            ConvNextBlock(20),
            LayerNorm2d(20),
        ),
        20,
    )


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, bias=None):
        batch, tokens, dim = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        attention = q @ k.transpose(-2, -1) * (dim // self.heads) ** -0.5
        if bias is not None:  # [windows, 1, tokens, tokens], the windows of one picture following each other
            grouped = attention.reshape(-1, len(bias), self.heads, tokens, tokens) + bias
            attention = grouped.reshape(-1, self.heads, tokens, tokens)
        return self.proj((attention.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, dim))


class Transformer(nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    def __init__(self, dim: int = 20, patch: int = 8):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, patch, patch)
        self.cls = nn.Parameter(torch.randn(1, 1, dim))
        self.position = nn.Parameter(torch.randn(1, 1 + (32 // patch) ** 2, dim))
        self.blocks = nn.Sequential(*(Transformer(dim, 2) for _ in range(2)))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls.expand(x.shape[0], -1, -1), tokens], 1) + self.position
        return self.head(self.norm(self.blocks(tokens))[:, 0])


class WindowBlock(nn.Module):
    """Attention within windows of an NHWC map, shifted by `shift` with the wrapped-around pairs masked out."""

    def __init__(self, dim: int, side: int, window: int, shift: int):
        super().__init__()
        self.side, self.window, self.shift = side, window, shift
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, 2)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        self.register_buffer("mask", self._mask(), persistent=False)

    def _windows(self, x):
        w, n = self.window, self.side // self.window
        return x.reshape(-1, n, w, n, w, x.shape[-1]).permute(0, 1, 3, 2, 4, 5).reshape(-1, w * w, x.shape[-1])

    def _mask(self) -> torch.Tensor:
        region = torch.zeros(1, self.side, self.side, 1)
        edges = (0, self.side - self.window, self.side - self.shift, self.side) if self.shift else (0, self.side)
        for i, (top, bottom) in enumerate(zip(edges, edges[1:], strict=False)):
            for j, (left, right) in enumerate(zip(edges, edges[1:], strict=False)):
                region[:, top:bottom, left:right] = 3 * i + j
        region = self._windows(region)
        return (region != region.transpose(1, 2)).float()[:, None] * -100.0

    def forward(self, x):
        side, dim = self.side, x.shape[-1]
        w, n = self.window, side // self.window
        y = self.norm1(x)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        y = self.attn(self._windows(y), self.mask if self.shift else None)
        y = y.reshape(-1, n, n, w, w, dim).permute(0, 1, 3, 2, 4, 5).reshape(-1, side, side, dim)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.mlp(self.norm2(x))


class WindowTransformer(nn.Module):
    def __init__(self, dim: int = 16):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 4, 4)
        self.stage = nn.Sequential(WindowBlock(dim, 8, 4, 0), WindowBlock(dim, 8, 4, 2))
        self.merge = nn.Linear(4 * dim, dim, bias=False)
        self.last = WindowBlock(dim, 4, 4, 0)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        x = self.stage(self.patch(x).permute(0, 2, 3, 1))
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        return self.head(self.norm(self.last(self.merge(x))).mean((1, 2)))


class AlexNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 5, 2, 2),
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=0.5, beta=0.75, k=2.0),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(12, 16, 3, padding=1, groups=2),
            nn.ReLU(),
            nn.LocalResponseNorm(4, alpha=0.2),
            nn.MaxPool2d(3, 2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Linear(144, 24), nn.ReLU(), nn.Dropout(), nn.Linear(24, CLASSES)
        )

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class Segmenter(nn.Module):
    """Scores [N, 3, 16, 16]: every upsampling that segmentation heads use, joined by skips."""

    def __init__(self):
        super().__init__()
        self.down1 = conv_norm(3, 8, 3, nn.ReLU(), stride=2)
        self.down2 = conv_norm(8, 12, 3, nn.ReLU(), stride=2)
        self.down3 = conv_norm(12, 16, 3, nn.ReLU(), stride=2)
        self.atrous = conv_norm(16, 16, 3, nn.ReLU(), padding=2, dilation=2)
        self.up = nn.ConvTranspose2d(16, 12, 3, 2, 1, output_padding=1)
        self.mix = conv_norm(24, 8, 3, nn.ReLU())
        self.nearest = nn.Upsample(scale_factor=2)
        self.score = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        fine = self.down1(x)
        middle = self.down2(fine)
        deep = self.atrous(self.down3(middle))
        up = self.mix(torch.cat([self.up(deep), middle], 1))
        smooth = F.interpolate(deep[:, :8], size=fine.shape[2:], mode="bilinear", align_corners=False)
        return self.score(torch.cat([self.nearest(up) + fine, smooth], 1))


def norms() -> nn.Module:
    return Classifier(
        nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1),
            nn.GroupNorm(2, 8),
            nn.LeakyReLU(0.1),
            nn.Conv2d(8, 12, 3, padding=1),
            nn.InstanceNorm2d(12, affine=True),
            nn.PReLU(12),
            nn.Conv2d(12, 16, 3, 2, 1),
            nn.GroupNorm(16, 16),
            nn.ELU(),
            nn.Conv2d(16, 16, 3, padding=1),
            nn.GroupNorm(1, 16),
            nn.Softplus(),
        ),
        16,
    )


# name: (builder, a layer in the middle, also written by the dynamo exporter)
NETS = {
    "plain": (plain, "features.1", False),
    "residual": (residual, "features.1", True),
    "mobile": (mobile, "features.1", True),
    "efficient": (efficient, "features.1", False),
    "dense": (dense, "features.2", False),
    "inception": (inception, "features.2", True),
    "convnext": (convnext, "features.1", True),
    "vit": (VisionTransformer, "blocks.0", True),
    "swin": (WindowTransformer, "stage", True),
    "alexnet": (AlexNet, "features.3", False),
    "segmentation": (Segmenter, "down2", True),
    "norms": (norms, "features.5", True),
}
