from __future__ import annotations

import httpx
import pytest

from sitewarden.api.web.redirect import create_redirect

APP = create_redirect(lambda: 8600, b"-----BEGIN CERTIFICATE-----\n")


async def _get(path: str, host: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=APP)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        return await client.get(path, headers={"Host": host})


@pytest.mark.parametrize(
    ("host", "location"),
    [
        ("site.test", "https://site.test:8600/"),
        ("192.0.2.7:80", "https://192.0.2.7:8600/"),
        ("[2001:db8::1]:80", "https://[2001:db8::1]:8600/"),
    ],
)
async def test_every_page_leads_to_the_console_under_tls(host: str, location: str) -> None:
    answer = await _get("/anything?x=1", host)
    assert (answer.status_code, answer.headers["location"]) == (307, location)


@pytest.mark.parametrize("host", ["", "evil.example/path", "a b", "x@y", "[::1", "host:port", "a" * 300])
async def test_a_host_that_is_none_is_refused(host: str) -> None:
    answer = await _get("/", host)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_the_certificate_of_the_site_is_given_out() -> None:
    answer = await _get("/ca.crt", "site.test")
    assert (answer.status_code, answer.content) == (200, b"-----BEGIN CERTIFICATE-----\n")
