"""The link protocol, sans-IO: frames, messages and the state of one connection. No I/O; time is an argument.

`docs/protocols/link.md` is its specification.
"""

from sitewarden.wire.link.connection import Connection
from sitewarden.wire.link.errors import LinkError, LocalMisuse, PeerViolation
from sitewarden.wire.link.frames import FRAME_LIMIT, FrameReader, encode_frame
from sitewarden.wire.link.limits import Limits, Timing
from sitewarden.wire.link.messages import (
    BULK,
    NORMAL,
    URGENT,
    VERSION,
    Cancel,
    Close,
    Credit,
    Error,
    Hello,
    HelloAck,
    Message,
    Notify,
    Part,
    Ping,
    Pong,
    Refused,
    Request,
    Response,
    StreamAccept,
    StreamAck,
    StreamData,
    StreamEnd,
    StreamOpen,
)

__all__ = [
    "BULK",
    "FRAME_LIMIT",
    "NORMAL",
    "URGENT",
    "VERSION",
    "Cancel",
    "Close",
    "Connection",
    "Credit",
    "Error",
    "FrameReader",
    "Hello",
    "HelloAck",
    "Limits",
    "LinkError",
    "LocalMisuse",
    "Message",
    "Notify",
    "Part",
    "PeerViolation",
    "Ping",
    "Pong",
    "Refused",
    "Request",
    "Response",
    "StreamAccept",
    "StreamAck",
    "StreamData",
    "StreamEnd",
    "StreamOpen",
    "Timing",
    "encode_frame",
]
