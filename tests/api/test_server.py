from __future__ import annotations

import asyncio
import logging

import httpx
import pytest
from litestar import Litestar

from sitewarden.api.server import serve
from tests.api.serving import listening


async def test_it_serves_and_ends_cleanly(netns: bool, host: str, app: Litestar, caplog: pytest.LogCaptureFixture) -> None:
    ready = asyncio.Event()
    running = asyncio.create_task(serve(app, [listening(host)], ready=ready.set))
    await asyncio.wait_for(ready.wait(), 60)
    async with httpx.AsyncClient(timeout=60, base_url=f"http://{host}:8600") as client:
        answer = await client.get("/api/v1/health", headers={"X-Forwarded-For": "203.0.113.9"})
        assert answer.json() == {"status": "ok"}
        assert "server" not in answer.headers
        assert "date" in answer.headers
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 60)
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient(timeout=60) as client:
            await client.get(f"http://{host}:8600/")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
