"""All operations of a node as it is put together: none without its right, each refusal written down, each route served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sitewarden.api.routes import ROUTES
from sitewarden.app.platform import Platform
from sitewarden.config import Settings
from sitewarden.domain.errors import Forbidden, Unauthenticated
from sitewarden.domain.identity.model import User
from sitewarden.services.invoke import Credentials
from sitewarden.services.surface.identity import SignIn
from sitewarden.store.interfaces import Change
from tests.services.samples import sample

PASSWORD = "correct horse battery"


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    made = Platform(Settings(data_dir=str(tmp_path), bind="127.0.0.1"))
    await made.identity.create_first_administrator("ada", PASSWORD)
    yield made
    await made.close()


async def _sign_in(platform: Platform, user: str) -> Credentials:
    reply = await platform.dispatcher.invoke("session.open", SignIn(username=user, password=PASSWORD), Credentials(), "192.0.2.7")
    assert reply.session
    return Credentials(session=reply.session)


async def test_no_operation_runs_without_its_grant(platform: Platform) -> None:
    hashed = await platform.identity.hash_password(PASSWORD, "noone")
    user = User(id="noone", name="No one", password_hash=hashed)
    await platform.state.apply([Change(kind="user", id="noone", entity=user)])
    nobody = await _sign_in(platform, "noone")
    tried = 0
    for operation in platform.operations:
        if operation.public or operation.signed_in:
            continue
        head = platform.state.audit_head()[0]
        with pytest.raises(Forbidden):
            await platform.dispatcher.invoke(operation.name, sample(operation.params), nobody, "192.0.2.7")
        [record] = await platform.state.audit_page(limit=1)
        assert record.id == head + 1
        assert (record.entry.actor, record.entry.outcome) == ("user:noone", "refused: forbidden"), operation.name
        with pytest.raises(Unauthenticated):
            await platform.dispatcher.invoke(operation.name, sample(operation.params), Credentials())
        tried += 1
    assert tried > 100
    assert not await platform.state.verify_chain()


def test_every_route_has_its_operation_and_they_agree(platform: Platform) -> None:
    for route in ROUTES:
        operation = platform.operations.get(route.operation)
        assert operation is not None, f"{route.id}: nobody runs {route.operation}"
        assert operation.params is route.params, route.id
        assert operation.public == route.public, route.id


def test_what_needs_no_grant_is_only_ones_own_session(platform: Platform) -> None:
    free = {operation.name for operation in platform.operations if operation.public or operation.signed_in}
    assert free == {"session.open", "session.get", "session.close", "session.password", "live.scope"}
