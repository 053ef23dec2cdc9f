"""From the entities of a site to a snapshot. Pure: the same entities give the same rows, in whatever order they come."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from typing import Final

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.columns import packed_integers
from sitewarden.domain.access.compiler_tables import compile_tables
from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile, HolderGroup
from sitewarden.domain.access.pins import digest_of
from sitewarden.domain.access.plates import plate_key
from sitewarden.domain.access.rights import AccessProfile, AuthenticationProfile, Schedule, SpecialDayGroup
from sitewarden.domain.access.snapshot import (
    CREDENTIAL_ENABLED,
    EXEMPT,
    EXTENDED,
    FOREVER,
    HOLDER_ENABLED,
    NEVER,
    VISITOR,
    CredentialRow,
    Credentials,
    HolderRow,
    Holders,
    Link,
    Snapshot,
)
from sitewarden.domain.access.zones import Zone

_CANONICAL: Final = re.compile(r"[1-9]\d{0,2}:(?:0|[1-9a-f][0-9a-f]{0,63})").fullmatch


def compile(
    *,
    version: int,
    zone: str,
    pin_key: bytes = b"",
    controllers: Iterable[Controller] = (),
    areas: Iterable[Area] = (),
    doors: Iterable[Door] = (),
    access_points: Iterable[AccessPoint] = (),
    special_days: Iterable[SpecialDayGroup] = (),
    schedules: Iterable[Schedule] = (),
    authentications: Iterable[AuthenticationProfile] = (),
    formats: Iterable[CardFormat] = (),
    profiles: Iterable[AccessProfile] = (),
    groups: Iterable[HolderGroup] = (),
    zones: Iterable[Zone] = (),
    holders: Iterable[CredentialHolder] = (),
    credentials: Iterable[Credential] = (),
) -> Snapshot:
    """Compile a snapshot. What refers to a thing that is not there is left out; a schedule that cannot be read raises Invalid.

    `zone` is the site's IANA zone, `pin_key` the site's key for PINs.
    """
    tables = compile_tables(
        zone=zone,
        pin_key=pin_key,
        controllers=controllers,
        areas=areas,
        doors=doors,
        access_points=access_points,
        special_days=special_days,
        schedules=schedules,
        authentications=authentications,
        formats=formats,
        profiles=profiles,
        groups=groups,
        zones=zones,
    )
    columns = _holders(holders)
    return Snapshot(version=version, tables=tables, holders=columns, credentials=_credentials(credentials, columns.ids))


def holder_row(holder: CredentialHolder) -> HolderRow:
    """Return a holder as a row of a delta."""
    flags = HOLDER_ENABLED if holder.enabled else 0
    flags |= EXEMPT if holder.antipassback_exempt else 0
    flags |= VISITOR if holder.kind == "visitor" else 0
    return HolderRow(holder.id, flags, _from(holder.valid_from), _to(holder.valid_to), tuple(sorted(set(holder.groups))))


def credential_row(credential: Credential) -> CredentialRow:
    """Return a credential as a row of a delta; raises Invalid where its card or PIN is in no form that is known here."""
    return CredentialRow(
        credential.id,
        credential.holder,
        keys_of(credential),
        _flags(credential),
        _from(credential.valid_from),
        _to(credential.valid_to),
        links_of(credential.profiles),
        digest_of(credential.pin_hash) if credential.pin_hash else b"",
        digest_of(credential.duress_pin_hash) if credential.duress_pin_hash else b"",
        credential.disabled_reason if not credential.enabled else "",
    )


def keys_of(credential: Credential) -> tuple[str, ...]:
    """Return what a credential is found by, its card first."""
    card = credential.card
    keys = (card if _CANONICAL(card) else canonical_card(card),) if card else ()
    if not credential.identifiers:
        return keys
    return tuple(dict.fromkeys((*keys, *(key_of(one.type, one.value) for one in credential.identifiers))))


def key_of(type_: str, value: str) -> str:
    """Return the key of an identifier; raises Invalid where it is not one."""
    if type_ == "card":
        return canonical_card(value)
    if type_ == "licence-plate":
        return plate_key(value)
    return f"{type_}:{value}"


def links_of(profiles: Iterable[CredentialProfile]) -> tuple[Link, ...]:
    """Return profiles with their validity."""
    return tuple((link.profile, _from(link.valid_from), _to(link.valid_to)) for link in profiles)


def _flags(credential: Credential) -> int:
    return (CREDENTIAL_ENABLED if credential.enabled else 0) | (EXTENDED if credential.extended_grant_time else 0)


def _from(moment: int | None) -> int:
    return NEVER if moment is None else min(max(moment, NEVER), FOREVER)


def _to(moment: int | None) -> int:
    return FOREVER if moment is None else min(max(moment, NEVER), FOREVER)


def _holders(holders: Iterable[CredentialHolder]) -> Holders:
    ids: list[str] = []
    flags = bytearray()
    begin: array[int] = array("q")
    end: array[int] = array("q")
    groups: array[int] = array("I")
    sets: dict[tuple[str, ...], int] = {}
    for row in map(holder_row, sorted(holders, key=lambda holder: holder.id)):
        ids.append(row.id)
        flags.append(row.flags)
        begin.append(row.valid_from)
        end.append(row.valid_to)
        groups.append(sets.setdefault(row.groups, len(sets)))
    return Holders(ids, bytes(flags), packed_integers(begin), packed_integers(end), packed_integers(groups), tuple(sets))


def _credentials(credentials: Iterable[Credential], holders: list[str]) -> Credentials:
    holder_at = dict(zip(holders, range(len(holders)), strict=True))
    ids: list[str] = []
    places: array[int] = array("I")
    keys: list[str] = []
    flags = bytearray()
    begin: array[int] = array("q")
    end: array[int] = array("q")
    bundles: array[int] = array("I")
    sets: dict[tuple[Link, ...], int] = {}
    more: dict[int, tuple[str, ...]] = {}
    pins: dict[int, bytes] = {}
    duress: dict[int, bytes] = {}
    disabled: dict[int, str] = {}
    for credential in sorted(credentials, key=lambda credential: credential.id):
        holder = holder_at.get(credential.holder)
        if holder is None:
            continue
        found = keys_of(credential)
        slot = len(ids)
        ids.append(credential.id)
        places.append(holder)
        keys.append(found[0] if found else "")
        if len(found) > 1:
            more[slot] = found[1:]
        flags.append(_flags(credential))
        begin.append(_from(credential.valid_from))
        end.append(_to(credential.valid_to))
        bundles.append(sets.setdefault(links_of(credential.profiles), len(sets)))
        if credential.pin_hash:
            pins[slot] = digest_of(credential.pin_hash)
        if credential.duress_pin_hash:
            duress[slot] = digest_of(credential.duress_pin_hash)
        if not credential.enabled and credential.disabled_reason:
            disabled[slot] = credential.disabled_reason
    return Credentials(
        ids,
        packed_integers(places),
        keys,
        bytes(flags),
        packed_integers(begin),
        packed_integers(end),
        packed_integers(bundles),
        tuple(sets),
        more,
        pins,
        duress,
        disabled,
    )
