"""Chromium as the tests of the console drive it, and a made-up site for it to look at."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.fake_site import FakeSite

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # A microphone that beeps, and nobody who is asked for it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
T = TypeVar("T")

# Playwright waits 5 s for what it expects, and a page that loads anew on a busy machine takes longer.
expect.set_options(timeout=60_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Served:
    """A made-up site on a thread and a loop of its own; `do` changes it from the test's thread."""

    def __init__(self, site: FakeSite, host: str) -> None:
        self.site = site
        self._host = host
        self._port = 0
        self._start()

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    def do(self, act: Callable[[FakeSite], T]) -> T:
        """Run `act` where the site runs and return its result."""

        async def run() -> T:
            return act(self.site)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def restart(self) -> None:
        """Answer again on the port that was answered on before."""
        self._start()

    def stop(self) -> None:
        """Go away: no answer, no connection."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)

    def _start(self) -> None:
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((self._host, self._port))
        self._port = held.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(self.site, log_level="error", lifespan="off", ws="websockets-sansio"))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(held,), daemon=True)
        self._thread.start()

    def _run(self, held: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        with held:
            self._loop.run_until_complete(self._server.serve([held]))
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def sign_in(page: Page, url: str, user: str = "admin", password: str = "secret") -> None:
    """Sign in and wait for the overview."""
    page.goto(url)
    page.get_by_label("User name").fill(user)
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#main").wait_for(state="attached")


def complaints(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains of: exceptions, refused resources, broken policy."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    width: int = page.evaluate(
        "Math.max(...[document.documentElement, document.querySelector('main')].map(e => e ? e.scrollWidth - e.clientWidth : 0))"
    )
    return width
