"""The people of the site written to the spool for a child, in slices between which core goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.site import Site
from sitewarden.services.people.work import CHUNK, Around, People
from sitewarden.services.spool import item_bytes
from sitewarden.store.interfaces import StateStore


async def dump_people(state: StateStore, path: Path) -> None:
    """Write all holders and credentials; what changes meanwhile may be in it or not."""
    encode = msgspec.msgpack.Encoder().encode
    with path.open("wb", buffering=1 << 20) as file:
        for kind, model in (("credential-holder", CredentialHolder), ("credential", Credential)):
            held = state.list(kind)
            for start in range(0, len(held), CHUNK):
                part = [one.entity for one in held[start : start + CHUNK] if isinstance(one.entity, model)]
                item = People(part, []) if model is CredentialHolder else People([], part)  # type: ignore[arg-type]
                file.write(item_bytes(encode(item)))
                await asyncio.sleep(0)


def around(state: StateStore, pin_key: bytes) -> Around:
    """Return what a table of people may refer to."""

    def ids(kind: str) -> frozenset[str]:
        return frozenset(held.entity.id for held in state.list(kind))

    return Around(
        groups=ids("holder-group"),
        profiles=ids("access-profile"),
        areas=ids("area"),
        formats=tuple(held.entity for held in state.list("card-format") if isinstance(held.entity, CardFormat)),
        zone=zone_name(state),
        pin_key=pin_key,
    )


def zone_name(state: StateStore) -> str:
    """Return the site's IANA zone."""
    held = state.get("site", "site")
    return held.entity.timezone if held is not None and isinstance(held.entity, Site) else "UTC"
