"""What people, formats and zones must fit before they are stored; each check raises a Refusal that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.formats import format_of
from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.zones import (
    AntipassbackZone,
    EntranceLimitZone,
    FireZone,
    FirstPersonZone,
    InterlockZone,
    IntrusionZone,
    OccupancyZone,
)
from sitewarden.domain.errors import Invalid
from sitewarden.services.access.checks import ends_after_it_begins
from sitewarden.services.proposal import Proposal


def format_fits(proposal: Proposal) -> None:
    """Refuse a card format whose masks do not fit its bits."""
    if isinstance(proposal.after, CardFormat):
        format_of(proposal.after)


def holder_makes_sense(proposal: Proposal) -> None:
    """Refuse a visitor without a host or an end, and an end before the beginning."""
    holder = proposal.after
    if not isinstance(holder, CredentialHolder):
        return
    ends_after_it_begins(holder.valid_from, holder.valid_to)
    if holder.host == holder.id:
        raise Invalid("Nobody is their own host.", where="host", remedy="Name who receives the visitor.")
    if holder.kind == "visitor" and holder.host is None:
        raise Invalid("A visitor has a host.", where="host", remedy="Name who receives the visitor.")
    if holder.kind == "visitor" and holder.valid_to is None:
        raise Invalid("A visit has an end.", where="valid_to", remedy="Say until when the visitor may stay.")


def zone_makes_sense(proposal: Proposal) -> None:
    """Refuse a zone of nothing, and one that would do nothing."""
    zone = proposal.after
    if isinstance(zone, AntipassbackZone | OccupancyZone | IntrusionZone) and not zone.areas:
        raise Invalid("The zone has no areas.", where="areas", remedy="Name the areas that it watches.")
    if isinstance(zone, InterlockZone) and len(set(zone.doors)) < 2:
        raise Invalid("An interlock has two doors or more.", where="doors", remedy="Name the doors that exclude each other.")
    if isinstance(zone, FirstPersonZone | FireZone) and not zone.doors:
        raise Invalid("The zone has no doors.", where="doors", remedy="Name its doors.")
    if isinstance(zone, EntranceLimitZone):
        if not zone.access_points:
            raise Invalid("The zone has no access points.", where="access_points", remedy="Name those that lead in.")
        if not zone.limit and not zone.interval:
            raise Invalid("It limits nothing.", where="limit", remedy="Give a limit, or a time between entries.")
    if isinstance(zone, AntipassbackZone) and zone.kind == "timed" and not zone.window:
        raise Invalid("A timed zone has a time.", where="window", remedy="Give the seconds until somebody may enter again.")


SENSE: Final[tuple[Callable[[Proposal], None], ...]] = (format_fits, holder_makes_sense, zone_makes_sense)
