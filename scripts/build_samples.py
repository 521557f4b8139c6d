"""Builds samples/: photographs in the public domain or CC0 from Debian's gcompris-qt-data and from scikit-image.

    apt-get download gcompris-qt-data && dpkg-deb -x gcompris-qt-data_*.deb DIR
    python scripts/build_samples.py --gcompris DIR
"""

import argparse
import io
import re
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

import qres

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
LONGEST = 640  # pixels; enough for any classifier's input with room to look at
QUALITY = 88

# sample name -> file name inside the resource
ANIMALS = {
    "dog": "dog.webp",
    "cat": "cat.webp",
    "hens": "chicken.webp",
    "bison": "bison.webp",
    "hedgehog": "hedgehog.webp",
    "jaguars": "jaguar.webp",
    "kangaroo": "kangaroo.webp",
    "koala": "koala.webp",
    "macaw": "scarlet_macaw.webp",
    "panda": "panda.webp",
    "polar-bear": "polar_bear.webp",
}
# Boxes (left, top, right, bottom) of the two photographs that fill the composed square, and its side in pixels.
SIDE, DOG_HEIGHT = 448, 248
DOG_BOX, CAT_BOX = (120, 10, 1024, 510), (0, 40, 451, 241)


def resources(root: Path) -> tuple[dict[str, bytes], dict[str, tuple[str, str, str]]]:
    """WebP pictures by file name, and (author, mark, source) by file name from the READMEs beside them."""
    pictures: dict[str, bytes] = {}
    credits: dict[str, tuple[str, str, str]] = {}
    for container in ("explore_farm_animals.rcc", "explore_world_animals.rcc"):
        path = root / "usr/share/gcompris-qt/rcc" / container
        for name, content in qres.files(path.read_bytes()):
            if name.endswith(".webp"):
                pictures[Path(name).name] = content
            elif name.endswith("README"):
                credits.update(read_credits(content.decode("utf-8")))
    return pictures, credits


def read_credits(text: str) -> dict[str, tuple[str, str, str]]:
    pattern = r"Copyright: (.+)\nLicense: (.+)\nSource: (.+)\nFiles:\n(\S+)"
    return {name: (author, mark, source) for author, mark, source, name in re.findall(pattern, text)}


def shrink(picture: Image.Image) -> Image.Image:
    picture = picture.convert("RGB")
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return picture


def compose(dog: Image.Image, cat: Image.Image) -> Image.Image:
    """A square with the dog above the cat: no single free photograph holds both."""
    square = Image.new("RGB", (SIDE, SIDE))
    square.paste(dog.convert("RGB").crop(DOG_BOX).resize((SIDE, DOG_HEIGHT), Image.Resampling.LANCZOS), (0, 0))
    rest = (SIDE, SIDE - DOG_HEIGHT)
    square.paste(cat.convert("RGB").crop(CAT_BOX).resize(rest, Image.Resampling.LANCZOS), (0, DOG_HEIGHT))
    return square


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gcompris", required=True, type=Path, help="folder with the unpacked gcompris-qt-data")
    arguments = parser.parse_args()

    pictures, credits = resources(arguments.gcompris)
    skimage = Path(find_spec("skimage").submodule_search_locations[0]) / "data"
    SAMPLES.mkdir(exist_ok=True)
    rows = []
    opened = {}
    for name, file in ANIMALS.items():
        opened[name] = Image.open(io.BytesIO(pictures[file])).convert("RGB")
        shrink(opened[name].copy()).save(SAMPLES / f"{name}.jpg", quality=QUALITY, optimize=True)
        rows.append((f"{name}.jpg", *credits[file]))
    coffee = Image.open(skimage / "coffee.png")
    shrink(coffee).save(SAMPLES / "espresso.jpg", quality=QUALITY, optimize=True)
    shrink(Image.open(skimage / "astronaut.png")).save(SAMPLES / "astronaut.jpg", quality=QUALITY, optimize=True)
    chelsea = Image.open(skimage / "chelsea.png")
    compose(opened["dog"], chelsea).save(SAMPLES / "cat-and-dog.png", optimize=True)

    scikit = "https://github.com/scikit-image/scikit-image/blob/main/skimage/data"
    rows.append(("espresso.jpg", "Rachel Michetti", "CC0-1.0", f"{scikit}/coffee.png"))
    rows.append(("astronaut.jpg", "NASA", "Public Domain", f"{scikit}/astronaut.png"))
    dog_author, dog_mark, dog_source = credits[ANIMALS["dog"]]
    rows.append(("cat-and-dog.png", f"the dog by {dog_author}", dog_mark, dog_source))
    rows.append(("cat-and-dog.png", "the cat by Stéfan van der Walt", "CC0-1.0", f"{scikit}/chelsea.png"))
    (SAMPLES / "ATTRIBUTION.md").write_text(attribution(rows), encoding="utf-8")


def attribution(rows: list[tuple[str, str, str, str]]) -> str:
    lines = [
        "# Where the pictures come from",
        "",
        "Every picture is in the public domain or dedicated to it (CC0), and may be used for anything. The animals come",
        "through Debian's package `gcompris-qt-data`, whose README states author, mark and source of each; the cat of",
        "`cat-and-dog.png` and the espresso come with scikit-image, as does the astronaut (Eileen Collins). All were scaled down",
        "and some cropped, by `scripts/build_samples.py`.",
        "",
    ]
    lines += [f"- `{name}`: {author}, {mark}, <{source}>" for name, author, mark, source in rows]
    lines.append("- `scenes/`: drawn by `scripts/build_scenes.py`, CC0-1.0")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
