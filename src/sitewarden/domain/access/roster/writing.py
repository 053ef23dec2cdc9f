"""From entities to the lines of a table, which `reading` and `plan` take back as they are. PINs are never written.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (`domain.tabular`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sitewarden.domain.access.people import Credential, CredentialHolder, CredentialProfile
from sitewarden.domain.access.roster.columns import CUSTOM, WRITTEN
from sitewarden.domain.tabular import LIST, safe

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_text(time: int | None, zone: ZoneInfo) -> str:
    """Return a moment with its offset, "2026-03-01T08:00:00+01:00"; empty for None."""
    if time is None:
        return ""
    try:
        return (_EPOCH + timedelta(microseconds=time)).astimezone(zone).isoformat()
    except OverflowError:
        return ""


def profile_text(link: CredentialProfile, zone: ZoneInfo) -> str:
    """Return a profile with its validity: "staff", "staff@2026-01-01T00:00:00+01:00/"."""
    if link.valid_from is None and link.valid_to is None:
        return link.profile
    return f"{link.profile}@{moment_text(link.valid_from, zone)}/{moment_text(link.valid_to, zone)}"


def holder_cells(holder: CredentialHolder, zone: ZoneInfo) -> dict[str, str]:
    """Return a holder as cells by column."""
    cells = {
        "holder": holder.id,
        "name": holder.name,
        "kind": holder.kind,
        "host": holder.host or "",
        "company": holder.company,
        "groups": LIST.join(holder.groups),
        "enabled": _yes(holder.enabled),
        "valid_from": moment_text(holder.valid_from, zone),
        "valid_to": moment_text(holder.valid_to, zone),
        "antipassback_exempt": _yes(holder.antipassback_exempt),
        "area": holder.area or "",
        "tags": LIST.join(holder.tags),
        "description": holder.description,
    }
    return cells | {CUSTOM + name: text for name, text in holder.custom.items()}


def credential_cells(credential: Credential, zone: ZoneInfo) -> dict[str, str]:
    """Return a credential as cells by column, without its PIN."""
    return {
        "credential": credential.id,
        "credential_name": credential.name,
        "card": credential.card,
        "identifiers": LIST.join(f"{one.type}={one.value}" for one in credential.identifiers),
        "credential_enabled": _yes(credential.enabled),
        "disabled_reason": credential.disabled_reason,
        "credential_valid_from": moment_text(credential.valid_from, zone),
        "credential_valid_to": moment_text(credential.valid_to, zone),
        "extended_grant_time": _yes(credential.extended_grant_time),
        "profiles": LIST.join(profile_text(link, zone) for link in credential.profiles),
    }


def table(holders: Sequence[CredentialHolder], credentials: Mapping[str, Sequence[Credential]], zone: ZoneInfo) -> Iterator[str]:
    """Yield the table in pieces of text, the head first; `credentials` are by holder."""
    custom = sorted({CUSTOM + name for holder in holders for name in holder.custom})
    names = (*WRITTEN, *custom)

    def rows() -> Iterator[dict[str, str]]:
        for holder in holders:
            cells = holder_cells(holder, zone)
            for credential in credentials.get(holder.id, ()):
                yield cells | credential_cells(credential, zone)
            if not credentials.get(holder.id):
                yield cells

    yield _text([names])
    batch: list[Sequence[str]] = []
    for row in rows():
        batch.append([safe(row.get(name, "")) for name in names])
        if len(batch) == 1000:
            yield _text(batch)
            batch.clear()
    yield _text(batch)


def _text(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def _yes(value: bool) -> str:
    return "yes" if value else "no"
