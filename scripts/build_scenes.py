"""Builds what is drawn: the scenes' three models, their cards, sample scenes and golden numbers.

    python scripts/build_scenes.py train [NAME...] [--threads 1]    models/scenes-*.onnx, plain, and their figures; minutes each
    python scripts/build_scenes.py evaluate [NAME...]               the figures of the files in models/, into models/scenes.json
    python scripts/build_scenes.py prepare                          adds the gradients with `saywhy prepare` (after a build)
    python scripts/build_scenes.py cards                            models/scenes-*.md and manifest.json, from figures and files
    python scripts/build_scenes.py samples                          samples/scenes/
    python scripts/build_scenes.py goldens                          test/fixtures/scenes/

The same seed gives the same weights on the same processor with the same number of threads; elsewhere they differ in the last
bits, and so in the figures' last digits. Each starts from the trunk of the one before: segmentation, questions, captions.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import torch

import manifest
from json_file import write_json
from scenes import cards, goldens, samples
from scenes.exporting import finish
from scenes.models import MODELS, RECIPES, read, write
from scenes.scenes import SIZE

FIGURES = MODELS / "scenes.json"


def train(names: list[str], work: Path) -> None:
    """`work` keeps the weights as trained, before batch norms are folded, and half-done trainings, which are gone on with."""
    work.mkdir(parents=True, exist_ok=True)
    for name in names:
        recipe, began = RECIPES[name], time.process_time()
        trunks = []
        if recipe.start:
            base = RECIPES[recipe.start].make()
            base.load_state_dict(torch.load(work / f"{recipe.start}.pt", weights_only=True))
            trunks.append(base.trunk)
        model = recipe.train(*trunks, checkpoint=work / f"{name}.part.pt")
        torch.save(model.state_dict(), work / f"{name}.pt")
        write(name, finish(model), MODELS / f"{name}.onnx")
        _note(name, {"processorSeconds": round(time.process_time() - began)})
    evaluate(names)


def evaluate(names: list[str]) -> None:
    for name in names:
        _note(name, RECIPES[name].evaluate(read(name)))


def _note(name: str, figures: dict) -> None:
    """Puts figures of a model into models/scenes.json, beside those that are known."""
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    known[name] = known.get(name, {}) | figures
    write_json(FIGURES, {name: known[name] for name in RECIPES if name in known})
    print(name, json.dumps(figures, indent=2))


def describe(names: list[str]) -> None:
    figures, entries = json.loads(FIGURES.read_text()), []
    for name in names:
        recipe, path = RECIPES[name], MODELS / f"{name}.onnx"
        card = cards.CARDS[name]
        path.with_suffix(".md").write_text(card.text(figures[name]), encoding="utf-8")
        entries.append(
            {
                "name": name,
                "file": path.name,
                "task": recipe.metadata["task"],
                "title": card.title,
                "facts": card.facts(figures[name]),
                "source": "scripts/build_scenes.py",
                "licence": "MIT",
                **manifest.of_file(path),
                "input": [3, SIZE, SIZE],
                "classes": len(recipe.metadata["labels"]),
                "parameters": sum(p.numel() for p in recipe.make().parameters()),
            }
        )
    manifest.update(entries)


def prepare(names: list[str]) -> None:
    for name in names:
        path = MODELS / f"{name}.onnx"
        with tempfile.TemporaryDirectory() as folder:
            plain = shutil.copy(path, folder)
            command = ["npx", "saywhy", "prepare", plain, "--wrt", RECIPES[name].layer, "--out", str(path), "--force"]
            subprocess.run(command, cwd=MODELS.parent, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("train", "evaluate", "prepare", "cards", "samples", "goldens"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RECIPES)}; all by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "saywhy-scenes")
    arguments = parser.parse_args()
    names = arguments.names or list(RECIPES)
    if unknown := set(names) - set(RECIPES):
        parser.error(f"unknown model {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}")
    torch.set_num_threads(arguments.threads)
    match arguments.step:
        case "train":
            train(names, arguments.work)
        case "evaluate":
            evaluate(names)
        case "prepare":
            prepare(names)
        case "cards":
            describe(names)
        case "samples":
            samples.build()
        case "goldens":
            goldens.build()


if __name__ == "__main__":
    main()
