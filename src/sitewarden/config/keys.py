"""The keys of the settings, found from the model: for refusals with the nearest name, for the environment, for the page."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from sitewarden import ports
from sitewarden.config.model import Settings
from sitewarden.config.volumes import VolumeSettings

PREFIX = "SITEWARDEN_"
BUCKETS = "SITEWARDEN_S3_"
"""How the variables with the keys of buckets begin; `media.archive` reads them, and nothing else does."""
FILE_VARIABLE = "SITEWARDEN_SETTINGS"
"""Path of the settings file; other names here are read by the command line, not as settings."""
FOREIGN = frozenset(
    {
        FILE_VARIABLE,
        "SITEWARDEN_ADMIN_PASSWORD",
        "SITEWARDEN_CAMERA_PASSWORD",
        "SITEWARDEN_COMMISSIONING_CODE",
        "SITEWARDEN_BACKUP_PASSPHRASE",
        "SITEWARDEN_PASSWORD",
        "SITEWARDEN_SIM_CACHE",
        "SITEWARDEN_TOKEN",
        "SITEWARDEN_URL",
    }
)


class Key(Struct, frozen=True):
    """One settable field: its dotted name, its type without Meta, its Meta, its default."""

    name: str
    type: Any
    meta: Meta | None
    default: Any

    @property
    def variable(self) -> str:
        """Return the name of the environment's variable."""
        return variable(self.name)


def variable(name: str) -> str:
    """Return SITEWARDEN_LIMITS_MAX_BODY for limits.max_body."""
    return PREFIX + name.upper().replace(".", "_").replace("-", "_")


def keys(model: type[Struct] = Settings, prefix: str = "") -> Iterator[Key]:
    """Yield every field of the model, sections first by their dotted names; `ports` as one key."""
    hints = get_type_hints(model, include_extras=True)
    for each in msgspec.structs.fields(model):
        annotation = hints[each.name]
        args = get_args(annotation)
        meta = next((arg for arg in args[1:] if isinstance(arg, Meta)), None) if args else None
        plain = args[0] if meta is not None else annotation
        if isinstance(plain, type) and get_origin(plain) is None and issubclass(plain, Struct):
            yield from keys(plain, f"{prefix}{each.name}.")
            continue
        default = each.default_factory() if each.default_factory is not msgspec.NODEFAULT else each.default
        yield Key(f"{prefix}{each.name}", plain, meta, default)


KEYS: dict[str, Key] = {key.name: key for key in keys()}
SECTIONS: frozenset[str] = frozenset(name.partition(".")[0] for name in KEYS if "." in name) | {"ports"}
TABLES: frozenset[str] = frozenset({"ports", "volumes"})
"""Settings that are tables of a person's own keys; not one value, so not in the environment as a whole."""
VARIABLES: dict[str, str] = {key.variable: name for name, key in KEYS.items() if name not in TABLES} | {
    variable(f"ports.{row.name}"): f"ports.{row.name}" for row in ports.MANIFEST if row.transport in ("tcp", "udp")
}


VOLUME: dict[str, Key] = {key.name: key for key in keys(VolumeSettings)}
"""The keys of one volume's table."""


def known(name: str) -> bool:
    """Tell whether a dotted name is a setting."""
    if name.startswith("volumes."):
        return name.count(".") == 2 and name.rpartition(".")[2] in VOLUME
    return name in KEYS or (name.startswith("ports.") and name.removeprefix("ports.") in ports.BY_NAME)


def nearest(name: str) -> str:
    """Return the setting that a wrong name most likely means; empty where none is near."""
    section, dot, leaf = name.partition(".")
    if dot and section == "ports":
        found = difflib.get_close_matches(leaf, ports.BY_NAME, 1)
        return f"ports.{found[0]}" if found else ""
    if dot and section == "volumes":
        found = difflib.get_close_matches(name.rpartition(".")[2], VOLUME, 1, 0.6)
        return f"{name.rpartition('.')[0]}.{found[0]}" if found else ""
    candidates = [*KEYS, *SECTIONS]
    found = difflib.get_close_matches(name, candidates, 1, 0.7)
    if not found:
        by_leaf = {candidate.rpartition(".")[2]: candidate for candidate in candidates}
        found = [by_leaf[hit] for hit in difflib.get_close_matches(name.rpartition(".")[2], by_leaf, 1, 0.75)]
    return found[0] if found else ""
