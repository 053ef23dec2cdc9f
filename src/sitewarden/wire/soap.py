"""SOAP 1.2 over HTTP as ONVIF speaks it (ONVIF Core Specification clauses 5 and 5.9): envelopes, faults, user name tokens. Pure.

WS-Security UsernameToken Profile 1.0 with a password digest. Answers in SOAP 1.1, which some devices give, are read too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from sitewarden.wire.xmltree import Element, XmlError, read_xml

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
PASSWORD_DIGEST: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"  # noqa: S105 -- a name
BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
CONTENT_TYPE: Final = "application/soap+xml; charset=utf-8"
MAX_REASON: Final = 300
"""Characters of a fault's reason that are kept."""


class SoapError(ValueError):
    """The bytes are no SOAP message."""


class SoapFault(Exception):
    """The far end refused. `codes` are local names from the outermost code to the innermost subcode."""

    def __init__(self, codes: tuple[str, ...], reason: str) -> None:
        super().__init__(reason or "/".join(codes) or "a fault without a reason")
        self.codes = codes
        self.reason = reason

    def says(self, *names: str) -> bool:
        """Tell whether one of the codes is one of `names`."""
        return any(code in names for code in self.codes)


def element(name: str, *inside: str, text: object = None, attributes: Mapping[str, object] | None = None) -> str:
    """Return an element as XML; `name` is prefixed, `inside` are elements as XML, `text` is escaped."""
    given = "".join(f" {key}={quoteattr(str(value))}" for key, value in (attributes or {}).items())
    content = "".join(inside) if text is None else escape(str(text))
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def envelope(body: str, headers: str = "", prefixes: Mapping[str, str] | None = None) -> bytes:
    """Return a SOAP 1.2 message. `prefixes` are the name spaces that body and headers use, by prefix."""
    declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in (prefixes or {}).items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{SOAP}"{declared}>'
        f"<s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str, subcodes: tuple[str, ...], reason: str, prefixes: Mapping[str, str]) -> bytes:
    """Return a fault: `code` "Sender" or "Receiver", `subcodes` prefixed names from the outside inwards."""
    nested = ""
    for name in reversed(subcodes):
        nested = f"<s:Subcode><s:Value>{name}</s:Value>{nested}</s:Subcode>"
    told = element("s:Text", text=reason, attributes={"xml:lang": "en"})
    return envelope(
        f"<s:Fault><s:Code><s:Value>s:{code}</s:Value>{nested}</s:Code><s:Reason>{told}</s:Reason></s:Fault>", "", prefixes
    )


def username_token(username: str, password: str, nonce: bytes, created: str) -> str:
    """Return the Security header. `created` is the far end's time as "2026-01-31T12:00:00Z", `nonce` 16 fresh bytes."""
    return (
        f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{SECURITY}" xmlns:wsu="{UTILITY}"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(username)}</wsse:Username>"
        f'<wsse:Password Type="{PASSWORD_DIGEST}">{password_digest(nonce, created, password)}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{escape(created)}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Return Base64(SHA-1(nonce + created + password)), UsernameToken Profile clause 3.1."""
    made = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return base64.b64encode(made).decode()


def token_created(header: Element | None, username: str, password: str) -> str | None:
    """Return when a valid user name token was created, for the server's side; None where there is none or it is wrong."""
    token = header.at("Security", "UsernameToken") if header is not None else None
    if token is None or token.said("Username") != username:
        return None
    created = token.said("Created")
    try:
        nonce = base64.b64decode(token.said("Nonce"), validate=True)
    except (binascii.Error, ValueError):
        return None
    wanted = password_digest(nonce, created, password)
    return created if hmac.compare_digest(token.said("Password").encode(), wanted.encode()) else None


def read_message(data: bytes) -> tuple[Element | None, Element]:
    """Return the header and the first element of the body; raise SoapError, or SoapFault where that is a fault."""
    try:
        root = read_xml(data)
    except XmlError as error:
        raise SoapError(str(error)) from None
    if root.name != "Envelope" or root.space not in (SOAP, SOAP_11):
        raise SoapError("no SOAP envelope")
    body = root.child("Body")
    if body is None or not body.children:
        raise SoapError("a SOAP message without a body")
    content = body.children[0]
    if content.name == "Fault" and content.space == root.space:
        raise _fault(content)
    return root.child("Header"), content


def read_answer(data: bytes, name: str) -> Element:
    """Return the answer of that local name; raise SoapError or SoapFault."""
    _, content = read_message(data)
    if content.name != name:
        raise SoapError(f"{content.name[:60]} where {name} is due")
    return content


def _fault(content: Element) -> SoapFault:
    codes: list[str] = []
    step = content.child("Code")
    while step is not None:
        codes.append(step.said("Value").rpartition(":")[2])
        step = step.child("Subcode")
    codes += [content.said("faultcode").rpartition(":")[2]] if content.child("faultcode") is not None else []
    reason = content.at("Reason", "Text")
    said = reason.text if reason is not None else content.said("faultstring")
    plain = "".join(character if character.isprintable() else " " for character in said)[:MAX_REASON]
    return SoapFault(tuple(code[:80] for code in codes if code.isprintable()), " ".join(plain.split()))
