"""Loading: file, environment, flags, in this order; each fault is refused with its place and what to do."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from sitewarden.config.checks import check
from sitewarden.config.file import replace_file
from sitewarden.config.keys import BUCKETS, FOREIGN, KEYS, PREFIX, SECTIONS, VARIABLES, VOLUME, known, nearest
from sitewarden.config.model import Settings
from sitewarden.config.toml import render
from sitewarden.config.volumes import ENVIRONMENT, VolumeSettings
from sitewarden.domain.errors import Refusal

FILES = frozenset({"path", "credentials", "authority"})
"""What of a volume is a path, and counts from the settings file's directory."""
PLACED = frozenset({"database.password_file", "database.ca", "video.files"})
"""Settings that are paths, and count from there too."""
MAX_FILE = 1 << 20
"""Greatest settings file, in bytes."""

_PATH = re.compile(r" - at `(?P<path>[^`]+)`$")
_LIST = re.compile(r"\[(\.\.\.|\d+)\]")


def load(
    path: Path | str | None = None, environ: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Return the settings. `flags` are dotted names with values ("limits.max_body"); None values are left out.

    Without `path`, the file that SITEWARDEN_SETTINGS names, else `sitewarden.toml` where there is one. Raises Refusal.
    A relative data directory in a file counts from the file's own directory.
    """
    environ = os.environ if environ is None else environ
    named = path or environ.get("SITEWARDEN_SETTINGS")
    file = Path(named) if named else Path("sitewarden.toml")
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    if named or file.is_file():
        _read_file(file, values, places)
    _read_environment(environ, values, places)
    for name, value in (flags or {}).items():
        if value is None:
            continue
        place = f"--{name.rpartition('.')[2].replace('_', '-')}"
        _demand_known(name, place)
        values[name] = _from_text(name, value, place) if isinstance(value, str) else value
        places[name] = place
    settings = _convert(values, places)
    check(settings, lambda key: places.get(key, key))
    return settings


def _read_file(file: Path, values: dict[str, Any], places: dict[str, str]) -> None:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE + 1)
    except OSError as fault:
        raise Refusal(
            f"the settings file cannot be read ({fault.strerror}).",
            where=str(file),
            remedy="Make one with `sitewarden init`, or name another with --settings.",
        ) from None
    if len(raw) > MAX_FILE:
        raise Refusal(f"the settings file is larger than {MAX_FILE} bytes.", where=str(file), remedy="Name the right file.")
    try:
        text = raw.decode()
        document = tomllib.loads(text)
    except UnicodeDecodeError as fault:
        raise Refusal(
            "the settings file is not UTF-8.", where=f"{file}, byte {fault.start}", remedy="Save it as UTF-8."
        ) from None
    except tomllib.TOMLDecodeError as fault:
        raise Refusal(f"the settings file is not TOML: {fault}.", where=str(file), remedy="See https://toml.io.") from None
    lines = _lines_of_keys(text)
    for name, value in _flatten(document):
        line = lines.get(name)
        place = f"{file}:{line}: {name}" if line else f"{file}: {name}"
        _demand_known(name, place)
        values[name] = value
        places[name] = place
        if name == "volumes":
            _check_volumes(value, str(file), lines, places)
            values[name] = _placed(value, file.parent)
        if name in PLACED and isinstance(value, str) and value:
            values[name] = str(file.parent / value)
    data_dir = values.setdefault("data_dir", "data")
    if isinstance(data_dir, str) and not Path(data_dir).is_absolute():
        values["data_dir"] = str(file.parent / data_dir)


def _check_volumes(volumes: Any, file: str, lines: Mapping[str, int], places: dict[str, str]) -> None:
    """Refuse what is no table of a volume, and unknown keys in it, at their lines."""
    for id_, table in volumes.items() if isinstance(volumes, dict) else ():
        if not isinstance(table, dict):
            raise Refusal(
                f"volumes.{id_} is not a volume.",
                where=f"{file}: volumes",
                remedy=f'Write "[volumes.<id>]" on a line of its own, with {id_} below it.',
            )
        for key in ("", *table):
            name = f"volumes.{id_}.{key}".rstrip(".")
            line = lines.get(name) or lines.get(f"volumes.{id_}")
            places[name] = f"{file}:{line}: {name}" if line else f"{file}: {name}"
            if key:
                _demand_known(name, places[name])


def _placed(volumes: Any, folder: Path) -> Any:
    """Return the tables with relative paths counted from the settings file's directory."""
    if not isinstance(volumes, dict):
        return volumes
    return {
        id_: {
            key: str(folder / value) if key in FILES and isinstance(value, str) and value and value != ENVIRONMENT else value
            for key, value in table.items()
        }
        for id_, table in volumes.items()
    }


def _flatten(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in document.items():
        if key in SECTIONS and isinstance(value, dict):
            flat.extend((f"{key}.{inner}", each) for inner, each in value.items())
        else:
            flat.append((key, value))
    return flat


def _lines_of_keys(text: str) -> dict[str, int]:
    """Return the line of each key of a TOML text; enough for plain sections and keys, which is what a person writes."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\"-]+)\s*\]", line):
            section = header[1].replace('"', "") + "."
            lines.setdefault(section[:-1], number)
        elif entry := re.match(r"\s*([\w.\"-]+)\s*=", line):
            lines.setdefault(section + entry[1].replace('"', ""), number)
    return lines


def _demand_known(name: str, place: str) -> None:
    if known(name) and name != "ports":
        return
    if name in SECTIONS:
        raise Refusal(f"{name} is a section.", where=place, remedy=f"Write its settings below a line [{name}].")
    near = nearest(name)
    hint = f"Did you mean {near}?" if near else "docs/generated/settings.md lists every setting."
    raise Refusal(f"{name} is not a setting.", where=place, remedy=hint)


def _read_environment(environ: Mapping[str, str], values: dict[str, Any], places: dict[str, str]) -> None:
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable.startswith(BUCKETS) or variable in FOREIGN:
            continue
        name = VARIABLES.get(variable)
        if name is None:
            near = nearest(variable.removeprefix(PREFIX).lower().replace("_", "."))
            by_variable = {setting: key for key, setting in VARIABLES.items()}
            hint = f"Did you mean {by_variable[near]}?" if near in by_variable else "Unset it."
            raise Refusal(f"{variable} is not a setting.", where="the environment", remedy=hint)
        values[name] = _from_text(name, environ[variable], variable)
        places[name] = variable


def _from_text(name: str, text: str, place: str) -> Any:
    """Read a value that came as text; lists are separated by commas."""
    expected = int if name.startswith("ports.") else KEYS[name].type
    if expected not in (int, float, bool):
        return [part.strip() for part in text.split(",") if part.strip()] if str(expected).startswith("tuple") else text
    try:
        return msgspec.convert(text, expected, strict=False)
    except msgspec.ValidationError:
        word = {int: "a whole number", float: "a number", bool: "true or false"}[expected]
        raise Refusal(f"{text!r} is not {word}.", where=place, remedy=f"Give {word}.") from None


def _convert(values: Mapping[str, Any], places: Mapping[str, str]) -> Settings:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        section, dot, leaf = name.partition(".")
        if dot:
            tree.setdefault(section, {})[leaf] = value
        else:
            tree[name] = value
    try:
        return msgspec.convert(tree, Settings)
    except msgspec.ValidationError as fault:
        message = str(fault)
        found = _PATH.search(message)
        name = _LIST.sub("", found["path"].removeprefix("$")).strip(".") if found else ""
        if name == "ports" and isinstance(tree["ports"], dict):
            name = next((f"ports.{each}" for each, number in tree["ports"].items() if type(number) is not int), name)
        if name.startswith("volumes"):
            raise _volume_fault(message, name, tree["volumes"], places) from None
        key = KEYS.get(name)
        about = f"{key.meta.description}" if key and key.meta and key.meta.description else "See docs/generated/settings.md."
        what = _PATH.sub("", message)
        raise Refusal(f"{what[:1].lower()}{what[1:]}.", where=places.get(name, name), remedy=about) from None


def _volume_fault(message: str, name: str, volumes: Any, places: Mapping[str, str]) -> Refusal:
    """Return the refusal of the volume whose value is wrong; msgspec names the key, but not of which table."""
    leaf = name.partition(".")[2]
    what = _PATH.sub("", message)
    for id_, table in volumes.items() if isinstance(volumes, dict) else ():
        try:
            msgspec.convert(table, VolumeSettings)
        except msgspec.ValidationError:
            whole = f"volumes.{id_}.{leaf}"
            key = VOLUME.get(leaf)
            about = f"{key.meta.description}" if key and key.meta and key.meta.description else ""
            return Refusal(f"{what[:1].lower()}{what[1:]}.", where=places.get(whole, whole), remedy=about)
    return Refusal(f"{what[:1].lower()}{what[1:]}.", where="volumes", remedy='Write "[volumes.<id>]" for each volume.')


def write_settings(path: Path | str, settings: Settings) -> None:
    """Write the settings that differ from the defaults, each with its description; the file replaces the old one whole."""
    check(settings, lambda key: key)
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, render(settings))
