"""The HTTP side of WHEP: an offer makes a session, DELETE ends it. What else a session is asked gets 405."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from sitewarden.api.native.requests import credentials, header, remote
from sitewarden.api.routes import PREFIX
from sitewarden.api.whep.described import BEGIN, END, SDP
from sitewarden.api.whep.face import WhepFace
from sitewarden.domain.errors import Invalid
from sitewarden.wire.webrtc_sdp import MAX_BYTES


def whep_handlers(face: WhepFace) -> list[HTTPRouteHandler]:
    """Return the handlers of `/cameras/{id}/whep` and of its sessions."""

    async def offer(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        shown, peer = credentials(scope, "POST"), remote(scope)
        if header(scope, b"content-type").partition(";")[0].strip().lower() != SDP:
            raise Invalid("the body is no offer", where="Content-Type", remedy=f"Send {SDP}.")
        camera, server = str(request.path_params["id"]), scope.get("server")
        session, answer = await face.open(camera, await request.body(), shown, peer, str(server[0]) if server else "")
        headers = {
            "location": f"{PREFIX}/cameras/{camera}/whep/{session}",
            "cache-control": "no-store",
            "accept-post": SDP,
        }
        return ASGIResponse(body=answer, status_code=201, media_type=SDP, headers=headers)

    async def delete(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        path = request.path_params
        await face.end(str(path["session"]), str(path["id"]), credentials(scope, "DELETE"), remote(scope))
        return ASGIResponse(body=b"", status_code=204, headers={"cache-control": "no-store"})

    return [
        HTTPRouteHandler(
            BEGIN.replace("}", ":str}"), http_method="POST", status_code=201, request_max_body_size=MAX_BYTES, name="beginWhep"
        )(offer),
        HTTPRouteHandler(END.replace("}", ":str}"), http_method="DELETE", status_code=200, name="endWhep")(delete),
    ]
