"""Offers of WebRTC viewers, and our answers (RFC 8829, RFC 8839, RFC 8842): one-way, bundled, ICE-lite, DTLS server. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from sitewarden.wire.formats import AudioFormat, VideoFormat
from sitewarden.wire.sdp import MAX_LINES

MAX_BYTES: Final = 64 << 10
MAX_SECTIONS: Final = 16
MAX_TYPES: Final = 128
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31,63}")
_HASHES: Final = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_PROTOCOLS: Final = ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP")
_PRIORITY: Final = 126 << 24 | 255
"""Priority of a host candidate of component 1 (RFC 8445, 5.1.2.1), before the preference among our addresses."""


class OfferError(ValueError):
    """The offer is none that we can answer; the text is for whoever made it."""


class Codec(Struct, frozen=True):
    """One payload type of an offer."""

    number: int
    encoding: str
    """In upper case."""
    rate: int
    channels: int
    fmtp: str


class Section(Struct, frozen=True, kw_only=True):
    """One "m=" section of an offer."""

    kind: str
    protocol: str
    formats: str
    mid: str
    direction: str
    setup: str
    codecs: tuple[Codec, ...]
    feedback: frozenset[tuple[str, str]]
    """(payload type or "*", what it may report)."""
    mux: bool


class Offer(Struct, frozen=True, kw_only=True):
    """What a viewer offers."""

    sections: tuple[Section, ...]
    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, bytes], ...]
    """(hash by the name of RFC 8122, digest)."""


class Chosen(Struct, frozen=True):
    """What a section is answered with. `stream` is the SSRC."""

    section: int
    codec: Codec
    stream: int


class Identity(Struct, frozen=True, kw_only=True):
    """Our side of a session."""

    ufrag: str
    password: str
    fingerprint: str
    """SHA-256 of our certificate: "AB:CD:…"."""
    candidates: tuple[tuple[str, int], ...]
    """Our addresses and ports, the best first."""
    session: int
    name: str = "sitewarden"


def parse(body: bytes) -> Offer:
    """Read an offer; raises OfferError with what it lacks."""
    if len(body) > MAX_BYTES:
        raise OfferError(f"the offer has more than {MAX_BYTES >> 10} KiB")
    try:
        lines = body.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise OfferError("the offer is not UTF-8") from None
    if len(lines) > MAX_LINES or not lines[0].startswith("v=0"):
        raise OfferError("the offer is no session description (RFC 8866)")
    blocks: list[list[tuple[str, str]]] = [[]]
    for line in lines:
        if line[:2] == "m=":
            blocks.append([("m", line[2:])])
        elif line[:2] == "a=":
            name, _, value = line[2:].partition(":")
            blocks[-1].append((name, value.strip()))
    if not 2 <= len(blocks) <= MAX_SECTIONS + 1:
        raise OfferError(f"the offer has no media, or more than {MAX_SECTIONS}")
    if _first(blocks[0], "ice-lite") is not None:
        raise OfferError("both sides would be ICE-lite; nobody would begin")
    shared = blocks[0]
    sections = tuple(_section(block, shared, number) for number, block in enumerate(blocks[1:]))
    mids = [one.mid for one in sections]
    if len(set(mids)) != len(mids):
        raise OfferError("two media have the same mid")
    ufrag, password = _either(blocks, "ice-ufrag"), _either(blocks, "ice-pwd")
    if not _ICE.fullmatch(ufrag) or not _ICE.fullmatch(password) or len(password) < 22:
        raise OfferError("a=ice-ufrag or a=ice-pwd is missing or wrong (RFC 8839, 5.4)")
    prints = tuple(dict.fromkeys(_fingerprint(value) for block in blocks for name, value in block if name == "fingerprint"))
    known = tuple((name, digest) for name, digest in prints if name in _HASHES)
    if not known:
        raise OfferError("a=fingerprint with sha-256, sha-384 or sha-512 is missing (RFC 8122)")
    return Offer(sections=sections, ufrag=ufrag, password=password, fingerprints=known)


def choose(offer: Offer, video: VideoFormat, audio: AudioFormat | None) -> tuple[tuple[int, Codec], tuple[int, Codec] | None]:
    """Return for the pictures, and maybe the sound, which section and codec carry them; raises OfferError."""
    pictures = next(
        (
            (number, codec)
            for number, section in _open(offer, "video")
            if (codec := _video_codec(section.codecs, video)) is not None
        ),
        None,
    )
    if pictures is None:
        raise OfferError(f"the offer takes no {video.encoding}, which this camera sends")
    if audio is None:
        return pictures, None
    sound = next(
        (
            (number, codec)
            for number, section in _open(offer, "audio")
            if (codec := _audio_codec(section.codecs, audio)) is not None
        ),
        None,
    )
    return pictures, sound


def answer(offer: Offer, chosen: Sequence[Chosen], own: Identity) -> bytes:
    """Return the answer: what is chosen is sent, all else is refused."""
    by_section = {one.section: one for one in chosen}
    bundle = " ".join(offer.sections[one.section].mid for one in sorted(chosen, key=lambda one: one.section))
    lines = [
        "v=0",
        f"o=- {own.session} 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {bundle}",
        f"a=msid-semantic: WMS {own.name}",
    ]
    for number, section in enumerate(offer.sections):
        one = by_section.get(number)
        if one is None:
            lines += [f"m={section.kind} 0 {section.protocol} {section.formats}", "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}"]
            lines += ["a=inactive"] if section.protocol in _PROTOCOLS else []
        else:
            lines += _accepted(section, one, own)
    return ("\r\n".join(lines) + "\r\n").encode()


def _accepted(section: Section, one: Chosen, own: Identity) -> list[str]:
    codec, number = one.codec, one.codec.number
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [
        f"m={section.kind} 9 {section.protocol} {number}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=sendonly",
        "a=rtcp-mux",
        f"a=ice-ufrag:{own.ufrag}",
        f"a=ice-pwd:{own.password}",
        f"a=fingerprint:sha-256 {own.fingerprint}",
        "a=setup:passive",
        f"a=rtpmap:{number} {_NAMES.get(codec.encoding, codec.encoding)}/{codec.rate}{channels}",
    ]
    if codec.fmtp:
        lines.append(f"a=fmtp:{number} {codec.fmtp}")
    if section.kind == "video":
        offered = {what for kind, what in section.feedback if kind in ("*", str(number))}
        lines += [f"a=rtcp-fb:{number} {what}" for what in ("nack", "nack pli", "ccm fir") if what in offered]
    lines += [
        f"a=msid:{own.name} {section.kind}",
        f"a=ssrc:{one.stream} cname:{own.name}",
        f"a=ssrc:{one.stream} msid:{own.name} {section.kind}",
    ]
    for place, (host, port) in enumerate(own.candidates):
        priority = _PRIORITY + (max(0, 65535 - place) << 8)
        lines.append(f"a=candidate:{place + 1} 1 udp {priority} {host} {port} typ host")
    return [*lines, "a=end-of-candidates"]


_NAMES: Final = {"OPUS": "opus"}


def _open(offer: Offer, kind: str) -> list[tuple[int, Section]]:
    return [
        (number, one)
        for number, one in enumerate(offer.sections)
        if one.kind == kind and one.protocol in _PROTOCOLS and one.mux and one.direction in ("recvonly", "sendrecv")
    ]


def _video_codec(codecs: Sequence[Codec], video: VideoFormat) -> Codec | None:
    """Return the codec that says best what the pictures are; decoders take every profile up to the highest that they name."""
    named = [one for one in codecs if one.encoding == video.encoding]
    if video.encoding == "H265":
        return next(iter(named), None)
    ours = video.codec.partition(".")[2].lower()
    found = [one for one in named if _parameter(one.fmtp, "packetization-mode") == "1"]
    if not found or video.encoding != "H264":
        return None

    def rank(one: Codec) -> tuple[int, int]:
        theirs = (_parameter(one.fmtp, "profile-level-id") or "42e01f").lower()
        if theirs[:4] == ours[:4]:
            return (0, 0)
        return (1, 0) if theirs[:2] == ours[:2] else (2, -_RICHNESS.get(theirs[:2], 0))

    best = min(found, key=rank)
    theirs = (_parameter(best.fmtp, "profile-level-id") or "42e01f").lower()
    # The profile stays the offer's own, by which its payload types are told apart; the level is what we send (RFC 6184, 8.2.2).
    level = ours[4:6] if _parameter(best.fmtp, "level-asymmetry-allowed") == "1" else theirs[4:6]
    fmtp = f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={theirs[:4]}{level}"
    return Codec(best.number, best.encoding, best.rate, best.channels, fmtp)


_RICHNESS: Final = {"42": 1, "4d": 2, "64": 3, "f4": 4}
"""How much decoders of these profiles (profile_idc) take, the most last."""


def _audio_codec(codecs: Sequence[Codec], audio: AudioFormat) -> Codec | None:
    if audio.encoding == "OPUS":
        found = next((one for one in codecs if (one.encoding, one.rate, one.channels) == ("OPUS", 48000, 2)), None)
        stereo = f"sprop-stereo={int(audio.channels == 2)};stereo={int(audio.channels == 2)}"
        return Codec(found.number, found.encoding, found.rate, found.channels, stereo) if found else None
    if audio.encoding not in ("PCMU", "PCMA"):
        return None
    want = (audio.encoding, audio.rate, audio.channels)
    return next((one for one in codecs if (one.encoding, one.rate, one.channels) == want), None)


def _section(block: list[tuple[str, str]], shared: list[tuple[str, str]], number: int) -> Section:
    parts = block[0][1].split()
    if len(parts) < 4 or not all(_TOKEN.fullmatch(one) for one in (parts[0], *parts[3:])) or len(parts) > MAX_TYPES + 3:
        raise OfferError(f"media {number + 1} has no good m= line")
    if not re.fullmatch(r"[A-Za-z0-9/]{1,32}", parts[2]):
        raise OfferError(f"media {number + 1} has no good m= line")
    mid = _first(block, "mid")
    mid = str(number) if mid is None else mid
    setup = _first(block, "setup") or _first(shared, "setup") or "actpass"
    if not _TOKEN.fullmatch(mid):
        raise OfferError(f"media {number + 1} has a wrong mid")
    if setup == "passive":
        raise OfferError("a=setup:passive leaves the DTLS handshake to us; offer actpass or active")
    ways = ("sendrecv", "sendonly", "recvonly", "inactive")
    direction = next((name for name, _ in (*block, *shared) if name in ways), "sendrecv")
    feedback = [value.partition(" ") for name, value in block if name == "rtcp-fb"]
    return Section(
        kind=parts[0],
        protocol=parts[2],
        formats=" ".join(parts[3:]),
        mid=mid,
        direction=direction if parts[1] != "0" or _first(block, "bundle-only") is not None else "inactive",
        setup=setup,
        codecs=_codecs(block, parts[3:]),
        feedback=frozenset((kind, what.strip()) for kind, _, what in feedback),
        mux=_first(block, "rtcp-mux") is not None,
    )


_STATIC: Final = {0: ("PCMU", 8000, 1), 8: ("PCMA", 8000, 1)}


def _codecs(block: list[tuple[str, str]], formats: Sequence[str]) -> tuple[Codec, ...]:
    maps = dict(_mapped(value) for name, value in block if name == "rtpmap")
    parameters = dict(_mapped(value) for name, value in block if name == "fmtp")
    found = []
    for word in formats:
        if not (word.isascii() and word.isdigit() and len(word) <= 3 and int(word) < 128):
            continue
        number = int(word)
        encoding, rate, channels = _STATIC.get(number, ("", 0, 1))
        if match := re.fullmatch(r"([A-Za-z0-9_.-]{1,32})/(\d{1,7})(?:/(\d))?", maps.get(word, "")):
            encoding, rate, channels = match[1].upper(), int(match[2]), int(match[3] or 1)
        if encoding:
            fmtp = parameters.get(word, "")
            found.append(Codec(number, encoding, rate, channels, fmtp if fmtp.isprintable() and len(fmtp) <= 256 else ""))
    return tuple(found)


def _mapped(value: str) -> tuple[str, str]:
    number, _, rest = value.partition(" ")
    return number, rest.strip()


def _parameter(fmtp: str, name: str) -> str | None:
    pairs = (part.strip().partition("=") for part in fmtp.split(";"))
    return next((value.strip() for key, _, value in pairs if key.strip().lower() == name), None)


def _fingerprint(value: str) -> tuple[str, bytes]:
    name, _, text = value.partition(" ")
    name, text = name.lower(), text.strip()
    if name not in _HASHES:
        return name, b""
    if not _HEX.fullmatch(text) or len(digest := bytes.fromhex(text.replace(":", ""))) != _HASHES[name]:
        raise OfferError("a=fingerprint is wrong (RFC 8122, 5)")
    return name, digest


def _first(block: list[tuple[str, str]], name: str) -> str | None:
    return next((value for found, value in block if found == name), None)


def _either(blocks: list[list[tuple[str, str]]], name: str) -> str:
    """Return a value of the first medium, which the others are bundled with, or of the session."""
    return next((value for block in (*blocks[1:], blocks[0]) if (value := _first(block, name)) is not None), "")
