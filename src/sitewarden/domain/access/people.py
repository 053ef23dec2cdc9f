"""People, and what they carry (ONVIF Credential). Holders may be visitors, who have a host and an end."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from sitewarden.domain.entity import Entity, Id, Secret

Moment = Annotated[int, Meta(description="Microseconds since 1970 UTC.")]
FieldName = Annotated[str, Meta(min_length=1, max_length=60)]
FieldText = Annotated[str, Meta(max_length=500)]

MAX_PICTURE = 256 * 1024
"""Bytes of a holder's picture."""


class CredentialProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An access profile, with a validity of its own."""

    profile: Id
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class HolderGroup(Entity, frozen=True, kw_only=True):
    """People who have something in common. Its profiles are those of every credential of its members."""

    profiles: Annotated[tuple[CredentialProfile, ...], Meta(max_length=64)] = ()


class CredentialHolder(Entity, frozen=True, kw_only=True):
    """A person who carries credentials."""

    enabled: bool = True
    kind: Literal["person", "visitor"] = "person"
    host: Id | None = None
    """Who receives the visitor."""
    company: Annotated[str, Meta(max_length=120)] = ""
    groups: Annotated[tuple[Id, ...], Meta(max_length=32)] = ()
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    """`valid_to` is the first moment that is not valid; a visitor has one. No credential of theirs is valid outside."""
    antipassback_exempt: bool = False
    """Passes whatever anti-passback says; where they are is kept all the same."""
    custom: Annotated[dict[FieldName, FieldText], Meta(max_length=32)] = field(default_factory=dict)
    """Fields of the site's own, such as a department or a number plate's owner."""
    picture: str = ""
    """SHA-256 of the picture, hex; empty where there is none. The picture is read and written beside the holder."""
    picture_key: Secret | None = None
    """The key of this person's own data; destroyed with the holder."""


class Identifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more thing that a credential is known by. A face or finger is the reader's own name for what it compares itself."""

    type: Literal["card", "licence-plate", "fingerprint", "face", "iris", "vein", "palm"]
    value: Annotated[str, Meta(min_length=1, max_length=120)]


class Credential(Entity, frozen=True, kw_only=True):
    """What a holder shows: a card number and, where asked for, a PIN."""

    holder: Id
    card: Annotated[str, Meta(max_length=80)] = ""
    """Card bits as lower-case hex with their count: "26:2a6f3b1"; empty when there is no card."""
    identifiers: Annotated[tuple[Identifier, ...], Meta(max_length=16)] = ()
    """More cards, licence plates, faces and fingers of the same credential."""
    pin_hash: str = ""
    duress_pin_hash: str = ""
    """The PIN that opens as the other one does, and calls for help."""
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    """Microseconds since 1970 UTC; None means no limit. `valid_to` is the first moment that is not valid."""
    enabled: bool = True
    disabled_reason: Literal[
        "", "lost", "stolen", "damaged", "destroyed", "inactivity", "expired", "renewal-needed", "locked-out", "blocked"
    ] = ""
    extended_grant_time: bool = False
    profiles: tuple[CredentialProfile, ...] = ()
