"""Messages of the exports: firewall rules, inventories, and the matrix of flows."""

from __future__ import annotations

from msgspec import Struct

from sitewarden.net.exports import Format, MatrixFormat, Profile, Rows


class PortExport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form in which the manifest is written."""

    format: Format = "table"
    profile: Profile = "strict"
    """For the ports of controllers: "strict" opens what the configured modes use, "seed" 1470, 1471, 1480 and UDP 51110."""
    rows: Rows = "auto"
    """"used" by the site; "built", whether used or not; "all", planned ones too. "auto" is used for rules and all for lists."""
    deny_outgoing: bool = False
    """nftables alone: drop what goes out, too, unless a rule takes it."""


class Matrix(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The form in which the flows between named networks are written."""

    format: MatrixFormat = "table"
    profile: Profile = "strict"
    """As for the export of ports."""
