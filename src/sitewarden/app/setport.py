"""`sitewarden ports set`: asked of core where the node runs, written to the settings where it does not."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

import msgspec

from sitewarden.app import show
from sitewarden.app.doctor.facts import running
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.config import Settings, SettingsFile
from sitewarden.domain.errors import Refusal, Unreachable
from sitewarden.kit.errors import DriverError, reaching
from sitewarden.net.network import LocalNetwork
from sitewarden.services.surface.portchange import PortState, PortTrial

POLL_SECONDS: Final = 0.5
REACH_SECONDS: Final = 5.0
ANSWER_LIMIT: Final = 16 << 10
"""Bytes of the answer that carries the proof."""
PATH: Final = "/port-trial"
TYPED: Final = "typed at the command line"


def change(settings_path: Path | None, row: str, number: int, *, reason: str, keep: bool, json: bool) -> int:
    """Change a port and tell what came of it; return 1 where it went back."""
    settings = settled(settings_path)
    file = SettingsFile(settings_path or Path("sitewarden.toml"))
    alive = running(settings)

    async def work(ask: Ask) -> PortState:
        state = _state(await ask("network.port.change", row=row, number=number, reason=reason or TYPED))
        if state.trial is None:
            return state
        if not json:
            _explain(settings, state)
        if keep:
            proof = "" if state.trial.reach == "anywhere" else await _proof(settings, state.trial)
            return _state(await ask("network.port.keep", row=row, proof=proof, reason=reason or TYPED))
        while True:
            state = _state(await ask("network.port", row=row))
            if state.trial is None:
                return state
            await asyncio.sleep(POLL_SECONDS)

    state = with_platform(settings, work, file)
    last = state.last
    if json:
        show.as_json(state)
    elif last is not None and last.outcome == "undone":
        show.err.print(f"{row} is back on {last.old}: {last.why}.", soft_wrap=True)
    elif alive:
        show.out.print(f"{row} is on {number} now, and stays there. Firewalls are to be told: sitewarden ports --help")
    else:
        show.out.print(f"{row} is on {number} from the next start on.")
    return 1 if last is not None and last.outcome == "undone" else 0


def _state(answer: Any) -> PortState:
    return msgspec.convert(answer, PortState)


def _explain(settings: Settings, state: PortState) -> None:
    trial = state.trial
    assert trial is not None
    scheme = "https" if trial.reach == "console" and _tls(settings) else "http"
    say = [f"{trial.row} is tried on {trial.new} beside {trial.old} for {trial.seconds:.0f} s. {state.interrupts}"]
    if trial.reach == "anywhere":
        say.append("Keep it in the console, or run this again with --keep.")
    else:
        say.append(f"To keep it, open {scheme}://{_host(settings)}:{trial.new}{PATH} in a browser and sign in.")
    for line in (*say, *trial.warnings):
        show.err.print(line, soft_wrap=True, markup=False)


def _tls(settings: Settings) -> bool:
    return not settings.loopback or settings.tls.mode == "always"


def _host(settings: Settings) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.bind, settings.bind)  # noqa: S104 -- nothing is bound


async def _proof(settings: Settings, trial: PortTrial) -> str:
    """Come in on the new number, and return what it gives out."""
    network = LocalNetwork(settings, "cli")
    tls = None
    if trial.reach == "console" and _tls(settings):
        tls = ssl.create_default_context()
        # Core alone knows the proof and compares it: what answers is ours, whatever name its certificate is for.
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    try:
        with reaching(f"{_host(settings)}:{trial.new}"):
            _, page = await network.dial(trial.row, _Page, _host(settings), trial.new, tls=tls, timeout=REACH_SECONDS)
            async with asyncio.timeout(REACH_SECONDS):
                answer = await page.whole
    except (DriverError, TimeoutError) as fault:
        raise Unreachable(
            f"{trial.row} is not reached on {trial.new}: {fault or 'no answer'}.",
            remedy=f"It goes back to {trial.old} by itself.",
        ) from None
    finally:
        await network.close()
    for line in answer.split(b"\r\n"):
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "location":
            return parse_qs(urlsplit(value.strip()).query).get("proof", [""])[0]
    raise Refusal(f"what answers on {trial.new} is not this node.", remedy=f"It goes back to {trial.old} by itself.")


class _Page(asyncio.Protocol):
    """Asks for the page with the proof (HTTP/1.1), and holds the answer once it ended."""

    def __init__(self) -> None:
        self.whole: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(
            f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > ANSWER_LIMIT:
            self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.whole.done():
            self.whole.set_result(self._held)
