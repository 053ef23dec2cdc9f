"""Properties of MQTT 5.0 packets (clause 2.2.2): bytes to names and values, and back. Pure."""

from __future__ import annotations

from typing import Any, Final, Literal

Kind = Literal["byte", "two", "four", "variable", "text", "data", "pair"]
Properties = dict[str, Any]
"""Name to value; "user_property" is a list of (name, value), "subscription_identifier" a list of numbers."""

TABLE: Final[dict[int, tuple[str, Kind]]] = {
    0x01: ("payload_format_indicator", "byte"),
    0x02: ("message_expiry_interval", "four"),
    0x03: ("content_type", "text"),
    0x08: ("response_topic", "text"),
    0x09: ("correlation_data", "data"),
    0x0B: ("subscription_identifier", "variable"),
    0x11: ("session_expiry_interval", "four"),
    0x12: ("assigned_client_identifier", "text"),
    0x13: ("server_keep_alive", "two"),
    0x15: ("authentication_method", "text"),
    0x16: ("authentication_data", "data"),
    0x17: ("request_problem_information", "byte"),
    0x18: ("will_delay_interval", "four"),
    0x19: ("request_response_information", "byte"),
    0x1A: ("response_information", "text"),
    0x1C: ("server_reference", "text"),
    0x1F: ("reason_string", "text"),
    0x21: ("receive_maximum", "two"),
    0x22: ("topic_alias_maximum", "two"),
    0x23: ("topic_alias", "two"),
    0x24: ("maximum_qos", "byte"),
    0x25: ("retain_available", "byte"),
    0x26: ("user_property", "pair"),
    0x27: ("maximum_packet_size", "four"),
    0x28: ("wildcard_subscription_available", "byte"),
    0x29: ("subscription_identifier_available", "byte"),
    0x2A: ("shared_subscription_available", "byte"),
}
"""Identifier to name and type (table 2-4)."""

_NUMBERS: Final = {name: number for number, (name, _) in TABLE.items()}
_WIDTHS: Final = {"byte": 1, "two": 2, "four": 4}
_REPEATED: Final = frozenset({"user_property", "subscription_identifier"})


class WireError(ValueError):
    """The peer sent what is no MQTT; `code` is the reason code of a DISCONNECT that says so."""

    def __init__(self, what: str, code: int = 0x81) -> None:
        super().__init__(what)
        self.code = code


def variable(value: int) -> bytes:
    """Return a variable byte integer (clause 1.5.5); raises ValueError beyond 268,435,455."""
    if not 0 <= value <= 0x0FFFFFFF:
        raise ValueError(f"{value} is beyond a variable byte integer")
    out = bytearray()
    while True:
        value, digit = value >> 7, value & 0x7F
        if not value:
            out.append(digit)
            return bytes(out)
        out.append(digit | 0x80)


def take_variable(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return (value, place behind it); raises WireError where it is cut, too long or longer than it need be."""
    value = shift = 0
    for place in range(at, min(at + 4, end)):
        digit = data[place]
        value |= (digit & 0x7F) << shift
        if not digit & 0x80:
            if not digit and place > at:
                raise WireError("a variable byte integer is longer than it need be")
            return value, place + 1
        shift += 7
    raise WireError("a variable byte integer does not end")


def take_data(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """Return (bytes with a length of two bytes in front, place behind them)."""
    begin = at + 2
    if begin > end:
        raise WireError("a length is cut off")
    behind = begin + (data[at] << 8 | data[at + 1])
    if behind > end:
        raise WireError("a text is cut off")
    return data[begin:behind], behind


def take_text(data: bytes, at: int, end: int) -> tuple[str, int]:
    """Return (text, place behind it); raises WireError where it is no UTF-8 or holds NUL (clause 1.5.4)."""
    raw, behind = take_data(data, at, end)
    return text_of(raw), behind


def text_of(raw: bytes) -> str:
    """Return a UTF-8 string of the wire."""
    if b"\0" in raw:
        raise WireError("a text holds NUL")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise WireError("a text is no UTF-8") from None


def put_data(value: bytes) -> bytes:
    """Return bytes with their length in front; raises ValueError beyond 65,535."""
    if len(value) > 0xFFFF:
        raise ValueError(f"{len(value)} bytes do not fit where 65,535 do")
    return len(value).to_bytes(2, "big") + value


def put_text(value: str) -> bytes:
    """Return a text with its length in front."""
    if "\0" in value:
        raise ValueError("a text of MQTT has no NUL")
    return put_data(value.encode())


def take(data: bytes, at: int, end: int) -> tuple[Properties, int]:
    """Return (properties, place behind them); raises WireError for unknown ones, and for one twice that stands once."""
    size, at = take_variable(data, at, end)
    behind = at + size
    if behind > end:
        raise WireError("the properties are cut off")
    found: Properties = {}
    while at < behind:
        entry = TABLE.get(data[at])
        if entry is None:
            raise WireError(f"property {data[at]} is not known")
        (name, kind), at = entry, at + 1
        value: Any
        if kind == "text":
            value, at = take_text(data, at, behind)
        elif kind == "data":
            value, at = take_data(data, at, behind)
        elif kind == "variable":
            value, at = take_variable(data, at, behind)
        elif kind == "pair":
            key, at = take_text(data, at, behind)
            text, at = take_text(data, at, behind)
            value = (key, text)
        else:
            width = _WIDTHS[kind]
            if at + width > behind:
                raise WireError("a property is cut off")
            value, at = int.from_bytes(data[at : at + width], "big"), at + width
        if name in _REPEATED:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise WireError(f"the property {name} stands twice", 0x82)
        else:
            found[name] = value
    return found, behind


def put(properties: Properties) -> bytes:
    """Return properties with their length in front; raises ValueError for what does not fit."""
    out = bytearray()
    for name, given in properties.items():
        number = _NUMBERS[name]
        kind = TABLE[number][1]
        for value in given if name in _REPEATED else (given,):
            out.append(number)
            if kind == "text":
                out += put_text(value)
            elif kind == "data":
                out += put_data(value)
            elif kind == "variable":
                out += variable(value)
            elif kind == "pair":
                out += put_text(value[0]) + put_text(value[1])
            else:
                out += int(value).to_bytes(_WIDTHS[kind], "big")
    return variable(len(out)) + bytes(out)
