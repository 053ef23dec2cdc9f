"""Built-in roles of a site that an earlier version made: they follow the product until a person changes them."""

from __future__ import annotations

import msgspec

from sitewarden.app.doctor import roles
from sitewarden.app.doctor.facts import Facts, facts_of
from sitewarden.config import Settings
from sitewarden.domain.identity.model import Grant, Role
from sitewarden.domain.identity.roles import OPERATOR
from sitewarden.domain.identity.shipped import SHIPPED, fingerprint
from tests.services.house import House

CAMERAS = (
    "camera.multicast",
    "camera.export",
    "camera.record",
    "camera.privacy",
    "camera.lock",
    "camera.ptz",
    "camera.preset",
    "camera.imaging",
    "camera.relay",
    "camera.talk",
)
VIEWS = ("bookmark.", "layout.", "tour.", "saved-search.", "dashboard.")
NEW = ("zone.", "muster.", "door.rights", "credential-holder.rights", *CAMERAS, *VIEWS)


def as_first_made() -> Role:
    """The operator of a site that was made before zones had operators."""
    kept = tuple(grant for grant in OPERATOR.grants if not grant.action.startswith(NEW))
    return msgspec.structs.replace(OPERATOR, grants=kept)


def held(house: House) -> Role:
    found = house.memory.get("role", "operator")
    assert found is not None and isinstance(found.entity, Role)
    return found.entity


def facts(house: House) -> Facts:
    return facts_of(Settings(), house.state)


async def test_a_role_that_nobody_changed_is_brought_up_and_it_is_audited(house: House) -> None:
    old = as_first_made()
    assert fingerprint(old.grants) in SHIPPED["operator"], "it is what an earlier version made"
    await house.memory.put("role", old)
    assert not facts(house).lacking, "doctor is silent on what the next start mends"
    await house.memory.put("user", house.memory.get("user", "ada").entity.__class__(id="eve", name="Eve", roles=("operator",)))  # type: ignore[union-attr]
    assert "zone.read" not in {grant.action for grant in house.identity.grants("eve")}
    await house.identity.prepare()
    assert held(house).grants == OPERATOR.grants
    assert "zone.read" in {grant.action for grant in house.identity.grants("eve")}
    (entry,) = [one for one in house.memory.audited if one.actor == "system:upgrade"]
    assert (entry.action, entry.entity, entry.outcome) == ("role.update", "role:operator", "done")
    assert {"zone.read", "muster.mark", "door.rights"} <= set(entry.detail["added"])
    assert entry.detail["removed"] == []
    before = len(house.memory.audited)
    await house.identity.prepare()
    assert len(house.memory.audited) == before, "once"


async def test_a_role_that_a_person_changed_is_left_alone_and_doctor_names_what_it_lacks(house: House) -> None:
    changed = msgspec.structs.replace(as_first_made(), grants=(*as_first_made().grants, Grant(action="camera.update")))
    await house.memory.put("role", changed)
    await house.identity.prepare()
    assert held(house) == changed
    (finding,) = roles.check(facts(house))
    assert finding.command.startswith("sitewarden role grant operator ")
    assert {"zone.read", "muster.read", "door.rights"} <= set(finding.command.split())
    assert "door.release" not in finding.command.split()


async def test_doctor_has_nothing_to_say_of_a_new_site(house: House) -> None:
    await house.identity.prepare()
    assert roles.check(facts(house)) == []
