"""Draws scenes: two to five coloured shapes on a textured ground, with the exact mask of each.

    scene = draw(seed=0, index=7)       # the same scene whenever and wherever it is drawn
    scene.pixels                        # uint8 [96, 96, 3]
    scene.ids                           # uint8 [96, 96]: 0 is the ground, k the pixels of scene.things[k - 1]
"""

import math
from dataclasses import dataclass
from multiprocessing import Pool

import numpy as np
from PIL import Image, ImageDraw

SIZE = 96
COLOURS = {
    "red": (208, 42, 48),
    "orange": (240, 138, 36),
    "yellow": (236, 216, 64),
    "green": (58, 160, 74),
    "blue": (48, 98, 206),
    "purple": (146, 72, 186),
}
SHAPES = ("circle", "square", "triangle", "star", "cross")
RADII = (7.5, 14.0)
GAP = 3.0  # pixels between the circles around two things
MARGIN = 2.0  # pixels between a thing and the picture's edge
CLEAR = 6.0  # pixels by which an order (left of, nearer than) must hold to be spoken of
SCALE = 4  # drawn this many times larger, then averaged
KINDS = ("pair", "groups", "any")


@dataclass(frozen=True)
class Thing:
    """One shape: `x`, `y` and `radius` of the circle around it in pixels, `angle` in radians."""

    colour: str
    shape: str
    x: float
    y: float
    radius: float
    angle: float

    @property
    def name(self) -> str:
        return f"{self.colour} {self.shape}"


@dataclass(frozen=True)
class Scene:
    things: tuple[Thing, ...]
    pixels: np.ndarray
    ids: np.ndarray

    def mask(self, things: tuple[int, ...]) -> np.ndarray:
        """bool [96, 96]: the pixels of the things at these indices."""
        return np.isin(self.ids, [index + 1 for index in things])


def groups_of(things: tuple[Thing, ...]) -> list[tuple[int, ...]]:
    """Indices of the things that look alike, the largest group first, then from left to right."""
    names = dict.fromkeys(thing.name for thing in things)
    groups = [tuple(i for i, thing in enumerate(things) if thing.name == name) for name in names]
    return sorted(groups, key=lambda group: (-len(group), min(things[i].x for i in group)))


def draw(seed: int, index: int, kind: str | None = None) -> Scene:
    """The scene `index` of the series `seed`. Kinds take turns unless one is asked for.

    pair: two different things, clearly side by side or one above the other; groups: two to five things of at most three
    looks, which can be told in order; any: two to five things, each drawn at random.
    """
    random = np.random.default_rng([seed, index])
    kind = kind or KINDS[index % len(KINDS)]
    while True:
        things = _place(_looks(kind, random), random)
        if things and (kind == "any" or can_be_told(things)):
            break
    return _paint(things, random)


def draw_many(seed: int, count: int, kinds: tuple[str, ...] = KINDS, processes: int = 2) -> list[Scene]:
    jobs = [(seed, index, kinds[index % len(kinds)]) for index in range(count)]
    with Pool(processes) as pool:
        return pool.starmap(draw, jobs, chunksize=250)


def can_be_told(things: tuple[Thing, ...]) -> bool:
    """Whether a caption has one clear order: see `captions.caption`."""
    groups = groups_of(things)
    if len(groups) > 3:
        return False
    if len(things) == len(groups) == 2:
        first, second = things
        return abs(abs(first.x - second.x) - abs(first.y - second.y)) >= CLEAR
    for before, after in zip(groups, groups[1:], strict=False):
        ends = [min(things[i].x for i in group) for group in (before, after)]
        if len(before) == len(after) and ends[1] - ends[0] < CLEAR:
            return False
    return True


def _looks(kind: str, random: np.random.Generator) -> list[tuple[str, str]]:
    every = [(colour, shape) for colour in COLOURS for shape in SHAPES]
    if kind == "any":
        return [every[random.integers(len(every))] for _ in range(random.integers(2, 6))]
    sizes = (1, 1)
    if kind == "groups":
        choices = [(2,), (3,), (4,), (5,), (2, 1), (3, 1), (2, 2), (4, 1), (3, 2), (1, 1, 1), (1, 1, 1), (2, 1, 1), (3, 1, 1), (2, 2, 1)]
        sizes = choices[random.integers(len(choices))]
    picked = random.choice(len(every), size=len(sizes), replace=False)
    return [every[look] for look, size in zip(picked, sizes, strict=True) for _ in range(size)]


def _place(looks: list[tuple[str, str]], random: np.random.Generator) -> tuple[Thing, ...]:
    """Places without overlap; empty where it found no room."""
    things: list[Thing] = []
    for colour, shape in looks:
        for _ in range(60):
            radius = random.uniform(*RADII)
            x, y = random.uniform(radius + MARGIN, SIZE - radius - MARGIN, size=2)
            if all(math.hypot(x - t.x, y - t.y) >= radius + t.radius + GAP for t in things):
                things.append(Thing(colour, shape, x, y, radius, random.uniform(-0.3, 0.3)))
                break
        else:
            return ()
    return tuple(things)


def _paint(things: tuple[Thing, ...], random: np.random.Generator) -> Scene:
    pixels = _ground(random)
    ids = np.zeros((SIZE, SIZE), np.uint8)
    for index, thing in enumerate(things):
        coverage = _coverage(thing)
        colour = np.array(COLOURS[thing.colour]) + random.normal(0, 7, 3)
        shade = random.uniform(0.88, 1.08)
        pixels += coverage[..., None] * (colour * shade - pixels)
        ids[coverage >= 0.5] = index + 1
    pixels += random.normal(0, 5, pixels.shape)
    return Scene(things, pixels.round().clip(0, 255).astype(np.uint8), ids)


def _coverage(thing: Thing) -> np.ndarray:
    """float [96, 96]: the share of each pixel that the shape covers."""
    left, top = math.floor(thing.x - thing.radius) - 1, math.floor(thing.y - thing.radius) - 1
    side = math.ceil(2 * thing.radius) + 3
    tile = Image.new("L", (side * SCALE, side * SCALE))
    centre = np.array([thing.x - left, thing.y - top])
    pen = ImageDraw.Draw(tile)
    outline = (centre + thing.radius * _outline(thing.shape, thing.angle)) * SCALE
    pen.polygon([tuple(point) for point in outline], fill=255)
    whole = np.zeros((SIZE, SIZE))
    small = np.asarray(tile.reduce(SCALE)) / 255
    rows, columns = slice(max(top, 0), top + side), slice(max(left, 0), left + side)
    part = small[max(-top, 0) :, max(-left, 0) :]
    target = whole[rows, columns]
    target[:] = part[: target.shape[0], : target.shape[1]]
    return whole


def _outline(shape: str, angle: float) -> np.ndarray:
    """[points, 2]: corners on or within the unit circle."""
    match shape:
        case "circle":
            radii, turns = np.ones(48), np.arange(48) / 48
        case "square":
            radii, turns = np.ones(4), np.arange(4) / 4 + 1 / 8
        case "triangle":
            radii, turns = np.ones(3), np.arange(3) / 3 - 1 / 4
        case "star":
            radii, turns = np.tile([1, 0.42], 5), np.arange(10) / 10 - 1 / 4
        case "cross":
            arm = 0.34
            corners = [(arm, 0.94), (arm, arm), (0.94, arm), (0.94, -arm), (arm, -arm), (arm, -0.94)]
            points = np.array(corners + [(-x, -y) for x, y in corners])
            radii, turns = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0]) / (2 * math.pi)
    turned = 2 * math.pi * turns + angle
    return radii[:, None] * np.stack([np.cos(turned), np.sin(turned)], axis=1)


def _ground(random: np.random.Generator) -> np.ndarray:
    """float [96, 96, 3]: a dull ramp, stripes, checks or blotches."""
    first, second = (random.uniform(90, 200) + random.normal(0, 8, 3) for _ in range(2))
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    angle, period = random.uniform(0, math.pi), random.uniform(8, 24)
    along = x * math.cos(angle) + y * math.sin(angle)
    across = y * math.cos(angle) - x * math.sin(angle)
    match random.integers(4):
        case 0:
            mix = (along - along.min()) / np.ptp(along)
        case 1:
            mix = 0.5 + 0.35 * np.sin(2 * math.pi * along / period)
        case 2:
            mix = 0.5 + 0.3 * np.sign(np.sin(math.pi * along / period) * np.sin(math.pi * across / period))
        case _:
            coarse = Image.fromarray(random.uniform(0, 1, (8, 8)).astype(np.float32))
            mix = np.asarray(coarse.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    return first + mix[..., None] * (second - first)
