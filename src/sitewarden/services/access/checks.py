"""What an access entity must fit before it is stored; each check raises a Refusal that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.access.people import Credential
from sitewarden.domain.access.rights import Schedule
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.services.proposal import Proposal
from sitewarden.store.interfaces import Change, StateStore


def schedule_is_readable(proposal: Proposal) -> None:
    """Refuse a schedule that cannot be read."""
    if isinstance(proposal.after, Schedule):
        site = proposal.get("site", "site")
        parse_schedule(proposal.after.icalendar, site.timezone if isinstance(site, Site) else "UTC")


def relay_is_free(proposal: Proposal) -> None:
    """Refuse two doors on one relay."""
    door = proposal.after
    if not isinstance(door, Door):
        return
    for other in proposal.list("door"):
        if isinstance(other, Door) and other.id != door.id and (other.controller, other.output) == (door.controller, door.output):
            raise Conflict(
                f"Output {door.output} of controller {door.controller} drives {other.name} already.",
                where="output",
                remedy="Choose another output.",
            )


def reader_is_free(proposal: Proposal) -> None:
    """Refuse two access points on one reader of a controller."""
    point = proposal.after
    if not isinstance(point, AccessPoint):
        return

    def controller(door_id: str) -> str:
        door = proposal.get("door", door_id)
        return door.controller if isinstance(door, Door) else ""

    mine = controller(point.door)
    for other in proposal.list("access-point"):
        if (
            isinstance(other, AccessPoint)
            and other.id != point.id
            and other.reader == point.reader
            and controller(other.door) == mine
        ):
            raise Conflict(
                f"Reader {point.reader} of controller {mine} belongs to {other.name} already.",
                where="reader",
                remedy="Choose another reader.",
            )


class CredentialIndex:
    """Who has which card and which PIN, kept as state changes, so that a check costs no walk over all credentials."""

    def __init__(self, state: StateStore) -> None:
        self._cards: dict[str, str] = {}
        self._pins: dict[str, str] = {}
        self._known: dict[str, tuple[str, str]] = {}
        for held in state.list("credential"):
            self._put(held.entity.id, held.entity)
        state.watch(self._changed)

    def check(self, proposal: Proposal) -> None:
        """Refuse a card that cannot be read or that another credential has, and a PIN that another has."""
        credential = proposal.after
        if not isinstance(credential, Credential):
            return
        if not credential.card and not credential.pin_hash:
            raise Invalid("A credential has a card, a PIN, or both.", where="card", remedy="Give the card's number or set a PIN.")
        if credential.card:
            card = canonical_card(credential.card)
            if card != credential.card:
                raise Invalid(f"{credential.card} is written {card}.", where="card", remedy="Leave the leading zeros out.")
            if (other := self._cards.get(card, credential.id)) != credential.id:
                raise Conflict(
                    f"The card belongs to {ref('credential', other)}.", where="card", remedy="Take it from there first."
                )
        if credential.pin_hash and self._pins.get(credential.pin_hash, credential.id) != credential.id:
            raise Conflict("This PIN cannot be used.", where="pin", remedy="Choose another PIN.")
        if credential.valid_from is not None and credential.valid_to is not None and credential.valid_from >= credential.valid_to:
            raise Invalid("It ends before it begins.", where="valid_to", remedy="Choose a later end.")

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "credential":
                self._put(change.id, change.entity)

    def _put(self, id_: str, credential: Entity | None) -> None:
        before = self._known.pop(id_, None)
        if before is not None:
            self._cards.pop(before[0], None)
            self._pins.pop(before[1], None)
        if isinstance(credential, Credential):
            self._known[id_] = (credential.card, credential.pin_hash)
            if credential.card:
                self._cards[credential.card] = id_
            if credential.pin_hash:
                self._pins[credential.pin_hash] = id_


PLAIN: Final[tuple[Callable[[Proposal], None], ...]] = (schedule_is_readable, relay_is_free, reader_is_free)
