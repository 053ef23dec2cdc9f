"""The OpenAPI 3.1 document, made from the table of routes; msgspec's JSON Schema (2020-12) is OpenAPI 3.1's own. No I/O."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from sitewarden import __version__
from sitewarden.api.problems import MEDIA_TYPE, Problem
from sitewarden.api.routes import PREFIX, ROUTES, Route
from sitewarden.api.whep import described as whep

_REF: Final = "#/components/schemas/{name}"
_MEDIA: Final = {
    "json": "application/json",
    "yaml": "application/yaml",
    "text": "text/plain",
    "mp4": "video/mp4",
    "zip": "application/zip",
    "jpeg": "image/jpeg",
    "file": "application/octet-stream",
    "columns": "application/json",
}

_DESCRIPTION: Final = """Doors, cameras and machines of a site.

Sign in with `POST /api/v1/session`, which sets a cookie, or send `Authorization: Bearer <API token>`. With the cookie, each
request that changes something carries the header `X-Sitewarden: 1`. Times are integers of microseconds since 1970 UTC,
durations are seconds. Refusals are problem documents (RFC 9457) that say what, where and what to do. A WebSocket at
`/api/v1/live` carries events, status, points and ports as they change; see `docs/protocols/live.md`."""


def document() -> dict[str, Any]:
    """Return the OpenAPI document as plain JSON values; the same for the same sources."""
    types = _types()
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    by_type = dict(zip(map(id, types), schemas, strict=True))
    _require_what_is_always_sent(components)
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, by_type)
    paths[f"{PREFIX}/health"] = {"get": _HEALTH}
    paths |= whep.PATHS
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sitewarden",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"token": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in ROUTES)],
        "paths": paths,
        "components": {
            "schemas": {name: _tidy(schema) for name, schema in sorted(components.items())},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "sitewarden_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
            "responses": {
                "Problem": {
                    "description": "The request was refused; nothing was changed.",
                    "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(name="Problem")}}},
                }
            },
        },
    }


@cache
def encode() -> bytes:
    """Return the document as it is committed and served: indented JSON that ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1) + b"\n"


def text() -> str:
    """Return the document as text, for the generator of committed files."""
    return encode().decode()


_HEALTH: Final[dict[str, Any]] = {
    "operationId": "getHealth",
    "tags": ["system"],
    "summary": "Says only that the face answers",
    "security": [],
    "responses": {
        "200": {
            "description": "It answers.",
            "content": {
                "application/json": {
                    "schema": {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
                }
            },
        }
    },
}


def _types() -> list[Any]:
    types: list[Any] = [Problem]
    for route in ROUTES:
        types += [route.hints[name] for name in (*route.in_path, *route.in_query)]
        types += [part for part in (route.body, route.result) if part not in (None, str, bytes)]
    return types


def _operation(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.id, "tags": [route.tag], "summary": route.summary}
    if parameters := _parameters(route, schemas):
        operation["parameters"] = parameters
    if route.public:
        operation["security"] = []
    if route.upload:
        content = {route.upload: {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.body is str:
        operation["requestBody"] = {"required": True, "content": {"application/yaml": {"schema": {"type": "string"}}}}
    elif getattr(route.body, "__metadata__", None):
        operation["requestBody"] = {"required": True, "content": {"application/yaml": {"schema": schemas[id(route.body)]}}}
    elif route.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schemas[id(route.body)]}}}
    operation["responses"] = {**_success(route, schemas), "default": {"$ref": "#/components/responses/Problem"}}
    return operation


def _parameters(route: Route, schemas: dict[int, Any]) -> list[dict[str, Any]]:
    fields = {entry.name: entry for entry in msgspec.structs.fields(route.params)}
    made: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": schemas[id(route.hints[name])]} for name in route.in_path
    ]
    for name in route.in_query:
        parameter: dict[str, Any] = {
            "name": name,
            "in": "query",
            "required": fields[name].required,
            "schema": _given(schemas[id(route.hints[name])]),
        }
        if fields[name].default not in (msgspec.NODEFAULT, None, ()):
            parameter["schema"] = {**parameter["schema"], "default": fields[name].default}
        made.append(parameter)
    if route.conditional:
        made.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "description": "The ETag that was read; refused with 409 when the entity changed since.",
                "schema": {"type": "string"},
            }
        )
    return made


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that is left out rather than null."""
    some = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    return some[0] if len(some) == 1 else schema


def _success(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    if route.form == "websocket":
        return {"101": {"description": "The connection becomes a WebSocket."}}
    if route.result is None:
        return {"204": {"description": "Done."}}
    schema = {"type": "string"} if route.result in (str, bytes) else schemas[id(route.result)]
    answer: dict[str, Any] = {"description": "Done.", "content": {_MEDIA[route.form]: {"schema": schema}}}
    if route.etag:
        answer["headers"] = {"ETag": {"description": "The entity's revision, for If-Match.", "schema": {"type": "string"}}}
    return {str(route.status): answer}


def _structs(found: dict[str, type[Struct]], annotation: Any) -> None:
    for part in getattr(annotation, "__args__", ()):
        _structs(found, part)
    if inspect.isclass(annotation) and issubclass(annotation, Struct) and annotation.__name__ not in found:
        found[annotation.__name__] = annotation
        for entry in msgspec.structs.fields(annotation):
            _structs(found, entry.type)


def _require_what_is_always_sent(components: dict[str, Any]) -> None:
    """Mark as required, in what the server sends, the fields that it always sends although they have a default."""
    sent: dict[str, type[Struct]] = {"Problem": Problem}
    taken: dict[str, type[Struct]] = {}
    for route in ROUTES:
        _structs(sent, route.result)
        _structs(taken, route.body)
    for name, struct in sent.items():
        if name not in taken and not struct.__struct_config__.omit_defaults:
            components[name]["required"] = list(components[name].get("properties", {}))


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    if "description" in schema:
        schema["description"] = inspect.cleandoc(schema["description"])
    return schema
