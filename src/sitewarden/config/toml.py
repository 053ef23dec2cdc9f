"""Settings as TOML text. Pure."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import msgspec

from sitewarden.config.keys import KEYS, TABLES
from sitewarden.config.model import Settings
from sitewarden.config.volumes import VolumeSettings

PLAIN = VolumeSettings()
ALWAYS = ("node", "name", "bind", "data_dir")
"""Written even where they are the defaults: a reader looks for them."""


def render(settings: Settings) -> str:
    """Return the text of a settings file: what differs from the defaults, and the first few fields always."""
    lines = ["# Settings of a Sitewarden node. Every setting: docs/generated/settings.md", ""]
    section = ""
    top = [name for name in KEYS if "." not in name and name not in TABLES]
    for name in [*top, *(name for name in KEYS if "." in name)]:
        key = KEYS[name]
        value: Any = settings
        for part in name.split("."):
            value = getattr(value, part)
        if value == key.default and name not in ALWAYS:
            continue
        head, dot, leaf = name.rpartition(".")
        if dot and head != section:
            section = head
            lines += [f"[{section}]"]
        if key.meta and key.meta.description:
            lines += textwrap.wrap(key.meta.description, 110, initial_indent="# ", subsequent_indent="# ")
        lines += [f"{leaf} = {value_text(value)}", ""]
    if settings.ports:
        lines += ["[ports]", *(f"{name} = {number}" for name, number in settings.ports.items()), ""]
    for id_, volume in settings.volumes.items():
        told = {name: value for name, value in msgspec.structs.asdict(volume).items() if value != getattr(PLAIN, name)}
        lines += [f"[volumes.{id_}]", *(f"{name} = {value_text(value)}" for name, value in told.items()), ""]
    return "\n".join(lines)


def value_text(value: Any) -> str:
    """Return a value in TOML's form; strings as basic strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(value_text(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {value_text(each)}" for name, each in value.items()) + "}"
    return str(value)
