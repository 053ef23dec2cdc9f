"""`docs/generated/settings.md`: every setting, from the model. Pure."""

from __future__ import annotations

import types
from typing import Any, Literal, get_args, get_origin

from sitewarden.config.keys import KEYS, TABLES, VOLUME, variable
from sitewarden.config.toml import value_text

HEAD = """\
# Settings

A node reads `sitewarden.toml` (or the file that `--settings` or SITEWARDEN_SETTINGS names), then the environment, then flags; the
later wins. Unknown keys are refused with the nearest known name. Made from `src/sitewarden/config/model.py` by `make docs`.
All else (cameras, doors, people, points, rules) is state: see the console, `sitewarden export` and `sitewarden apply`.

"""


def settings_page() -> str:
    """Return the page: one table for the top level, then one for each section."""
    out = HEAD
    section: str | None = None
    for name, key in KEYS.items():
        head = name.rpartition(".")[0]
        if head != section:
            section = head
            out += f"\n## [{head}]\n\n" if head else ""
            out += "| setting | type | default | environment | what it does |\n|---|---|---|---|---|\n"
        where = f"`{variable('ports')}_<row>`" if name == "ports" else "" if name in TABLES else f"`{key.variable}`"
        about = key.meta.description if key.meta and key.meta.description else ""
        out += f"| `{name}` | {_type(key.type)}{_bounds(key.meta)} | `{value_text(key.default)}` | {where} | {about} |\n"
    out += "\n## [volumes.\\<id\\>]\n\n| setting | type | default | what it does |\n|---|---|---|---|\n"
    for name, key in VOLUME.items():
        about = key.meta.description if key.meta and key.meta.description else ""
        out += f"| `{name}` | {_type(key.type)}{_bounds(key.meta)} | `{value_text(key.default)}` | {about} |\n"
    return out


def _type(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return " or ".join(f"`{value_text(each)}`" for each in get_args(kind))
    if origin is tuple:
        return f"list of {_type(get_args(kind)[0])}"
    if origin is dict:
        return "table of whole numbers" if get_args(kind)[1] is int else "tables"
    if origin is types.UnionType:
        return " or ".join(_type(each) for each in get_args(kind))
    return {int: "whole number", float: "number", bool: "true or false", str: "text"}[kind]


def _bounds(meta: Any) -> str:
    if meta is None:
        return ""
    low = f"from {meta.ge}" if meta.ge is not None else f"above {meta.gt}" if meta.gt is not None else ""
    high = f"to {meta.le}" if meta.le is not None else ""
    return f", {' '.join(part for part in (low, high) if part)}" if low or high else ""
