"""What leads from one version of the packed rules to the next, as it travels."""

from __future__ import annotations

from msgspec import Struct


class PackedChange(Struct, frozen=True, kw_only=True):
    """`data` makes the packed rules of `digest` from those of `base`; both are SHA-256 of packed rules, hex."""

    version: int
    digest: str
    base: str
    data: bytes
