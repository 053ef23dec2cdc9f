"""What only our own controllers know is refused of a board of another make: made, changed, planned or applied from a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitewarden.app.platform import LOCAL, Platform
from sitewarden.config import Settings
from sitewarden.domain.access.model import Controller
from sitewarden.domain.errors import Invalid
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.system import SiteFile
from sitewarden.store.interfaces import Change

CONFIG = {"serial": 423187757}
OURS = [
    ({"mode": "direct"}, "never held in direct mode", "mode"),
    ({"away": "deny"}, "decides by itself", "away"),
    ({"commissioning": "7K3Q-9M2D-XW5T-PB8R-4HGC"}, "no commissioning code", "commissioning"),
]


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    made = Platform(Settings(data_dir=str(tmp_path), bind="127.0.0.1"))
    yield made
    await made.close()


def refused(error: Invalid, what: str, where: str) -> bool:
    return what in error.what and error.where.endswith(where) and error.remedy != ""


@pytest.mark.parametrize(("given", "what", "where"), OURS)
async def test_it_is_refused_whatever_way_it_comes(platform: Platform, given: dict[str, Any], what: str, where: str) -> None:
    async def ask(operation: str, **params: Any) -> Any:
        found = platform.operations.get(operation)
        assert found is not None
        return await found.handler(LOCAL, msgspec.convert(params, found.params))

    create = MESSAGES["controller"]
    assert create.model is Controller
    with pytest.raises(Invalid) as made:
        await ask("controller.create", body={"id": "gate", "name": "Gate", "driver": "uhppote", "config": CONFIG, **given})
    assert refused(made.value, what, where)
    board = Controller(id="gate", name="Gate", driver="uhppote", config=CONFIG)
    await platform.state.apply([Change(kind="controller", id="gate", entity=board)])
    with pytest.raises(Invalid) as changed:
        await ask("controller.update", id="gate", body=given)
    assert refused(changed.value, what, where)
    text = msgspec.yaml.encode(
        {"controllers": {"gate": {"name": "Gate", "driver": "uhppote", "config": CONFIG, **given}}}
    ).decode()
    for operation in ("site.plan", "site.apply"):
        with pytest.raises(Invalid) as planned:
            await ask(operation, **{SiteFile.__struct_fields__[0]: text})
        assert refused(planned.value, what, where), planned.value
    held = platform.state.get("controller", "gate")
    assert held is not None and held.entity == board


async def test_one_of_ours_may_be_all_of_that(platform: Platform) -> None:
    found = platform.operations.get("controller.create")
    assert found is not None
    body = {
        "id": "yard",
        "name": "Yard",
        "mode": "direct",
        "address": "10.1.0.9",
        "away": "deny",
        "commissioning": OURS[2][0]["commissioning"],
    }
    await found.handler(LOCAL, msgspec.convert({"body": body}, found.params))
    assert platform.state.get("controller", "yard") is not None
