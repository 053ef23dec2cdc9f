"""Checks of stored documents against their models and each other, whatever home they lie in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from sitewarden.domain.references import references
from sitewarden.store.interfaces import Finding
from sitewarden.store.state_work import decode

MOST: Final = 100
"""Findings of one kind that are listed; the rest is counted."""


def check(rows: Sequence[tuple[str, str, str]], where: str, restore: str) -> Iterator[Finding]:
    """Yield what is wrong with documents, given as (kind, id, data)."""
    present = {(kind, id_) for kind, id_, _ in rows}
    for kind, id_, data in rows:
        place = f"{where}: {kind}:{id_}"
        try:
            entity = decode(kind, data)
        except (KeyError, msgspec.MsgspecError) as error:
            yield Finding(where=place, what=f"It does not fit this version: {error}.", remedy=restore)
            continue
        for field, target, target_id in references(kind, entity):
            if (target, target_id) not in present:
                yield Finding(
                    where=f"{place}/{field}",
                    what=f"It names {target}:{target_id}, which does not exist.",
                    remedy="Change it in the console or with `sitewarden apply`.",
                )


def limited(findings: Iterable[Finding]) -> list[Finding]:
    """Return the first `MOST`, and how many more there are."""
    kept: list[Finding] = []
    more = 0
    for finding in findings:
        if len(kept) < MOST:
            kept.append(finding)
        else:
            more += 1
    if more:
        kept.append(Finding(where=kept[-1].where, what=f"{more} more of the same kind.", remedy=kept[-1].remedy))
    return kept
