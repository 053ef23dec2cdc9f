"""The address of a PostgreSQL database, as the settings write it. Pure."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from sitewarden.domain.errors import Refusal

SCHEMES: Final = ("postgresql", "postgres")
EXAMPLE: Final = "postgresql://sitewarden@db.example:5432/sitewarden"
PORT: Final = 5432


class DatabaseAddress(Struct, frozen=True, kw_only=True):
    """Where a database is, and as whom it is used. No password: that stands in a file."""

    host: str
    port: int
    user: str
    name: str

    @property
    def loopback(self) -> bool:
        """True where the server is on this computer, so that no TLS is needed on the way."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{self.user}@{host}:{self.port}/{self.name}"


def is_postgres(url: str) -> bool:
    """Tell whether a `database.url` names a PostgreSQL database."""
    return url.partition(":")[0] in SCHEMES


def parse(url: str, where: str = "database.url") -> DatabaseAddress:
    """Return the address of a `database.url`; raise a Refusal that never repeats a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORT
    except ValueError:
        raise Refusal("This is no address of a database.", where=where, remedy=f'Write it as "{EXAMPLE}".') from None
    if parts.password is not None:
        raise Refusal(
            "A password stands in the address, where everyone who sees the settings reads it.",
            where=where,
            remedy="Take it out, write it to a file that only this user can read, and name that with database.password_file.",
        )
    if parts.query or parts.fragment:
        raise Refusal(
            f"What stands after {'?' if parts.query else '#'} in the address is not known.",
            where=where,
            remedy=f'Write it as "{EXAMPLE}"; TLS is set by database.tls and database.ca.',
        )
    user, name = unquote(parts.username or ""), unquote(parts.path.removeprefix("/"))
    missing = [what for what, there in (("user", user), ("host", parts.hostname), ("name of the database", name)) if not there]
    if missing or "," in (parts.hostname or "") or "/" in name:
        what = f"The address has no {missing[0]}." if missing else "The address must name one server and one database."
        raise Refusal(what, where=where, remedy=f'Write it as "{EXAMPLE}".')
    return DatabaseAddress(host=parts.hostname or "", port=port, user=user, name=name)
