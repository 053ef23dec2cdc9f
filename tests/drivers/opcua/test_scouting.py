"""What a server offers and which others it knows, told before anything is trusted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from asyncua import ua

from sim.opcua import Line
from sitewarden.domain.errors import Invalid
from sitewarden.drivers.opcua.config import EndpointConfig
from sitewarden.drivers.opcua.scouting import described, elsewhere, others
from sitewarden.drivers.opcua.trust import PREFIX, Offer, shown
from sitewarden.kit.config import check
from sitewarden.net.tls import application
from tests.drivers.opcua.field import Field, point

CONFIG = check(EndpointConfig, {"host": "plc", "port": 4840})


@pytest.fixture
async def field(host: str, tmp_path: Path) -> AsyncIterator[Field]:
    field = Field(host, tmp_path)
    yield field
    await field.close()


async def test_a_server_that_nobody_trusts_yet_tells_the_certificate_that_can_be_trusted(field: Field, tmp_path: Path) -> None:
    theirs = application(tmp_path, "theirs", "urn:test:line")
    await field.serve(own=theirs)
    await field.run(point("good", "Good", type="integer"), security="best")
    await field.recorder.until(lambda: "nobody has said to trust it" in field.detail("endpoint:e"))
    found = await field.scout()
    assert found.ok, found.what
    url = f"opc.tcp://{field.host}:{field.port}/line"
    row = next(one for one in found.value["items"] if one["label"] == url)
    assert row["value"] == shown(theirs.certificate) and row["address"] == {}
    assert row["detail"].startswith("Simulated line; ") and row["detail"].endswith("then set the value as fingerprint")
    for policy in ("Basic256Sha256 (sign-and-encrypt)", "Basic256Sha256 (sign)", "Aes256_Sha256_RsaPss (sign-and-encrypt)"):
        assert policy in row["detail"]
    await field.run(point("good", "Good", type="integer"), security="best", fingerprint=row["value"])
    await field.until("good", 0)
    row = next(one for one in (await field.scout()).value["items"] if one["label"] == url)
    assert row["detail"].endswith("; trusted")


async def test_a_server_that_another_knows_is_asked_by_its_url_and_no_other_is(field: Field, host: str, tmp_path: Path) -> None:
    await field.serve()
    theirs = application(tmp_path, "other", "urn:test:other")
    other = Line()
    port = await other.start(host, 0, own=theirs)
    try:
        url = f"opc.tcp://{host}:{port}/line"
        assert field.line.server is not None
        field.line.server.iserver.register_server(
            SimpleNamespace(
                ServerUri="urn:test:other",
                ProductUri="urn:test",
                ServerNames=[ua.LocalizedText("Other line")],
                ServerType=ua.ApplicationType.Server,
                DiscoveryUrls=[url],
                GatewayServerUri=None,
            )
        )
        await field.run(point("good", "Good", type="integer"))
        await field.until("good", 0)
        listed = (await field.scout()).value["items"]
        assert {"label": url, "address": {}, "value": "Other line", "detail": "known to this server"} in listed
        assert [one["detail"] for one in listed if one["label"].endswith(f":{field.port}/line")] == [
            "Simulated line; None (none); no certificate"
        ]
        asked = (await field.scout(filter=url)).value["items"]
        assert [(one["label"], one["value"]) for one in asked] == [(url, shown(theirs.certificate))]
        dialled = len(field.net.dialled)
        refused = await field.scout(filter=f"opc.tcp://{host}:1/line")
        assert refused.code == "invalid" and "knows no server" in refused.what
        assert {one[2] for one in field.net.dialled[dialled:]} == {field.port}
    finally:
        await other.stop()


async def test_a_server_that_is_not_there_is_said_to_be_so(field: Field) -> None:
    await field.serve()
    await field.run(point("good", "Good", type="integer"))
    await field.until("good", 0)
    field.net.away = True
    told = await field.scout()
    assert (told.ok, told.code) == (False, "unreachable")


def test_what_strangers_say_is_told_as_harmless_lines() -> None:
    rows = list(
        described(
            [
                Offer(PREFIX + "None", "none", b"", url="opc.tcp://plc:4840\x1b[2J\n", name="A\u202eB"),
                Offer(PREFIX + "Basic256Sha256", "sign", b"\x30\x82\x00\x01\xff"),
                Offer("x" * 900, "?", b"no certificate"),
            ],
            CONFIG,
        )
    )
    assert [one["label"] for one in rows] == ["opc.tcp://plc:4840 [2J", "opc.tcp://plc:4840", "opc.tcp://plc:4840"]
    assert rows[0]["detail"] == "A B; None (none); no certificate"
    assert rows[1]["detail"] == "Basic256Sha256 (sign); what it shows is no certificate"
    assert rows[2]["value"] is None and len(rows[2]["detail"]) < 200
    known = [("", "opc.tcp://a:1"), ("Own", CONFIG.url)], [("A", "opc.tcp://a:1"), ("B", "opc.tcp://b")]
    assert [(one["label"], one["value"], one["detail"]) for one in others(known, CONFIG)] == [
        ("opc.tcp://a:1", None, "known to this server"),
        ("opc.tcp://b", "B", "heard by this server on its network"),
    ]


def test_only_urls_of_opc_ua_are_asked() -> None:
    assert elsewhere("opc.tcp://b", CONFIG).url == "opc.tcp://b:4840"
    assert elsewhere("opc.tcp://[fd00::1]:7/a/b", CONFIG).url == "opc.tcp://[fd00::1]:7/a/b"
    assert elsewhere("opc.tcp://b:7/", CONFIG).url == "opc.tcp://b:7"
    for wrong in ("http://b/", "opc.tcp://", "opc.tcp://b:99999", "opc.tcp://[b", f"opc.tcp://b/{'x' * 300}", "what"):
        with pytest.raises(Invalid, match="cannot be asked"):
            elsewhere(wrong, CONFIG)
