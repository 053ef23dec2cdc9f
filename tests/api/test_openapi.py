from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from sitewarden.api import openapi
from sitewarden.api.routes import ROUTES

COMMITTED = Path(__file__).parents[2] / "openapi.json"


def _refs(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(_refs(value) for value in node.values())) if node else found
    if isinstance(node, list):
        return set().union(*(_refs(value) for value in node)) if node else set()
    return set()


def test_committed_document_is_fresh() -> None:
    assert COMMITTED.read_bytes() == openapi.encode(), "run `make docs`"


def test_it_is_valid_openapi_3_1() -> None:
    validate(json.loads(openapi.encode()), cls=OpenAPIV31SpecValidator)


def test_every_reference_resolves() -> None:
    document = openapi.document()
    for reference in _refs(document):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_operation_ids_and_routes_are_unique() -> None:
    assert len({route.id for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_every_path_parameter_is_described() -> None:
    for path, methods in openapi.document()["paths"].items():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for operation in methods.values():
            given = {entry["name"] for entry in operation.get("parameters", ()) if entry["in"] == "path"}
            assert given == named, path


def test_no_secret_is_described_as_readable() -> None:
    schemas = openapi.document()["components"]["schemas"]
    for name in ("User", "Token", "Credential", "Camera"):
        properties = set(schemas[name]["properties"])
        assert not properties & {"password", "password_hash", "token_hash", "pin", "pin_hash", "token"}, name
    assert "password_set" in schemas["Camera"]["properties"]
    assert "token" in schemas["TokenCreated"]["properties"]


def test_what_is_always_sent_is_required() -> None:
    schemas = openapi.document()["components"]["schemas"]
    assert set(schemas["Door"]["required"]) == set(schemas["Door"]["properties"])
    assert "revision" in schemas["Door"]["required"]
    assert "name" in schemas["DoorInput"]["required"]
    assert not schemas["DoorPatch"].get("required")
