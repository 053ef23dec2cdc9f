"""Settings of a TCP endpoint (a port that devices dial, or one device that is dialled), a device and a point's address.

Texts that stand for bytes: each character is a byte, so that "\\u0002" in JSON is STX. Expressions are RE2's.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.network.use import PortUse
from sitewarden.kit.config import Config
from sitewarden.wire.expressions import Expression
from sitewarden.wire.template import Template

Pattern = Annotated[str, Meta(max_length=1000)]
Text = Annotated[str, Meta(max_length=1000)]
Bytes = Annotated[str, Meta(max_length=16, pattern="^[\u0000-\u00ff]*$")]


class EndpointConfig(Config, frozen=True, kw_only=True):
    """One port of ours that devices dial ("server"), or one device or gateway that is dialled ("client")."""

    mode: Literal["server", "client"]
    port: Annotated[int, Meta(ge=1, le=65535)]
    """There is no default; 42000 is a usual one of devices that are dialled."""
    host: Annotated[str, Meta(max_length=253)] = ""
    """Address or name of the device that is dialled; empty for a server."""
    networks: Annotated[tuple[Annotated[str, Meta(max_length=50)], ...], Meta(max_length=64)] = ()
    """Networks that devices may dial from ("10.3.0.0/24"); empty is any."""
    connections: Annotated[int, Meta(ge=1, le=8192)] = 256
    """Connections that a server holds; the newest beyond is closed at once."""
    idle: Annotated[float, Meta(ge=1.0, le=86400.0)] = 600.0
    """Seconds after which a server closes a connection on which nothing came."""
    tls: bool = False
    """A server shows this node's certificate; a client demands one of the device."""
    ca: Annotated[str, Meta(max_length=65536)] = ""
    """PEM of the authorities that a dialled device's certificate is believed from; empty is those of this computer."""
    fingerprint: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """SHA-256 of the one certificate that a dialled device may show, whoever signed it."""
    framing: Literal["delimiter", "fixed", "length"] = "delimiter"
    delimiter: Bytes = "\n"
    """What ends a message; with a line feed goes the carriage return before it."""
    start: Bytes = ""
    """What begins a message, such as STX; anything before it is noise."""
    length: Annotated[int, Meta(ge=1, le=65536)] | None = None
    """Bytes of each message where framing is "fixed"."""
    length_at: Annotated[int, Meta(ge=0, le=64)] = 0
    """Bytes before the length field."""
    length_size: Literal[1, 2, 4] = 2
    length_order: Literal["big", "little"] = "big"
    length_adds: Annotated[int, Meta(ge=-64, le=65536)] = 0
    """Bytes that follow the field beside those that it tells; -2 where a field of two bytes counts itself."""
    most: Annotated[int, Meta(ge=16, le=65536)] = 4096
    """Longest message, in bytes; a longer one ends the connection."""
    device: Pattern = ""
    """Expression whose group "device" (or its first) is what a message's device calls itself."""
    reply: Text = ""
    """What a known device is sent after each of its messages; "{device}" stands for what it calls itself."""
    timeout: Annotated[float, Meta(ge=0.05, le=60.0)] = 2.0
    """Seconds that a device has for its answer to a poll or a write."""
    bad_after: Annotated[float, Meta(ge=1.0, le=86400.0)] = 30.0
    """Seconds for which a lost point is Uncertain (last known value) before it is Bad: after its last message where it is asked,
    after its silence was found out where it sends by itself."""
    probe_every: Annotated[float, Meta(ge=1.0, le=3600.0)] = 30.0
    """Longest pause, in seconds, between two polls of a device that does not answer."""

    def __post_init__(self) -> None:
        if (self.mode == "client") != bool(self.host):
            raise ValueError('a client needs the host that it dials, and a server has none (mode is "server" or "client")')
        if (self.framing == "fixed") != (self.length is not None):
            raise ValueError('length goes with framing "fixed", and is needed there')
        if self.framing == "delimiter" and not self.delimiter:
            raise ValueError('framing "delimiter" needs a delimiter')
        if self.mode == "client" and (self.networks or self.reply):
            raise ValueError("networks and reply are a server's")
        if (self.ca or self.fingerprint) and not (self.tls and self.mode == "client"):
            raise ValueError("ca and fingerprint are a client's with tls")
        for network in self.networks:
            ipaddress.ip_network(network)
        if self.device:
            _group(Expression(self.device), "device")
        if extra := Template(self.reply).names - {"device"}:
            raise ValueError(f'reply knows no place "{min(extra)}", only "device"')

    def uses(self) -> tuple[PortUse, ...]:
        """Return the port that this endpoint needs."""
        if self.mode == "server":
            return (PortUse(row="tcp-server", way="in", number=self.port),)
        return (PortUse(row="tcp-client", way="out", host=self.host, number=self.port),)


class DeviceConfig(Config, frozen=True, kw_only=True):
    """One device. It is known by what it calls itself, by the address that it dials from, or because it is the only one."""

    says: Annotated[str, Meta(max_length=200)] = ""
    """What it calls itself in its messages."""
    address: Annotated[str, Meta(max_length=50)] = ""
    """IP address that it dials from."""
    pattern: Pattern = ""
    """Expression that its points' groups are of, unless a point has one of its own."""
    time: Literal["", "iso", "seconds", "milliseconds"] = ""
    """How the group "time" of an expression tells when the values held; empty: when they arrived."""
    poll: Text = ""
    """What it is sent to make it answer; empty for a device that sends by itself. "{device}" stands for what it calls itself."""
    every: Annotated[float, Meta(ge=0.05, le=86400.0)] = 1.0
    """Seconds between two polls."""
    silent_after: Annotated[float, Meta(ge=0.5, le=604800.0)] = 60.0
    """Seconds without a message after which a device that is not polled counts as lost."""

    def __post_init__(self) -> None:
        if self.address:
            ipaddress.ip_address(self.address)
        if self.pattern:
            Expression(self.pattern)
        if extra := Template(self.poll).names - {"device"}:
            raise ValueError(f'poll knows no place "{min(extra)}", only "device"')


class AddressConfig(Config, frozen=True, kw_only=True):
    """Where a point's value stands in a message, and how it is written."""

    pattern: Pattern = ""
    """Expression that a message is searched for; empty: the device's. Without both, the whole message is the value."""
    group: Annotated[int, Meta(ge=0, le=99)] | Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    """Group by number or name; absent: the first, or the whole match where there is none."""
    form: Literal["text", "hex", "unsigned", "signed", "float"] = "text"
    """"text": digits or words. "hex": hexadecimal digits of a whole number. The others are the group's bytes themselves."""
    order: Literal["big", "little"] = "big"
    """Order of bytes of "unsigned", "signed" and "float" (4 or 8 bytes)."""
    write: Text = ""
    """What is sent to write the point: "SET {value:.1f}\\r\\n". Its places are "value" and "device"."""
    confirm: Pattern = ""
    """Expression that the device's answer to a write fits; empty: it gives none, and the write is told as unconfirmed."""
    refused: Pattern = ""
    """Expression that its answer fits where it refuses."""

    def __post_init__(self) -> None:
        for text in (self.pattern, self.confirm, self.refused):
            if text:
                Expression(text)
        template = Template(self.write)
        if extra := template.names - {"value", "device"}:
            raise ValueError(f'write knows no place "{min(extra)}", only "value" and "device"')
        if not self.write and (self.confirm or self.refused):
            raise ValueError("confirm and refused go with write")


def _group(expression: Expression, name: str) -> int:
    """Return the group with that name, or else the first; raise ValueError where there is neither."""
    return expression.number(expression.names.get(name, 1))


CONFIG: Final[dict[str, type[Struct]]] = {"endpoint": EndpointConfig, "device": DeviceConfig, "address": AddressConfig}
