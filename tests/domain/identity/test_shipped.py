"""Which stored roles follow the product: those that are as some version made them."""

from __future__ import annotations

import msgspec
import pytest

from sitewarden.domain.identity.grants import rights
from sitewarden.domain.identity.model import Grant, Role
from sitewarden.domain.identity.roles import ADMINISTRATOR, BUILT_IN, OPERATOR, PEOPLE_MANAGER
from sitewarden.domain.identity.shipped import SHIPPED, fingerprint, lacking, outdated


@pytest.mark.parametrize("role", BUILT_IN, ids=lambda role: role.id)
def test_the_default_of_today_is_among_those_that_were_shipped(role: Role) -> None:
    found = fingerprint(role.grants)
    assert found in SHIPPED[role.id], f"add {found} to SHIPPED, so that sites that have it follow the next change"
    assert not outdated(role)
    assert lacking(role) == ()


def test_what_a_role_lacks_is_told_whatever_way_it_has_the_rest() -> None:
    grants = (Grant(action="door.*"), Grant(action="zone.read", selector="area:lobby"), *OPERATOR.grants[:20])
    role = msgspec.structs.replace(OPERATOR, grants=grants)
    assert not outdated(role)
    found = lacking(role)
    assert "zone.read" in found, "in one area it is not everywhere"
    assert not [action for action in found if action.startswith("door.")]
    assert lacking(Role(id="own", name="Own")) == ()


def test_the_administrators_role_is_brought_up_whatever_it_was() -> None:
    assert outdated(msgspec.structs.replace(ADMINISTRATOR, ptz_priority=50))


def test_the_order_of_grants_is_no_change() -> None:
    assert fingerprint(reversed(OPERATOR.grants)) == fingerprint(OPERATOR.grants)


def test_who_manages_people_tries_changes_first_and_moves_no_door() -> None:
    may = rights(PEOPLE_MANAGER.grants).everywhere
    assert all(may(action) for action in ("access.what-if", "people.import", "credential.update", "access-profile.delete"))
    assert not any(may(action) for action in ("door.release", "user.create", "role.update", "controller.approve"))
