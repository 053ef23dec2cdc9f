"""Serving the console: its files, and its index for each of its own pages."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from sitewarden.api.native.requests import header
from sitewarden.api.web.assets import Assets
from sitewarden.domain.errors import NotFound

_YEAR: Final = "public, max-age=31536000, immutable"


def page_handlers(assets: Assets) -> list[HTTPRouteHandler]:
    """Return the handler of every path that is not the API's."""

    async def page(request: Request[Any, Any, Any]) -> ASGIResponse:
        path = request.scope["path"]
        found = assets.find(path)
        if found is None or path.startswith("/api/"):
            raise NotFound("There is nothing here.", where=path[:200], remedy="See /openapi.json for what there is.")
        etag = found.etag
        headers = {"etag": etag, "cache-control": _YEAR if found.immutable else "no-cache", "vary": "accept-encoding"}
        if header(request.scope, b"if-none-match") == etag:
            return _answer(b"", headers, 304, None)
        body, coding = found.form(header(request.scope, b"accept-encoding"))
        if coding:
            headers["content-encoding"] = coding
        return _answer(body, headers, 200, found.media_type, head=request.method == "HEAD")

    return [HTTPRouteHandler(["/", "/{path:path}"], http_method=[HttpMethod.GET, HttpMethod.HEAD], name="console")(page)]


def _answer(body: bytes, headers: dict[str, str], status: int, media_type: str | None, *, head: bool = False) -> ASGIResponse:
    return ASGIResponse(
        body=b"" if head else body,
        content_length=len(body),
        headers=headers,
        status_code=status,
        media_type=media_type,
        is_head_response=head,
    )
