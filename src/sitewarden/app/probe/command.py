"""What the options of `sitewarden probe` mean together."""

from __future__ import annotations

import getpass
from pathlib import Path

import msgspec
from msgspec import Struct

from sitewarden.app.probe import multicast, verb
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import Computer

ECHO_SECONDS = 60


class Given(Struct, frozen=True, kw_only=True):
    """The options as they were typed."""

    host: str
    computer: str
    token: str
    user: str
    password: str | None
    ca: Path | None
    number: int
    key: str
    open: str
    last: bool
    source_port: int
    seconds: int | None
    timeout: float
    settings: Path | None
    multicast: bool
    interface: str
    ttl: int


def run(given: Given, *, json: bool) -> int:
    """Do what was asked; return the exit status. Raises Refusal where the options do not fit together."""
    if given.multicast:
        options = multicast.Options(seconds=given.seconds or multicast.SECONDS, interface=given.interface, ttl=given.ttl)
        return multicast.run(given.settings, options, json=json)
    if given.last:
        return verb.last(given.settings, json=json)
    if given.open:
        return verb.open_echo(given.settings, given.open, given.source_port, given.seconds or ECHO_SECONDS, json=json)
    if not given.host:
        raise Refusal("no computer is named", where="HOST", remedy="Give its name or address: `sitewarden probe 10.0.0.5`.")
    try:
        computer = msgspec.convert(given.computer, Computer)
    except msgspec.ValidationError:
        raise Refusal(f"{given.computer} is no kind of computer", where="--as", remedy="Take server, device or node.") from None
    password = given.password
    if given.user and not given.token and password is None:
        password = getpass.getpass(f"Password of {given.user}: ")
    how = verb.Options(
        host=given.host,
        computer=computer,
        token=given.token,
        user=given.user,
        password=password or "",
        ca=given.ca,
        number=given.number,
        key=given.key,
        source_port=given.source_port,
        timeout=given.timeout,
    )
    return verb.run(how, json=json)
