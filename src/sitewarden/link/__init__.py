"""The asyncio session over wire.link: dials, listens, pairs, resumes. Does I/O."""

from sitewarden.link.dial import LinkListener, Sessions, dial_link, dial_link_unix, listen_link, listen_link_unix
from sitewarden.link.pairing import NotYet, Paired, PairingDesk, pair
from sitewarden.link.peer import Peer
from sitewarden.link.redial import Redialler
from sitewarden.link.session import LinkSession
from sitewarden.link.stream import LinkStream

__all__ = [
    "LinkListener",
    "LinkSession",
    "LinkStream",
    "NotYet",
    "Paired",
    "PairingDesk",
    "Peer",
    "Redialler",
    "Sessions",
    "dial_link",
    "dial_link_unix",
    "listen_link",
    "listen_link_unix",
    "pair",
]
