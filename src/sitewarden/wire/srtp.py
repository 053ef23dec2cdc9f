"""SRTP and SRTCP: AES-GCM (RFC 7714) and AES-CM with HMAC-SHA1-80 (RFC 3711), keyed by DTLS (RFC 5764). Pure.

One `Outbound` protects what we send, one `Inbound` opens the RTCP that comes back; nothing else comes.
"""

from __future__ import annotations

import hmac
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

GCM: Final = "SRTP_AEAD_AES_128_GCM"
CM: Final = "SRTP_AES128_CM_SHA1_80"
"""The profiles by OpenSSL's names."""
SALT: Final = {GCM: 12, CM: 14}
_KEY: Final = 16
_TAG: Final = 10
_RTP, _RTCP = 0, 3
"""First labels of the key derivation for RTP and RTCP (RFC 3711, 4.3.2): cipher, then authentication, then salt."""
WINDOW: Final = 64
"""RTCP packets that may arrive late."""


class SrtpError(ValueError):
    """The packet was not made with our peer's key, or came twice."""


def material(profile: str) -> int:
    """Return how many bytes DTLS has to export."""
    return 2 * (_KEY + SALT[profile])


def split(profile: str, exported: bytes) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """Return (key, salt) of the DTLS client and of the server (RFC 5764, 4.2)."""
    salt = SALT[profile]
    client, server = exported[:_KEY], exported[_KEY : 2 * _KEY]
    rest = exported[2 * _KEY :]
    return (client, rest[:salt]), (server, rest[salt : 2 * salt])


def derive(key: bytes, salt: bytes, label: int, size: int) -> bytes:
    """Return a session key (RFC 3711, 4.3.3), with a key derivation rate of 0."""
    # A salt of 12 bytes stands in front of two zero bytes (RFC 7714, 11).
    padded = salt + bytes(16 - len(salt))
    block = (int.from_bytes(padded, "big") ^ label << 64).to_bytes(16, "big")
    cipher = Cipher(algorithms.AES(key), modes.CTR(block)).encryptor()
    return cipher.update(bytes(size))


class _Keys:
    """Session keys of RTP or RTCP in one direction."""

    def __init__(self, profile: str, key: bytes, salt: bytes, label: int) -> None:
        self.cipher = derive(key, salt, label, _KEY)
        self.authentication = b"" if profile == GCM else derive(key, salt, label + 1, 20)
        self.salt = int.from_bytes(derive(key, salt, label + 2, SALT[profile]), "big")


class Outbound:
    """Protects our packets. Numbers of a stream must go up, as a sender's do: its rollovers are counted from them."""

    def __init__(self, profile: str, key: bytes, salt: bytes) -> None:
        self._gcm = profile == GCM
        self._rtp, self._rtcp = _Keys(profile, key, salt, _RTP), _Keys(profile, key, salt, _RTCP)
        self._seal = AESGCM(self._rtp.cipher).encrypt
        self._stream = Cipher(algorithms.AES(self._rtp.cipher), modes.CTR(bytes(16))).encryptor()
        self._rollovers: dict[int, tuple[int, int]] = {}
        self._index = 0

    def rtp(self, packet: bytes) -> bytes:
        """Return a packet with a plain header of 12 bytes protected."""
        head = packet[:12]
        sequence, ssrc = packet[2] << 8 | packet[3], int.from_bytes(packet[8:12], "big")
        rollover, last = self._rollovers.get(ssrc, (0, sequence))
        if sequence < last:
            rollover += 1
        self._rollovers[ssrc] = (rollover, sequence)
        if self._gcm:
            nonce = (self._rtp.salt ^ (ssrc << 48 | rollover << 16 | sequence)).to_bytes(12, "big")
            return head + self._seal(nonce, packet[12:], head)
        # The contexts of cryptography take a new nonce, which costs a fifth of a new context.
        self._stream.reset_nonce((self._rtp.salt << 16 ^ (ssrc << 64 | rollover << 32 | sequence << 16)).to_bytes(16, "big"))
        sealed = head + self._stream.update(packet[12:])
        return sealed + hmac.digest(self._rtp.authentication, sealed + rollover.to_bytes(4, "big"), "sha1")[:_TAG]

    def rtcp(self, packet: bytes) -> bytes:
        """Return a compound packet protected."""
        self._index = (self._index + 1) & 0x7FFFFFFF
        ssrc, word = int.from_bytes(packet[4:8], "big"), struct.pack(">I", 0x80000000 | self._index)
        keys = self._rtcp
        if self._gcm:
            sealed = AESGCM(keys.cipher).encrypt(_rtcp_nonce(keys.salt, ssrc, self._index), packet[8:], packet[:8] + word)
            return packet[:8] + sealed + word
        sealed = packet[:8] + _rtcp_cipher(keys, ssrc, self._index, packet[8:]) + word
        return sealed + hmac.digest(keys.authentication, sealed, "sha1")[:_TAG]


class Inbound:
    """Opens our peer's RTCP; what was seen already, or is older than WINDOW packets, is refused (RFC 3711, 3.3.2)."""

    def __init__(self, profile: str, key: bytes, salt: bytes) -> None:
        self._gcm = profile == GCM
        self._keys = _Keys(profile, key, salt, _RTCP)
        self._newest, self._seen = -1, 0

    def rtcp(self, packet: bytes) -> bytes:
        """Return the compound packet; raises SrtpError."""
        if len(packet) < 8 + 4 + (16 if self._gcm else _TAG):
            raise SrtpError("shorter than SRTCP")
        ssrc = int.from_bytes(packet[4:8], "big")
        if self._gcm:
            word, body = packet[-4:], packet[8:-4]
            index = int.from_bytes(word, "big") & 0x7FFFFFFF
            nonce = _rtcp_nonce(self._keys.salt, ssrc, index)
            try:
                if word[0] & 0x80:
                    plain = AESGCM(self._keys.cipher).decrypt(nonce, body, packet[:8] + word)
                else:
                    AESGCM(self._keys.cipher).decrypt(nonce, body[-16:], packet[:8] + body[:-16] + word)
                    plain = body[:-16]
            except InvalidTag:
                raise SrtpError("the tag is wrong") from None
        else:
            sealed, tag = packet[:-_TAG], packet[-_TAG:]
            if not hmac.compare_digest(hmac.digest(self._keys.authentication, sealed, "sha1")[:_TAG], tag):
                raise SrtpError("the tag is wrong")
            word, body = sealed[-4:], sealed[8:-4]
            index = int.from_bytes(word, "big") & 0x7FFFFFFF
            plain = _rtcp_cipher(self._keys, ssrc, index, body) if word[0] & 0x80 else body
        self._once(index)
        return packet[:8] + plain

    def _once(self, index: int) -> None:
        if index > self._newest:
            self._seen = (self._seen << min(WINDOW, index - self._newest) | 1) & (1 << WINDOW) - 1
            self._newest = index
            return
        behind = self._newest - index
        if behind >= WINDOW or self._seen >> behind & 1:
            raise SrtpError("it came twice")
        self._seen |= 1 << behind


def _rtcp_nonce(salt: int, ssrc: int, index: int) -> bytes:
    return (salt ^ (ssrc << 48 | index)).to_bytes(12, "big")


def _rtcp_cipher(keys: _Keys, ssrc: int, index: int, body: bytes) -> bytes:
    block = (keys.salt << 16 ^ (ssrc << 64 | index << 16)).to_bytes(16, "big")
    return Cipher(algorithms.AES(keys.cipher), modes.CTR(block)).encryptor().update(body)
