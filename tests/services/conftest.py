from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.services.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.begin()
    yield made
    made.close()
