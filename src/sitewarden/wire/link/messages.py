"""The messages. Each is a msgpack array: its tag, then its fields in order; fields are only ever appended.

A reader ignores fields that it does not know, and takes the default for fields that are missing at the end.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

VERSION = 1
"""The version that this code speaks; hello carries a range."""

URGENT, NORMAL, BULK = 1, 2, 3
"""Priorities: commands, all else, log upload and other masses. What is more urgent overtakes at every frame."""

Word = Annotated[str, Meta(max_length=128)]
Sentence = Annotated[str, Meta(max_length=2000)]
Id = Annotated[int, Meta(ge=1, le=2**32 - 1)]
Index = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Priority = Annotated[int, Meta(ge=1, le=3)]
Capabilities = Annotated[tuple[Word, ...], Meta(max_length=64)]


class Hello(Struct, frozen=True, gc=False, array_like=True, tag=1):
    """The dialler's first message."""

    minimum: Count
    """Least version that it speaks."""
    maximum: Count
    node: Word
    """Id of the node; must equal the one in its certificate. Empty for a node that has none yet."""
    role: Word
    """"controller", "server", "core", "web", "media-0", …"""
    software: Word = ""
    """Name and version for people, e.g. "sitewarden/0.1.0"."""
    capabilities: Capabilities = ()


class HelloAck(Struct, frozen=True, gc=False, array_like=True, tag=2):
    """The listener's answer: the connection is up, and speaks `version`."""

    version: Count
    node: Word
    role: Word
    software: Word = ""
    capabilities: Capabilities = ()


class Refused(Struct, frozen=True, gc=False, array_like=True, tag=3):
    """The listener's other answer; it then closes."""

    code: Word
    what: Sentence = ""
    remedy: Sentence = ""


class Request(Struct, frozen=True, gc=False, array_like=True, tag=4):
    """A question; `id` is odd from the dialler, even from the listener, never used before."""

    id: Id
    kind: Word
    priority: Priority = NORMAL
    body: bytes = b""
    more: bool = False
    """True where `Part`s follow."""


class Response(Struct, frozen=True, gc=False, array_like=True, tag=5):
    """The answer to the request `id`."""

    id: Id
    body: bytes = b""
    more: bool = False


class Error(Struct, frozen=True, gc=False, array_like=True, tag=6):
    """The refusal of the request `id`, as `domain.errors.Refusal` has it."""

    id: Id
    code: Word
    what: Sentence = ""
    where: Sentence = ""
    remedy: Sentence = ""


class Cancel(Struct, frozen=True, gc=False, array_like=True, tag=7):
    """The asker no longer waits for `id`; an answer under way is ignored."""

    id: Id


class Notify(Struct, frozen=True, gc=False, array_like=True, tag=8):
    """A notice: no answer. `id` is 0 unless parts follow."""

    kind: Word
    body: bytes = b""
    id: Count = 0
    more: bool = False


class Part(Struct, frozen=True, gc=False, array_like=True, tag=9):
    """The body of `id` goes on."""

    id: Id
    body: bytes = b""
    more: bool = False


class StreamOpen(Struct, frozen=True, gc=False, array_like=True, tag=10):
    """Open a stream; data may flow both ways."""

    id: Id
    kind: Word
    params: bytes = b""
    index: Index = 0
    """The greatest index that the opener holds of what the acceptor sends: it resumes after that."""
    credit: Count = 0
    """Bytes that the acceptor may send; 0 where data flows one way."""


class StreamAccept(Struct, frozen=True, gc=False, array_like=True, tag=11):
    """The acceptor takes the stream."""

    id: Id
    index: Index = 0
    """The greatest index that the acceptor holds of what the opener sends: it resumes after that."""
    credit: Count = 0
    params: bytes = b""


class StreamData(Struct, frozen=True, gc=False, array_like=True, tag=12):
    """One record, or a piece of one: pieces of a record carry the same index. Indexes grow."""

    id: Id
    index: Index
    body: bytes = b""
    more: bool = False


class StreamAck(Struct, frozen=True, gc=False, array_like=True, tag=13):
    """All records up to `index` are safe with the receiver."""

    id: Id
    index: Index


class Credit(Struct, frozen=True, gc=False, array_like=True, tag=14):
    """The receiver takes so many bytes more."""

    id: Id
    bytes: Count


class StreamEnd(Struct, frozen=True, gc=False, array_like=True, tag=15):
    """The stream is over for both; `code` is empty where nothing is wrong."""

    id: Id
    code: Word = ""
    what: Sentence = ""
    remedy: Sentence = ""


class Ping(Struct, frozen=True, gc=False, array_like=True, tag=16):
    """Are you there?"""

    token: Index


class Pong(Struct, frozen=True, gc=False, array_like=True, tag=17):
    """I am; carries the token of the ping."""

    token: Index


class Close(Struct, frozen=True, gc=False, array_like=True, tag=18):
    """The last message of a side. `code` is empty for an orderly end."""

    code: Word = ""
    what: Sentence = ""


Message = (
    Hello
    | HelloAck
    | Refused
    | Request
    | Response
    | Error
    | Cancel
    | Notify
    | Part
    | StreamOpen
    | StreamAccept
    | StreamData
    | StreamAck
    | Credit
    | StreamEnd
    | Ping
    | Pong
    | Close
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)

encode = _encoder.encode
"""Return the payload of a message."""
decode = _decoder.decode
"""Return the message of a payload; raises ValueError or RecursionError."""
