"""What people write for a card becomes the one form in which cards are kept: "h10301:71:1001" is stored as "26:…". Pure."""

from __future__ import annotations

import msgspec

from sitewarden.domain.access.card_formats import CardFormat
from sitewarden.domain.access.formats import card_of, format_of
from sitewarden.domain.access.people import Credential, Identifier
from sitewarden.domain.entity import Entity
from sitewarden.services.proposal import Get


def normal(entity: Entity, get: Get) -> Entity:
    """Return an entity as it is stored; raises Invalid where a card is none. `get` finds the site's own card formats."""
    if not isinstance(entity, Credential):
        return entity

    def card(text: str) -> str:
        name = text.partition(":")[0]
        found = get("card-format", name)
        return card_of(text, {name: format_of(found)} if isinstance(found, CardFormat) else {})

    identifiers = tuple(
        Identifier(type=one.type, value=card(one.value)) if one.type == "card" else one for one in entity.identifiers
    )
    written = card(entity.card) if entity.card else ""
    if (written, identifiers) == (entity.card, entity.identifiers):
        return entity
    return msgspec.structs.replace(entity, card=written, identifiers=identifiers)
