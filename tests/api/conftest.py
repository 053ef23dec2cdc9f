from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import httpx
import pytest
from litestar import Litestar

from sitewarden.api.application import WebSettings, create_app
from sitewarden.bus.interfaces import Bus
from tests.services.busses import MemoryBus
from tests.services.house import House

ORIGIN = "http://site.test"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.begin()
    yield made
    made.close()


@pytest.fixture
def bus(house: House) -> MemoryBus:
    return house.bus


@pytest.fixture
def console(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>console</title>" + " " * 2000)
    (folder / "assets" / "index-abc123.js").write_text("export default 1;\n" * 100)
    (folder / "favicon.svg").write_text("<svg/>")
    return folder


@pytest.fixture
def app(bus: MemoryBus, console: Path) -> Litestar:
    return create_app(cast("Bus", bus), WebSettings(console=console))


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 50000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as made:
        yield made
