"""models/manifest.json: what each model that comes with saywhy is, and its file's hash. Two scripts write it, each its own models."""

import hashlib
import json
from pathlib import Path

from json_file import write_json

MODELS = Path(__file__).resolve().parent.parent / "models"
_PATH = MODELS / "manifest.json"


def of_file(path: Path) -> dict:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def update(entries: list[dict]) -> None:
    """Puts entries in the place of those of the same name, new ones at the end; the rest stays."""
    models = {entry["name"]: entry for entry in json.loads(_PATH.read_text())["models"]} if _PATH.exists() else {}
    models |= {entry["name"]: entry for entry in entries}
    write_json(_PATH, {"models": list(models.values())})
