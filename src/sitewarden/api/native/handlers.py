"""REST: one handler per route of the table; it reads the request, asks core, and passes the answer on. No rights here."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from sitewarden.api.core import Core
from sitewarden.api.native.requests import COOKIE, credentials, header, parameters, remote
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.services.invoke import Answer

BODY_LIMIT: Final = 1 << 20
"""Bytes of a JSON body; a site file may have `SITE_LIMIT`."""
SITE_LIMIT: Final = 8 << 20
_NO_STORE: Final = {"cache-control": "no-store"}
_TYPES: Final = {"json": "application/json", "yaml": "application/yaml; charset=utf-8", "text": "text/plain; charset=utf-8"}


def rest_handlers(core: Core, *, secure: bool) -> list[HTTPRouteHandler]:
    """Return the handlers of all routes that answer with a document. `secure`: the cookie only travels under TLS."""
    return [_handler(core, route, secure) for route in ROUTES if route.form in _TYPES and not route.upload]


def _handler(core: Core, route: Route, secure: bool) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        body = await request.body() if route.body is not None else b""
        scope = request.scope
        shown = credentials(scope, route.method)
        params = parameters(route, request.path_params, scope["query_string"], header(scope, b"if-match"), body)
        reason = getattr(params, "reason", "")
        answer = await core.invoke(route.operation, params, shown, remote=remote(scope), reason=reason)
        return _response(route, answer, secure)

    return HTTPRouteHandler(
        PREFIX + route.path.replace("}", ":str}"),
        http_method=route.method,
        status_code=200,
        request_max_body_size=SITE_LIMIT if route.text_body else BODY_LIMIT,
        name=route.id,
    )(handle)


def _response(route: Route, answer: Answer, secure: bool) -> ASGIResponse:
    headers = dict(_NO_STORE)
    cookies = []
    if answer.session is not None:
        cookies.append(
            Cookie(
                key=COOKIE,
                value=answer.session,
                path="/",
                httponly=True,
                samesite="strict",
                secure=secure,
                max_age=None if answer.session else 0,
            )
        )
    status = route.status if route.result is not None else 204
    body = answer.body if route.result is not None else b""
    if answer.revision is not None:
        headers["etag"] = f'"{answer.revision}"'
    return ASGIResponse(
        body=body, headers=headers, cookies=cookies, status_code=status, media_type=_TYPES[route.form] if body else None
    )
