"""Secrets within the settings of drivers: sealed in state, `KEPT` for whoever reads, in clear for the driver alone. Pure but for
the sealing.

A driver's model marks a field as `kit.config.SecretText`. In state it stands as {"sealed": ...}, bound to its place
("endpoint:broker/config.password"). Who writes `KEPT` back keeps what is held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from sitewarden.domain.entity import KEPT, Entity, Secret
from sitewarden.domain.errors import Invalid, NotFound, Refusal
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.drivers import registry
from sitewarden.kit.config import secret_fields
from sitewarden.services.proposal import Get
from sitewarden.services.secrets import SecretBox

FIELD: Final = "config"


def is_sealed(value: object) -> bool:
    """Tell whether a value of settings is a sealed secret."""
    return isinstance(value, dict) and value.keys() == {"sealed"} and isinstance(value["sealed"], str)


def shown(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as people see them: `KEPT` stands for a secret."""
    return {name: KEPT if is_sealed(value) else value for name, value in config.items()}


def opened(config: Mapping[str, Any], reference: str, unseal: Callable[[Secret, str], str]) -> dict[str, Any]:
    """Return settings as the driver of the entity `reference` gets them."""
    return {
        name: unseal(Secret(sealed=value["sealed"]), _place(reference, name)) if is_sealed(value) else value
        for name, value in config.items()
    }


def restored(config: Mapping[str, Any], old: Entity | None) -> tuple[dict[str, Any], list[str]]:
    """Return settings of a file with what is held of `old` in the place of `KEPT`, and the names of what is not held."""
    held = getattr(old, FIELD, {}) if old is not None else {}
    missing = [name for name, value in config.items() if value == KEPT and not is_sealed(held.get(name))]
    return {name: held[name] if value == KEPT else value for name, value in config.items() if name not in missing}, missing


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two settings of one entity as a difference shows them: a changed secret is "(new)", and none is told."""
    changed = {name: "(new)" for name, value in new.items() if is_sealed(value) and value != old.get(name)}
    return shown(old), shown(new) | changed


class ConfigSecrets:
    """Puts an endpoint or device into the form in which it is stored."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def normal(self, entity: Entity, get: Get) -> Entity:
        """Seal what its driver marks as secret; raises Invalid where the settings do not fit, or nothing is held to be kept."""
        match entity:
            case Endpoint():
                kind, level, driver = "endpoint", "endpoint", entity.driver
            case Device():
                parent = get("endpoint", entity.endpoint)
                kind, level, driver = "device", "device", parent.driver if isinstance(parent, Endpoint) else ""
            case _:
                return entity
        try:
            model = registry.models(driver).get(level)
        except NotFound:
            # The checks say so, with what is known.
            return entity
        names = secret_fields(model) if model is not None else frozenset()
        given = entity.config
        if not any(name in names or is_sealed(value) for name, value in given.items()):
            return entity
        seen = {name: KEPT if name in names and is_sealed(value) else value for name, value in given.items()}
        registry.validate_config(driver, "endpoint" if kind == "endpoint" else "device", seen, FIELD)
        before = get(kind, entity.id)
        held: dict[str, Any] = getattr(before, FIELD, {}) if before is not None else {}
        config = {
            name: self._sealed(f"{kind}:{entity.id}", name, value, held.get(name)) if name in names else value
            for name, value in given.items()
            if name not in names or value != ""
        }
        return msgspec.structs.replace(entity, config=config)

    def _sealed(self, reference: str, name: str, value: Any, held: Any) -> Any:
        if is_sealed(held) and value in (KEPT, held):
            return held
        if value == KEPT or is_sealed(value):
            raise Invalid("No secret is held that could be kept.", where=f"{FIELD}.{name}", remedy="Enter the secret.")
        place = _place(reference, name)
        if is_sealed(held) and self._opens_to(held["sealed"], place) == value:
            return held
        return {"sealed": self._box.seal(value, place).sealed}

    def _opens_to(self, sealed: str, place: str) -> str | None:
        try:
            return self._box.open(Secret(sealed=sealed), place)
        except Refusal:
            return None


def _place(reference: str, name: str) -> str:
    return f"{reference}/{FIELD}.{name}"
