"""From an HTTP request to an operation's parameters and credentials. Pure but for reading the request's body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar.types import HTTPScope, Scope, WebSocketScope

from sitewarden.api.problems import invalid
from sitewarden.api.routes import Route
from sitewarden.domain.errors import Forbidden, Invalid
from sitewarden.services.invoke import Credentials

COOKIE: Final = "sitewarden_session"
CSRF_HEADER: Final = b"x-sitewarden"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_QUERY_FIELDS: Final = 200


def header(scope: Scope | HTTPScope | WebSocketScope, name: bytes) -> str:
    """Return the first header of that lower-case name; empty where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def remote(scope: Scope | HTTPScope | WebSocketScope) -> str:
    """Return the peer's address; headers that claim another one are not believed."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def credentials(scope: Scope | HTTPScope | WebSocketScope, method: str = "GET") -> Credentials:
    """Return what the request shows. A cookie alone changes nothing without the header that other sites cannot send."""
    scheme, _, value = header(scope, b"authorization").partition(" ")
    if scheme.lower() == "bearer" and value:
        return Credentials(token=value.strip())
    session = cookie(header(scope, b"cookie"), COOKIE)
    if session and method not in _SAFE and not header(scope, CSRF_HEADER):
        raise Forbidden(
            "The header X-Sitewarden is missing.", where="X-Sitewarden", remedy="Send X-Sitewarden: 1 with each change."
        )
    return Credentials(session=session)


def cookie(text: str, name: str) -> str:
    """Return the value of a cookie in a Cookie header (RFC 6265, clause 5.4); empty where it is not there."""
    for pair in text.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value.strip('"')
    return ""


def same_origin(scope: WebSocketScope | Scope) -> bool:
    """Tell whether a WebSocket comes from a page of ours; a program that sends no Origin is no page."""
    origin = header(scope, b"origin")
    return not origin or origin.partition("://")[2].lower() == header(scope, b"host").lower()


def parameters(route: Route, path: Mapping[str, Any], query: bytes, if_match: str, body: bytes) -> Any:
    """Return the route's parameters as its Struct; raise Invalid."""
    values: dict[str, Any] = {name: str(path[name]) for name in route.in_path}
    if route.in_query:
        values |= _query(route, query)
    elif query:
        raise Invalid("This request takes no query.", where="query", remedy="Leave it out.")
    if route.conditional and if_match:
        values["revision"] = _revision(if_match)
    try:
        params = msgspec.convert(values, route.head, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error, "query") from error
    if route.body is None:
        return params
    fields = {name: getattr(params, name) for name in params.__struct_fields__}
    content = _body(route, body)
    if "body" in route.hints:
        fields["body"] = content
    else:
        fields |= {name: getattr(content, name) for name in content.__struct_fields__}
    return route.params(**fields)


def _query(route: Route, query: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=_QUERY_FIELDS, errors="strict")
    except ValueError as error:
        raise Invalid("The query cannot be read.", where="query", remedy="Percent-encode it as UTF-8.") from error
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name not in route.in_query:
            raise Invalid(f"There is no parameter {name!r} here.", where="query", remedy=f"Take {', '.join(route.in_query)}.")
        if name in route.lists:
            values.setdefault(name, []).extend(part for part in value.split(",") if part)
        elif name in values:
            raise Invalid("It is given twice.", where=f"query.{name}", remedy="Give it once.")
        elif value:
            values[name] = value
    return values


def _revision(if_match: str) -> int:
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Invalid("If-Match does not name a revision.", where="If-Match", remedy="Send the ETag that was read.")
    return int(text)


def _body(route: Route, body: bytes) -> Any:
    try:
        if route.text_body:
            return msgspec.convert(body.decode(), route.body)
        return route.decoder.decode(body or b"{}")
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise invalid(error, "body") from error
    except UnicodeDecodeError as error:
        raise Invalid("The body is not UTF-8.", where="body", remedy="Send UTF-8.") from error
    except RecursionError as error:
        raise Invalid("The body is nested too deeply.", where="body", remedy="Send a flatter document.") from error


__all__: Sequence[str] = ("COOKIE", "cookie", "credentials", "header", "parameters", "remote", "same_origin")
