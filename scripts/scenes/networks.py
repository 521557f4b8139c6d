"""The three networks. Pictures are [N, 3, 96, 96] in [-1, 1]; all maps that a question or a caption looks at are 12 x 12.

The maps are modulated by the words (FiLM, Perez et al. 2018, arXiv 1709.07871) before they are pooled, so that the last of
them, `head.explained`, already depends on the question: Grad-CAM there points at what the answer was read off.
"""

import torch
from torch import nn

WIDTH = 64  # channels of the trunk's maps
EXPLAINED = 128  # channels of the explained map
SIDE = 12


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A stride of 2 comes with a kernel of 4: each cell then lies in the middle of the 2 x 2 that it stands for."""
    convolution = nn.Conv2d(inputs, outputs, 3 if stride == 1 else 4, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Trunk(nn.Module):
    """[N, 3, 96, 96] to maps of 48 x 48 (16 channels), 24 x 24 (32) and 12 x 12 (64)."""

    def __init__(self):
        super().__init__()
        self.stage1 = block(3, 16, 2)
        self.stage2 = block(16, 32, 2)
        self.stage3 = nn.Sequential(block(32, WIDTH, 2), block(WIDTH, WIDTH), block(WIDTH, WIDTH))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        large = self.stage1(image)
        medium = self.stage2(large)
        return large, medium, self.stage3(medium)


class Placed(nn.Module):
    """A normalised 1 x 1 convolution of the maps that also sees where it is: `xy` is [1, 2, 12, 12] in [-1, 1]."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.maps = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.place = nn.Conv2d(2, outputs, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, maps: torch.Tensor, xy: torch.Tensor) -> torch.Tensor:
        return self.norm(self.maps(maps) + self.place(xy))


class Merge(nn.Module):
    """Rows [N * T, C, 12, 12] as [N, T * C, 12, 12]: the maps of all T texts are channels of one picture's map."""

    def forward(self, rows: torch.Tensor, pictures: int) -> torch.Tensor:
        return rows.reshape(pictures, -1, SIDE, SIDE)


class Said(nn.Module):
    """Logits [N, names + numbers]: names from the maximum of each map, the words for numbers from its sum as well.

    Names do without the sums: what is everywhere a little would weigh as much in a map as what is named.
    """

    def __init__(self, names: int, numbers: int):
        super().__init__()
        self.names = nn.Sequential(nn.Linear(EXPLAINED, EXPLAINED), nn.ReLU(), nn.Linear(EXPLAINED, names))
        self.numbers = nn.Sequential(nn.Linear(2 * EXPLAINED, EXPLAINED), nn.ReLU(), nn.Linear(EXPLAINED, numbers))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        most = maps.amax((2, 3))
        sums = maps.sum((2, 3)) / SIDE
        return torch.cat([self.names(most), self.numbers(torch.cat([most, sums], dim=1))], dim=1)


class Answered(nn.Module):
    """Logits [N, names + numbers]: what there is shows in the maximum of a map, how many there are in its sum.

    Each number adds to the one before (adjacent categories, Agresti 2010): more of what is counted raises all numbers that are
    not 0, the larger the more, so that a map shows what was counted, and not what would have made it another number.
    """

    def __init__(self, names: int, numbers: int):
        super().__init__()
        self.names = nn.Sequential(nn.Linear(EXPLAINED, EXPLAINED), nn.ReLU(), nn.Linear(EXPLAINED, names))
        self.numbers = nn.Linear(EXPLAINED, numbers)
        self.register_buffer("steps", torch.ones(numbers, numbers).triu(), persistent=False)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.names(maps.amax((2, 3))), self.numbers(maps.sum((2, 3)) / SIDE) @ self.steps], dim=1)


class Head(nn.Module):
    """Maps [N, 64, 12, 12] and the state of the words [N, 96] to logits [N, outputs], which `answer` makes of the explained map.

    With states [N, T, 96] of T texts on each picture the logits are [N, T, outputs], and the explained map is
    [N, T * 128, 12, 12]: the score of one text depends on its own 128 channels, so that Grad-CAM needs to know nothing of T.
    """

    def __init__(self, state: int, answer: nn.Module):
        super().__init__()
        line = torch.linspace(-1, 1, SIDE)
        self.register_buffer("xy", torch.stack(torch.meshgrid(line, line, indexing="xy"))[None], persistent=False)
        self.film = nn.Linear(state, 4 * WIDTH)
        self.first = Placed(WIDTH, WIDTH)
        self.second = nn.Sequential(nn.Conv2d(WIDTH, WIDTH, 3, padding=1, bias=False), nn.BatchNorm2d(WIDTH))
        self.third = Placed(WIDTH, EXPLAINED)
        self.explained = nn.ReLU()
        self.merged = Merge()
        self.answer = answer

    def forward(self, maps: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        scale1, shift1, scale2, shift2 = self.film(state)[..., None, None].split(WIDTH, dim=-3)
        x = self.first(maps, self.xy)
        several = state.ndim == 3
        if several:
            x = ((1 + scale1) * x[:, None] + shift1).relu().reshape(-1, WIDTH, SIDE, SIDE)
            scale2, shift2 = scale2.reshape(-1, WIDTH, 1, 1), shift2.reshape(-1, WIDTH, 1, 1)
        else:
            x = ((1 + scale1) * x + shift1).relu()
        x = ((1 + scale2) * self.second(x) + shift2).relu()
        x = self.explained(self.third(x, self.xy))
        if several:
            x = self.merged(x, state.shape[0]).reshape(-1, EXPLAINED, SIDE, SIDE)
        logits = self.answer(x)
        return logits.unflatten(0, state.shape[:2]) if several else logits


class Answerer(nn.Module):
    """image [N, 3, 96, 96] and question int64 [N, 12] to logits [N, names + numbers].

    Or, to train: [N, Q, 12], Q questions on each picture, to [N, Q, names + numbers].
    """

    def __init__(self, words: int, names: int, numbers: int, embedding: int = 32, state: int = 96):
        super().__init__()
        self.trunk = Trunk()
        self.words = nn.Embedding(words, embedding)
        self.reader = nn.GRU(embedding, state, batch_first=True)
        self.head = Head(state, Answered(names, numbers))

    def forward(self, image: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
        maps = self.trunk(image)[2]
        if question.ndim == 2:
            return self.head(maps, self.read(question))
        return self.head(maps, self.read(question.flatten(0, 1)).unflatten(0, question.shape[:2]))

    def read(self, question: torch.Tensor) -> torch.Tensor:
        """[N, 12] to the reader's last state, [N, 96]."""
        return self.reader(self.words(question))[1][0]


class Captioner(nn.Module):
    """image [N, 3, 96, 96], tokens int64 [N, T] (the begin token and the words so far) to [N, T, names + numbers].

    `names` are all words but those for numbers, which come last.

    logits[:, t] are those of the word after token t.
    """

    def __init__(self, names: int, numbers: int, embedding: int = 32, state: int = 96):
        super().__init__()
        self.trunk = Trunk()
        self.words = nn.Embedding(names + numbers, embedding)
        self.reader = nn.GRU(embedding, state, batch_first=True)
        self.head = Head(state, Said(names, numbers))

    def forward(self, image: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        maps = self.trunk(image)[2]
        return self.head(maps, self.reader(self.words(tokens))[0])


class Segmenter(nn.Module):
    """image [N, 3, 96, 96] to logits [N, classes, 96, 96], decided at 48 x 48 from the maps of three resolutions."""

    def __init__(self, classes: int):
        super().__init__()
        self.trunk = Trunk()
        self.small = nn.Conv2d(WIDTH, 48, 1)
        self.medium = nn.Conv2d(32, 48, 1)
        self.merge1 = block(48, 48)
        self.narrow = nn.Conv2d(48, 32, 1)
        self.large = nn.Conv2d(16, 32, 1)
        self.merge2 = block(32, 32)
        self.classes = nn.Conv2d(32, classes, 1)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear")

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.decode(*self.trunk(image))

    def decode(self, large: torch.Tensor, medium: torch.Tensor, small: torch.Tensor) -> torch.Tensor:
        x = self.merge1(self.enlarge(self.small(small)) + self.medium(medium))
        x = self.merge2(self.enlarge(self.narrow(x)) + self.large(large))
        return self.enlarge(self.classes(x))
