"""What an access entity must fit before it is stored; each check raises a Refusal that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sitewarden.domain.access.cards import canonical_card
from sitewarden.domain.access.compiler import key_of, keys_of
from sitewarden.domain.access.icalendar_text import parse_schedule
from sitewarden.domain.access.model import AccessPoint, Door
from sitewarden.domain.access.people import Credential
from sitewarden.domain.access.people_table import is_card
from sitewarden.domain.access.recurrence import DAY_SECONDS
from sitewarden.domain.access.rights import Schedule, SpecialDayGroup
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Invalid
from sitewarden.domain.refs import ref
from sitewarden.domain.site import Site
from sitewarden.services.proposal import Proposal
from sitewarden.store.interfaces import Change, StateStore


def schedule_is_readable(proposal: Proposal) -> None:
    """Refuse a schedule that cannot be read, and special days that are none."""
    if isinstance(proposal.after, Schedule | SpecialDayGroup):
        site = proposal.get("site", "site")
        rules = parse_schedule(proposal.after.icalendar, site.timezone if isinstance(site, Site) else "UTC")
        if isinstance(proposal.after, SpecialDayGroup) and any(
            rule.start % DAY_SECONDS or rule.length % DAY_SECONDS for rule in rules or ()
        ):
            raise Invalid(
                "Special days are whole days.", where="icalendar", remedy="Write DTSTART;VALUE=DATE:20261225 without a time."
            )


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


def ends_after_it_begins(valid_from: int | None, valid_to: int | None) -> None:
    """Refuse a validity that ends before it begins."""
    if valid_from is not None and valid_to is not None and valid_from >= valid_to:
        raise Invalid("It ends before it begins.", where="valid_to", remedy="Choose a later end.")


class CredentialIndex:
    """Who has which card, face, plate and PIN, kept as state changes, so that a check costs no walk over all credentials."""

    def __init__(self, state: StateStore) -> None:
        self._keys: dict[str, str] = {}
        self._known: dict[str, tuple[str, ...]] = {}
        for held in state.list("credential"):
            self._put(held.entity.id, held.entity)
        state.watch(self._changed)

    def check(self, proposal: Proposal) -> None:
        """Refuse a card that cannot be read or that another credential has, and a PIN that another has."""
        credential = proposal.after
        if not isinstance(credential, Credential):
            return
        if not credential.card and not credential.identifiers and not credential.pin_hash:
            raise Invalid("A credential has a card, a PIN, or both.", where="card", remedy="Give the card's number or set a PIN.")
        if credential.card and (card := canonical_card(credential.card)) != credential.card:
            raise Invalid(f"{credential.card} is written {card}.", where="card", remedy="Leave the leading zeros out.")
        for place, one in enumerate(credential.identifiers):
            try:
                key_of(one.type, one.value)
            except Invalid as error:
                raise Invalid(error.what, where=f"identifiers/{place}/value", remedy=error.remedy) from None
        for key in keys_of(credential):
            if (other := self._keys.get(key, credential.id)) != credential.id:
                what = "The card" if is_card(key) else key.partition(":")[0].replace("-", " ").capitalize()
                where = "card" if key == credential.card else "identifiers"
                raise Conflict(f"{what} belongs to {ref('credential', other)}.", where=where, remedy="Take it from there first.")
        if credential.duress_pin_hash and credential.duress_pin_hash == credential.pin_hash:
            raise Invalid("The duress PIN is the PIN.", where="duress_pin", remedy="Choose another, which only calls for help.")
        if credential.duress_pin_hash and not credential.pin_hash:
            raise Invalid("A duress PIN needs a PIN beside it.", where="duress_pin", remedy="Set the PIN too.")
        for pin, where in ((credential.pin_hash, "pin"), (credential.duress_pin_hash, "duress_pin")):
            if pin and self._keys.get(pin, credential.id) != credential.id:
                raise Conflict("This PIN cannot be used.", where=where, remedy="Choose another PIN.")
        ends_after_it_begins(credential.valid_from, credential.valid_to)

    def _changed(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "credential":
                self._put(change.id, change.entity)

    def _put(self, id_: str, credential: Entity | None) -> None:
        for key in self._known.pop(id_, ()):
            if self._keys.get(key) == id_:
                del self._keys[key]
        if isinstance(credential, Credential):
            pins = (pin for pin in (credential.pin_hash, credential.duress_pin_hash) if pin)
            self._known[id_] = (*_keys(credential), *pins)
            self._keys.update(dict.fromkeys(self._known[id_], id_))


def _keys(credential: Credential) -> tuple[str, ...]:
    """Return what a stored credential is found by; nothing where an older version let something else through."""
    try:
        return keys_of(credential)
    except Invalid:
        return ()


PLAIN: Final[tuple[Callable[[Proposal], None], ...]] = (schedule_is_readable, relay_is_free, reader_is_free)
