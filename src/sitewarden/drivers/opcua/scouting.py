"""What servers there are, and what each offers: asked before anything is trusted, on channels that nothing secures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

from sitewarden.domain.errors import Invalid
from sitewarden.drivers.opcua.config import EndpointConfig
from sitewarden.drivers.opcua.session import Session
from sitewarden.drivers.opcua.trust import PREFIX, Offer, believe, leading, shown
from sitewarden.kit.config import check
from sitewarden.kit.context import Context
from sitewarden.kit.errors import DriverError, Misconfigured
from sitewarden.net.tls import Application
from sitewarden.wire.plain import plain

MOST: Final = 200
"""Servers, and certificates of one, that are told."""
LONGEST: Final = 300
"""Characters of a URL or a name."""
SECONDS: Final = 10.0
"""Time that a server has for its lists of other servers."""


async def scout(ctx: Context, config: EndpointConfig, application: Application, url: str) -> dict[str, Any]:
    """Return what the endpoint's server offers, and which servers it knows; of `url`, one of those, what that one offers.

    Raises Invalid for a URL that the server does not know, or a DriverError.
    """
    session = Session(ctx, config, application)
    if not url:
        # The lists are bounded in time and never fail, so that nothing is left running where the offers do.
        lists = asyncio.ensure_future(_lists(session))
        try:
            offers = await session.offers()
            told = await lists
        finally:
            lists.cancel()
            await asyncio.gather(lists, return_exceptions=True)
        items = [*described(offers, config), *others(told, config)]
        return {"items": items[:MOST], "more": len(items) > MOST}
    # Nobody makes this node knock at any door: only what the endpoint's own server names is asked.
    if all(url != one for told in await _lists(session) for _, one in told):
        raise Invalid(
            f"{config.url} knows no server {url[:LONGEST]}",
            where="filter",
            remedy="Give a URL as it was listed, or make an endpoint for it.",
        )
    other = elsewhere(url, config)
    items = list(described(await Session(ctx, other, application, config.row).offers(), other))
    return {"items": items[:MOST], "more": len(items) > MOST}


async def _lists(session: Session) -> list[list[tuple[str, str]]]:
    """Return the servers that it knows, and those that it heard of by multicast."""
    return list(await asyncio.gather(_list(session, network=False), _list(session, network=True)))


async def _list(session: Session, *, network: bool) -> list[tuple[str, str]]:
    """Return a list of servers, an empty one where the server keeps none: most are no discovery servers."""
    try:
        async with asyncio.timeout(SECONDS):
            return await session.servers(network=network)
    except (DriverError, TimeoutError):
        return []


def elsewhere(url: str, config: EndpointConfig) -> EndpointConfig:
    """Return the settings by which another server is asked what it offers; raises Invalid where the URL is none of OPC UA."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "opc.tcp":
            raise ValueError("only opc.tcp is spoken")
        path = parts.path if parts.path != "/" else ""
        given = {"host": parts.hostname or "", "port": parts.port or 4840, "path": path, "timeout": config.timeout}
        return check(EndpointConfig, given)
    except (ValueError, msgspec.ValidationError, Invalid) as error:
        raise Invalid(f"{url[:LONGEST]} cannot be asked: {error}", where="filter", remedy="Make an endpoint for it.") from None


def described(offers: Iterable[Offer], config: EndpointConfig) -> Iterator[dict[str, Any]]:
    """Yield a row for each certificate that a server shows at each of its URLs: its SHA-256 as value, its policies in detail."""
    groups: dict[tuple[str, str, bytes], list[Offer]] = {}
    for offer in offers:
        # Only the URL's host may differ from how the server was reached, as it does behind translated addresses.
        groups.setdefault((offer.url or config.url, offer.name, offer.certificate), []).append(offer)
    for (url, name, certificate), several in groups.items():
        policies = dict.fromkeys(f"{plain(one.policy.removeprefix(PREFIX), 60)} ({one.mode})" for one in several)
        told = [plain(name, LONGEST), ", ".join(list(policies)[:12]), *_certified(certificate, config)]
        yield {
            "label": plain(url, LONGEST),
            "address": {},
            "value": shown(leading(certificate)[0]) if leading(certificate) else None,
            "detail": "; ".join(one for one in told if one),
        }


def _certified(certificate: bytes, config: EndpointConfig) -> Iterator[str]:
    """Yield of whom the certificate is and until when, and whether the settings believe it."""
    if not certificate:
        yield "no certificate"
        return
    try:
        found = x509.load_der_x509_certificate((leading(certificate) or [b""])[0])
        called = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        yield "what it shows is no certificate"
        return
    name = plain(str(called[0].value), 80) if called else "nobody"
    yield f'certificate of "{name}" until {found.not_valid_after_utc:%Y-%m-%d}'
    try:
        believe(certificate, config)
        yield "trusted"
    except Misconfigured:
        if config.fingerprint:
            yield "not trusted: fingerprint is another"
        elif config.ca:
            yield "not trusted by ca"
        else:
            yield "not trusted: compare it at the server, then set the value as fingerprint"


def others(lists: Iterable[Iterable[tuple[str, str]]], config: EndpointConfig) -> Iterator[dict[str, Any]]:
    """Yield a row for each server that a discovery server knows, or heard of by multicast; the endpoint's own is none."""
    seen = {config.url}
    for how, told in zip(("known to this server", "heard by this server on its network"), lists, strict=True):
        for name, url in told:
            if url in seen:
                continue
            seen.add(url)
            yield {"label": plain(url, LONGEST), "address": {}, "value": plain(name, LONGEST) or None, "detail": how}
