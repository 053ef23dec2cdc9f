"""What the OpenAPI document says of WHEP, whose bodies are SDP. Pure."""

from __future__ import annotations

from typing import Any, Final

from sitewarden.api.routes import PREFIX

SDP: Final = "application/sdp"
BEGIN: Final = f"{PREFIX}/cameras/{{id}}/whep"
END: Final = f"{PREFIX}/cameras/{{id}}/whep/{{session}}"
_TEXT: Final = {SDP: {"schema": {"type": "string"}}}
_PROBLEM: Final = {"$ref": "#/components/responses/Problem"}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


PATHS: Final[dict[str, Any]] = {
    BEGIN: {
        "post": {
            "operationId": "beginWhep",
            "tags": ["cameras"],
            "summary": "Live video by WebRTC (WHEP): an offer in, the answer out",
            "parameters": [_path("id")],
            "requestBody": {"required": True, "content": _TEXT},
            "responses": {
                "201": {
                    "description": "The answer. The session stands at Location until DELETE, or until the viewer is gone.",
                    "headers": {"Location": {"schema": {"type": "string"}}},
                    "content": _TEXT,
                },
                "default": _PROBLEM,
            },
        }
    },
    END: {
        "delete": {
            "operationId": "endWhep",
            "tags": ["cameras"],
            "summary": "End a WebRTC session that the caller began",
            "parameters": [_path("id"), _path("session")],
            "responses": {"204": {"description": "Done."}, "default": _PROBLEM},
        }
    },
}
