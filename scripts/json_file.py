"""Writes JSON as the repository's formatter lays it out: objects open, lists of scalars on one line."""

import json
import re
from pathlib import Path


def write_json(path: Path, value) -> None:
    path.write_text(_text(value, "") + "\n", encoding="utf-8")


def _text(value, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        entries = [f"{inner}{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "[\n" + ",\n".join(inner + _text(item, inner) for item in value) + f"\n{indent}]"
    if isinstance(value, float):
        return re.sub(r"e([+-])0+", r"e\1", json.dumps(value))
    return json.dumps(value, ensure_ascii=False)
