"""The certificates that this node shows: how long they are good, and whether their keys and numbers are strong."""

from __future__ import annotations

import os
import shlex
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from msgspec import Struct

from sitewarden.app.doctor.facts import Facts
from sitewarden.app.places import Places
from sitewarden.services.surface.doctor import Finding

SOON = timedelta(days=30)
LEAST_RSA, LEAST_EC, LEAST_SERIAL = 2048, 256, 64
"""Bits: NIST SP 800-57 part 1 (112-bit security), CA/Browser Forum Baseline Requirements 7.1 for serial numbers."""
EXPIRY_WHY = "clients, controllers and browsers refuse a certificate outside of its time."
KEY_WHY = "who guesses or reads the key reads every password and picture, and speaks as this server."


class Held(Struct, frozen=True, kw_only=True):
    """A certificate of this node with the file of its key."""

    name: str
    file: Path
    key: Path | None
    renews: bool
    """True where the node makes a new one by itself at start."""


def check(facts: Facts) -> list[Finding]:
    """Look at the CA, the server's certificate and the node's identity."""
    found: list[Finding] = []
    try:
        os.getrandom(1, os.GRND_NONBLOCK)
    except BlockingIOError:
        found.append(
            Finding(
                level="error",
                check="certificates",
                what="the kernel has no random numbers yet",
                why="keys that are made now could be guessed.",
                remedy="Wait some seconds after the boot, or give a virtual machine a virtio-rng device.",
            )
        )
    keys: dict[bytes, str] = {}
    now = datetime.now(UTC)
    for one in held(facts):
        if not one.file.exists():
            continue
        try:
            certificate = x509.load_pem_x509_certificate(one.file.read_bytes())
        except (OSError, ValueError) as fault:
            found.append(_unreadable(one, str(fault)))
            continue
        found += judge(one, certificate, now)
        public = certificate.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if public in keys:
            found.append(
                Finding(
                    level="warning",
                    check="certificates",
                    what=f"{one.name} and {keys[public]} have the same key",
                    why=KEY_WHY,
                    remedy=f"Give {one.file} a key of its own.",
                )
            )
        keys[public] = one.name
    return found or [Finding(level="ok", check="certificates", what="the node makes its certificates at its first start")]


def held(facts: Facts) -> list[Held]:
    """Return where the certificates lie."""
    tls, settings = Places.of(facts.settings).tls, facts.settings
    own = settings.tls.certificate
    server = (
        Held(name="the server's certificate", file=Path(own), key=Path(settings.tls.key), renews=False)
        if own
        else Held(name="the server's certificate", file=tls / "server.pem", key=tls / "server.key", renews=True)
    )
    node = f"node-{settings.node}"
    return [
        Held(name="the site's CA", file=tls / "ca.pem", key=tls / "ca.key", renews=False),
        server,
        Held(name="this node's identity", file=tls / f"{node}.pem", key=tls / f"{node}.key", renews=True),
    ]


def judge(one: Held, certificate: x509.Certificate, now: datetime) -> list[Finding]:
    """Return the findings on one certificate."""
    faults = [*_time(one, certificate, now), *_strength(one, certificate), *_guarded(one)]
    if faults:
        return faults
    days = (certificate.not_valid_after_utc - now).days
    return [Finding(level="ok", check="certificates", what=f"{one.name} is good for {days} days ({_kind(certificate)})")]


def _time(one: Held, certificate: x509.Certificate, now: datetime) -> list[Finding]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    anew = "Restart the node: it makes a new one." if one.renews else f"Put a new one into {one.file} and restart the node."
    if begins > now:
        what = f"{one.name} is good only from {begins:%Y-%m-%d %H:%M} UTC on"
        remedy = "Set the clock (`timedatectl`), or " + anew[0].lower() + anew[1:]
        return [Finding(level="error", check="certificates", what=what, why=EXPIRY_WHY, remedy=remedy)]
    if ends <= now:
        what = f"{one.name} expired on {ends:%Y-%m-%d}"
        return [Finding(level="error", check="certificates", what=what, why=EXPIRY_WHY, remedy=anew)]
    if ends - now < SOON:
        what = f"{one.name} expires in {(ends - now).days} days, on {ends:%Y-%m-%d}"
        return [Finding(level="warning", check="certificates", what=what, why=EXPIRY_WHY, remedy=anew)]
    return []


def _strength(one: Held, certificate: x509.Certificate) -> list[Finding]:
    weak = []
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA:
        weak.append(f"its RSA key has {key.key_size} bits, {LEAST_RSA} are the least")
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < LEAST_EC:
        weak.append(f"its curve has {key.key_size} bits, {LEAST_EC} are the least")
    elif not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        weak.append("its kind of key is not used any more")
    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name in ("md5", "sha1"):
        weak.append(f"it is signed with {digest.name.upper()}")
    if certificate.serial_number.bit_length() < LEAST_SERIAL - 8:
        weak.append(f"its serial number {certificate.serial_number} can be foreseen")
    remedy = f"Make a new key and certificate for {one.file}, such as with `openssl ecparam -genkey -name prime256v1`."
    return [
        Finding(level="error", check="certificates", what=f"{one.name} is weak: {each}", why=KEY_WHY, remedy=remedy)
        for each in weak
    ]


def _guarded(one: Held) -> list[Finding]:
    if one.key is None or not one.key.exists():
        return []
    mode = stat.S_IMODE(one.key.stat().st_mode)
    if not mode & 0o077:
        return []
    what = f"others may read the key of {one.name}, {one.key} (mode {mode:o})"
    remedy = "Keep it from them; where others could read it for long, make a new one."
    command = f"chmod 600 {shlex.quote(str(one.key))}"
    return [Finding(level="error", check="certificates", what=what, why=KEY_WHY, remedy=remedy, command=command)]


def _kind(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {key.curve.name}"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return type(key).__name__.removesuffix("PublicKey")


def _unreadable(one: Held, fault: str) -> Finding:
    return Finding(
        level="error",
        check="certificates",
        what=f"{one.name}, {one.file}, cannot be read: {fault}",
        why=EXPIRY_WHY,
        remedy="Restore the file from a copy, as PEM.",
    )
