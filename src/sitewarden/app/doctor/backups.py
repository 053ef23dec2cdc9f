"""Whether the site has a backup, and how old it is."""

from __future__ import annotations

import time

from sitewarden.app import show
from sitewarden.app.doctor.facts import Facts
from sitewarden.app.places import Places
from sitewarden.domain.backups import is_late
from sitewarden.services.backups import place, read_outcomes
from sitewarden.services.surface.doctor import Finding

WHY = "a disk that dies takes the site with it: people, doors, rules, keys and what happened."


def check(facts: Facts) -> list[Finding]:
    """Look at what the last backups left written."""
    own = facts.settings.backup
    outcomes = read_outcomes(Places.of(facts.settings).backups)
    last = max(outcomes.values(), key=lambda one: one.done, default=None)
    if not own.destination:
        if last is not None and last.done:
            return [_ok(f"the last backup, made by hand to {last.destination}, shows {show.moment(last.done)}.")]
        if facts.settings.demo:
            return []
        return [
            Finding(
                level="warning",
                check="backup",
                what="no backup was ever made.",
                why=WHY,
                remedy='Set destination under "[backup]" in the settings, or make one by hand.',
                command="sitewarden backup /mnt/backup",
            )
        ]
    here = place(own.destination)
    known = outcomes.get(here)
    now = time.time_ns() // 1000
    if known is not None and not known.problem and not is_late(known, now, own.every_hours):
        return [_ok(f"the last backup to {here} shows {show.moment(known.done)}.")]
    last_told = f"the last one shows {show.moment(known.done)}" if known is not None and known.done else "there is none yet"
    if known is not None and known.problem:
        what = f"the backup to {here} failed at {show.moment(known.failed)}: {known.problem}; {last_told}."
    else:
        what = f"the backup to {here} is late: {last_told}."
    return [
        Finding(
            level="warning", check="backup", what=what, why=WHY, remedy="Mend that, then make one.", command="sitewarden backup"
        )
    ]


def _ok(what: str) -> Finding:
    return Finding(level="ok", check="backup", what=what)
