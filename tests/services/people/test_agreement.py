"""An import lets nothing in that a change by hand would be refused: the plan and the checks of entities agree."""

from __future__ import annotations

from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from sitewarden.domain.access.people import Credential, CredentialHolder
from sitewarden.domain.access.pins import hash_pin
from sitewarden.domain.access.rights import AccessProfile
from sitewarden.domain.access.roster.changes import Mode
from sitewarden.domain.access.roster.fields import Known
from sitewarden.domain.access.roster.plan import plan
from sitewarden.domain.access.roster.reading import lines
from sitewarden.services.access.checks import PLAIN, CredentialIndex
from sitewarden.services.access.zone_checks import SENSE
from sitewarden.services.checks import ALWAYS
from sitewarden.services.operations import system
from sitewarden.services.proposal import Proposal
from sitewarden.store.interfaces import StateStore
from tests.domain.access.test_roster import KEY, ZONE
from tests.services.memory import MemoryState

BOB = CredentialHolder(id="bob", name="Bob")
CARD = Credential(
    id="bob", name="Bob", holder="bob", card="26:b", pin_hash=hash_pin(KEY, "1111"), duress_pin_hash=hash_pin(KEY, "2222")
)
COLUMNS = {
    "holder": ["ada", "bob", "eve"],
    "name": ["Ada", ""],
    "kind": ["", "visitor"],
    "host": ["", "bob", "ada", "nobody"],
    "valid_to": ["", "2030-01-01"],
    "valid_from": ["", "2031-01-01"],
    "credential": ["", "bob", "c1"],
    "card": ["", "26:b", "26:c", "26:0d"],
    "identifiers": ["", "face=1", "licence-plate=--", "card=26:b"],
    "pin": ["", "1111", "2222", "3333"],
    "credential_enabled": ["", "no"],
    "profiles": ["", "day", "gone"],
}
_line = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in COLUMNS.items()})


@settings(deadline=None, max_examples=150)
@given(st.lists(_line, min_size=1, max_size=4), st.sampled_from(["keep", "merge", "overwrite"]))
async def test_what_is_planned_passes_the_checks(rows: list[dict[str, str]], mode: Mode) -> None:
    site = Known({"bob": BOB}, {"bob": CARD}, frozenset(), frozenset({"day"}), frozenset(), {}, ZONE, KEY)
    text = "\n".join([",".join(COLUMNS), *(",".join(row.values()) for row in rows)])
    made = plan(lines(text), site, mode)
    if made.errors:
        return
    memory = MemoryState()
    await memory.put("access-profile", AccessProfile(id="day", name="Day"))
    await memory.put("credential-holder", *({"bob": BOB} | made.holders).values())
    credentials = {"bob": CARD} | made.credentials
    await memory.put("credential", *credentials.values())
    state = cast("StateStore", memory)
    index = CredentialIndex(state)
    for kind, entities in (("credential-holder", made.holders), ("credential", made.credentials)):
        for entity in entities.values():
            proposal = Proposal(kind, entity.id, None, entity, system("test"), state)
            for check in (*ALWAYS, *PLAIN, *SENSE, index.check):
                check(proposal)
