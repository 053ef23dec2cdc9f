"""Secrets within a driver's settings: sealed in state, never shown, kept when they are written back, in clear for the driver."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from msgspec import Struct

from sitewarden.app.endpoints import point_endpoints
from sitewarden.app.uses import plan
from sitewarden.domain.entity import KEPT
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.model import Device, Endpoint
from sitewarden.kit.config import Config, SecretText, secret_fields
from sitewarden.services.config_secrets import ConfigSecrets
from sitewarden.services.entities import Entities
from sitewarden.services.operations import system
from sitewarden.services.site import SiteFiles
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.store.interfaces import StateStore
from tests.services.house import House
from tests.services.memory import MemoryState

CONFIG = {"host": "broker", "port": 8883, "username": "ada", "password": "xyzzy-42"}
ENDPOINT = MESSAGES["endpoint"]
WHO = system("test")


class Site:
    """Entities and site files over one state, with the secrets of settings sealed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.secrets = ConfigSecrets(house.secrets)
        self.entities = Entities(house.state, house.clock, house.subjects, house.secrets, normal=self.secrets.normal)
        self.files = SiteFiles(house.state, house.clock, house.secrets, normal=self.secrets.normal)

    async def create(self, config: dict[str, Any]) -> Struct:
        reply = await self.entities.create("endpoint", WHO, ENDPOINT.input(id="b", name="B", driver="mqtt", config=config))
        return cast("Struct", reply.value)

    async def update(self, **fields: Any) -> Any:
        return (await self.entities.update("endpoint", WHO, "b", ENDPOINT.patch(**fields))).value

    def stored(self) -> dict[str, Any]:
        held = self.house.state.get("endpoint", "b")
        assert held is not None and isinstance(held.entity, Endpoint)
        return held.entity.config


@pytest.fixture
def site(house: House) -> Site:
    return Site(house)


async def test_a_secret_is_sealed_and_shown_to_nobody_but_the_driver(site: Site) -> None:
    view: Any = await site.create(CONFIG)
    assert view.config == CONFIG | {"password": KEPT}
    assert "xyzzy-42" not in str(site.stored()) and set(site.stored()["password"]) == {"sealed"}
    assert "xyzzy-42" not in str(site.house.memory.events) + str(site.house.memory.audited)
    await site.house.memory.put("device", Device(id="d", name="D", endpoint="b"))
    [made] = point_endpoints(site.house.state, site.house.secrets.open)
    assert made.spec.config == CONFIG
    assert [(use.row, use.host, use.number) for use in plan(site.house.state).uses if use.by == "endpoint:b"] == [
        ("mqtt", "broker", 8883)
    ]


async def test_what_is_written_back_keeps_the_secret_and_a_new_one_replaces_it(site: Site) -> None:
    await site.create(CONFIG)
    box = site.stored()["password"]
    await site.update(config=CONFIG | {"password": KEPT, "host": "other"})
    assert (site.stored()["password"], site.stored()["host"]) == (box, "other")
    await site.update(name="Renamed")
    await site.update(config=CONFIG)
    assert site.stored()["password"] == box
    await site.update(config=CONFIG | {"password": "new"})
    assert site.stored()["password"] != box
    await site.update(config=CONFIG | {"password": ""})
    assert "password" not in site.stored()


async def test_a_box_of_elsewhere_or_nothing_to_keep_is_refused(site: Site) -> None:
    for given in (KEPT, {"sealed": "v1.AAAA"}):
        with pytest.raises(Invalid) as refused:
            await site.create(CONFIG | {"password": given})
        assert refused.value.where == "config.password"
    with pytest.raises(Invalid):
        await site.create(CONFIG | {"password": 5})
    with pytest.raises(Invalid):
        await site.create(CONFIG | {"host": {"sealed": "v1.AAAA"}})


async def test_the_site_file_carries_no_secret_and_takes_a_new_one(site: Site) -> None:
    await site.create(CONFIG)
    text = await site.files.export()
    assert "xyzzy-42" not in text and "v1." not in text and "password: (kept)" in text
    box = site.stored()["password"]
    found = re.search(r"^endpoints:\n(?: .*\n)+", text, re.MULTILINE)
    assert found is not None
    changed = found[0].replace("password: (kept)", "password: another")
    shown = await site.files.plan(changed, WHO)
    assert "another" not in str(shown) and "v1." not in str(shown) and "(new)" in str(shown)
    await site.files.apply(changed, WHO)
    assert site.stored()["password"] != box


async def test_a_site_file_on_another_server_says_what_is_missing(site: Site) -> None:
    await site.create(CONFIG)
    text = await site.files.export()
    other = SiteFiles(cast("StateStore", MemoryState()), site.house.clock, site.house.secrets, normal=site.secrets.normal)
    endpoints = re.search(r"^endpoints:\n(?: .*\n)+", text, re.MULTILINE)
    assert endpoints is not None
    shown = await other.plan(endpoints[0], WHO)
    assert any("endpoints/b/config/password" in warning for warning in shown.warnings)


def test_the_secret_fields_of_a_model_are_found() -> None:
    class Model(Config, frozen=True, kw_only=True):
        password: SecretText = ""
        key: SecretText | None = None
        name: str = ""

    assert secret_fields(Model) == {"password", "key"}
