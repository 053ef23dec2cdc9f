import asyncio
from pathlib import Path

import pytest

from sitewarden.domain.errors import Invalid, StorageFull
from sitewarden.domain.events import Confirm
from sitewarden.store.sqlite import Outbox
from tests.store.samples_of import event


async def test_items_wait_in_order_with_their_confirm_until_they_are_acknowledged(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "outbox.db")
    first = await outbox.append([event(1), event(2)], Confirm("gate", 1, 2))
    await asyncio.gather(*(outbox.append([event(n)]) for n in range(3, 10)))
    assert len(outbox) == 8
    await outbox.close()
    outbox = Outbox.open(tmp_path / "outbox.db")
    assert len(outbox) == 8
    items = await outbox.pending(3)
    assert items[0].id == first
    assert items[0].events == [event(1), event(2)]
    assert items[0].confirm == Confirm("gate", 1, 2)
    assert [one.events[0].key for one in items] == ["gate/1/1", "gate/1/3", "gate/1/4"]
    await outbox.ack(items[-1].id)
    assert len(outbox) == 5
    assert [one.events[0].key for one in await outbox.pending()] == [f"gate/1/{n}" for n in range(5, 10)]
    await outbox.ack(1 << 40)
    assert len(outbox) == 0
    assert await outbox.append([event(10)]) > items[-1].id, "ids are never used again"
    await outbox.close()


async def test_a_full_outbox_refuses_and_takes_again_after_an_acknowledgement(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "outbox.db", max_bytes=1500)
    stored = 0
    with pytest.raises(StorageFull, match="core"):
        for index in range(100):
            stored = await outbox.append([event(index)])
    assert len(outbox) == stored > 3
    await outbox.ack(stored)
    await outbox.append([event(200)])
    assert len(outbox) == 1
    await outbox.close()


async def test_an_event_that_the_log_would_refuse_does_not_block_the_outbox(tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "outbox.db")
    with pytest.raises(Invalid):
        await outbox.append([event(1, severity=9)])
    assert len(outbox) == 0
    await outbox.close()
