from __future__ import annotations

import httpx
import pytest

from sitewarden.domain.status import Status
from sitewarden.services.invoke import TARGET
from tests.services.busses import MemoryBus
from tests.services.house import PASSWORD, House

CSRF = {"X-Sitewarden": "1"}


async def _sign_in(client: httpx.AsyncClient, user: str = "ada") -> None:
    answer = await client.post("/api/v1/session", json={"username": user, "password": PASSWORD})
    assert answer.status_code == 200, answer.text


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/session", json={"username": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["user"] == {"id": "ada", "name": "ada", "language": "en"}
    assert answer.json()["grants"] == [{"action": "*", "selector": "*"}]
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert (await client.get("/api/v1/session")).json()["user"]["id"] == "ada"
    left = await client.delete("/api/v1/session", headers=CSRF)
    assert left.status_code == 204
    assert 'sitewarden_session=""' in left.headers["set-cookie"] or "max-age=0" in left.headers["set-cookie"].lower()
    assert (await client.get("/api/v1/session")).status_code == 401


async def test_a_wrong_password_is_a_problem_that_tells_nothing(client: httpx.AsyncClient) -> None:
    answers = [
        await client.post("/api/v1/session", json={"username": user, "password": "wrong wrong"}) for user in ("ada", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].json()["type"] == "urn:sitewarden:error:unauthenticated"


async def test_a_cookie_alone_changes_nothing(client: httpx.AsyncClient) -> None:
    await _sign_in(client)
    body = {"name": "Roof"}
    assert (await client.post("/api/v1/areas", json=body)).status_code == 403
    assert (await client.post("/api/v1/areas", json=body, headers=CSRF)).status_code == 201


async def test_an_entity_lives(client: httpx.AsyncClient) -> None:
    await _sign_in(client)
    made = await client.post("/api/v1/areas", json={"name": "The Roof"}, headers=CSRF)
    assert made.status_code == 201
    assert made.json()["id"] == "the-roof"
    assert made.headers["etag"] == '"1"'
    changed = await client.patch("/api/v1/areas/the-roof", json={"area": "yard"}, headers={**CSRF, "If-Match": '"1"'})
    assert (changed.status_code, changed.json()["area"], changed.headers["etag"]) == (200, "yard", '"2"')
    late = await client.patch("/api/v1/areas/the-roof", json={"area": None}, headers={**CSRF, "If-Match": '"1"'})
    assert (late.status_code, late.json()["title"]) == (409, "Conflict")
    listed = await client.get("/api/v1/areas", params={"q": "roof", "sort": "-name", "limit": 5})
    assert (listed.json()["total"], listed.json()["items"][0]["name"]) == (1, "The Roof")
    assert (await client.delete("/api/v1/areas/the-roof", headers=CSRF)).status_code == 204
    assert (await client.get("/api/v1/areas/the-roof")).status_code == 404


async def test_an_api_token_is_shown_once_and_works_without_cookie(client: httpx.AsyncClient) -> None:
    await _sign_in(client)
    made = await client.post("/api/v1/tokens", json={"name": "Script", "user": "ada", "actions": ["door.*"]}, headers=CSRF)
    token = made.json()["token"]
    assert token not in (await client.get("/api/v1/tokens")).text
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/api/v1/doors", headers=bearer)).json()["total"] == 2
    assert (await client.get("/api/v1/areas", headers=bearer)).status_code == 403
    assert (await client.get("/api/v1/doors", headers={"Authorization": "Bearer swt_no"})).status_code == 401


async def test_camera_passwords_are_written_and_never_read(client: httpx.AsyncClient, house: House) -> None:
    await _sign_in(client)
    body = {"name": "Front", "url": "rtsp://192.0.2.8/stream", "username": "u", "password": "s3cret-pass"}
    made = await client.post("/api/v1/cameras", json=body, headers=CSRF)
    assert made.status_code == 201, made.text
    assert made.json()["password_set"] is True
    everything = [made.text, (await client.get("/api/v1/cameras")).text, repr(house.memory.events), repr(house.memory.audited)]
    assert not any("s3cret-pass" in text for text in everything)
    held = house.memory.get("camera", "front")
    assert held is not None
    assert house.secrets.open(held.entity.password, "camera:front/password") == "s3cret-pass"  # type: ignore[attr-defined]
    kept = await client.put("/api/v1/cameras/front", json={"name": "Front", "url": body["url"]}, headers=CSRF)
    assert kept.json()["password_set"] is True
    gone = await client.patch("/api/v1/cameras/front", json={"password": ""}, headers=CSRF)
    assert gone.json()["password_set"] is False


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "where"),
    [
        ("POST", "/api/v1/areas", b"{", 422, "body"),
        ("POST", "/api/v1/areas", b'{"name": 1}', 422, "body.name"),
        ("POST", "/api/v1/areas", b'{"name": "x", "nmae": "y"}', 422, "body"),
        ("POST", "/api/v1/areas", b"[]", 422, "body"),
        ("POST", "/api/v1/areas", b"\xff\xfe", 422, "body"),
        ("POST", "/api/v1/areas", b"", 422, "body"),
        (
            "POST",
            "/api/v1/endpoints",
            b'{"name":"x","driver":"modbus","config":' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
            422,
            "body",
        ),
        ("POST", "/api/v1/areas", b'{"name": "' + b"x" * 2_000_000 + b'"}', 413, "body"),
        ("GET", "/api/v1/areas?limit=0", b"", 422, "query.limit"),
        ("GET", "/api/v1/areas?limit=x", b"", 422, "query.limit"),
        ("GET", "/api/v1/areas?nope=1", b"", 422, "query"),
        ("GET", "/api/v1/areas?limit=1&limit=2", b"", 422, "query.limit"),
        ("GET", "/api/v1/areas?q=%ff", b"", 422, "query"),
        ("GET", "/api/v1/areas?sort=password_hash", b"", 422, "sort"),
        ("GET", "/api/v1/areas/..%2f..%2fetc", b"", 404, None),
        ("GET", "/api/v1/areas/UPPER", b"", 422, "query.id"),
        ("GET", "/api/v1/no-such", b"", 404, None),
        ("PUT", "/api/v1/doors", b"{}", 405, None),
        ("DELETE", "/api/v1/areas/lab", b"", 409, "area:lab"),
    ],
)
async def test_hostile_requests_are_problems(
    client: httpx.AsyncClient, method: str, path: str, content: bytes, status: int, where: str | None
) -> None:
    await _sign_in(client)
    answer = await client.request(method, path, content=content, headers={**CSRF, "Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    if where is not None:
        assert problem["where"] == where


async def test_core_away_is_a_503(client: httpx.AsyncClient, bus: MemoryBus) -> None:
    bus._handlers.clear()
    answer = await client.get("/api/v1/doors", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:sitewarden:error:unreachable")


async def test_a_defect_shows_nothing_of_the_inside(client: httpx.AsyncClient, bus: MemoryBus) -> None:
    async def broken(body: bytes) -> bytes:
        raise ZeroDivisionError("secret detail")

    bus.serve(TARGET, broken)
    answer = await client.get("/api/v1/doors", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_console_is_served_with_its_rules(client: httpx.AsyncClient) -> None:
    index = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert index.status_code == 200
    assert "console" in index.text
    assert index.headers["content-encoding"] == "gzip"
    assert index.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in index.headers["content-security-policy"]
    assert index.headers["x-content-type-options"] == "nosniff"
    assert (await client.get("/doors/lab-door")).text == index.text
    asset = await client.get("/assets/index-abc123.js")
    assert "immutable" in asset.headers["cache-control"]
    assert (await client.get("/", headers={"If-None-Match": index.headers["etag"]})).status_code == 304
    for path in ("/assets/none.js", "/../../etc/passwd.txt", "/%2e%2e/%2e%2e/etc/passwd.txt"):
        assert (await client.get(path)).status_code == 404
    assert (await client.head("/")).status_code == 200


async def test_the_document_and_health_need_nobody(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi.json")).json()["openapi"] == "3.1.0"
    assert (await client.get("/api/v1/health")).json() == {"status": "ok"}


async def test_lists_of_the_query_may_repeat_or_take_commas(client: httpx.AsyncClient, house: House) -> None:
    for kind in ("door", "camera", "point"):
        house.board.put(Status(ref=f"{kind}:x", state="online", since=1))
    await _sign_in(client)
    answer = await client.get("/api/v1/status?kind=door,camera&kind=endpoint")
    assert {item["ref"] for item in answer.json()["items"]} == {"door:x", "camera:x"}


async def test_what_a_route_asks_for_and_what_the_operation_takes_agree(house: House) -> None:
    from sitewarden.api.routes import ROUTES

    for route in ROUTES:
        operation = house.operations.get(route.operation)
        if operation is not None:
            assert operation.params is route.params, route.id
