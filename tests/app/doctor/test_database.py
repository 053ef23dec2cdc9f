"""What doctor says of the database."""

from pathlib import Path
from typing import Any

import pytest

from sitewarden.app.doctor.database import check, judge
from sitewarden.app.doctor.facts import Facts
from sitewarden.config import Database, Settings
from tests.store.cluster import Cluster

SAID: dict[str, Any] = {"version": "16.1", "size": 5_000_000, "fsync": "on", "full_page_writes": "on", "now": 10**15, "tls": ""}


def settings(data: Path, url: str, **more: str) -> Settings:
    return Settings.for_test("127.0.0.1", data, database=Database(url=url, **more))  # type: ignore[arg-type]


def test_a_server_that_answers_is_described_and_one_that_does_not_is_an_error(
    cluster: Cluster, database: str, tmp_path: Path
) -> None:
    assert check(Facts(settings=Settings.for_test("127.0.0.1", tmp_path))) == []
    (found,) = check(Facts(settings=settings(tmp_path, database)))
    assert (found.level, found.check) == ("warning", "database") and "fsync = off" in found.what
    (found,) = check(Facts(settings=settings(tmp_path, cluster.url("nowhere"))))
    assert found.level == "error" and "no such database" in found.what and "createdb" in found.remedy


@pytest.mark.parametrize(
    ("said", "seconds", "tls", "what"),
    [
        ({}, 0.001, "auto", "PostgreSQL 16.1 answers after 1.0 ms and holds 5 MB (no TLS, on this computer)"),
        ({"tls": "TLSv1.3"}, 0.001, "auto", "(TLSv1.3)"),
        ({"full_page_writes": "off"}, 0.001, "auto", "full_page_writes = off"),
        ({"now": 10**15 + 9_000_000}, 0.001, "auto", "clock is 9 s away"),
        ({}, 0.3, "auto", "answers after 300 ms"),
        ({}, 0.001, "require", "certificate is not looked at"),
    ],
)
def test_what_is_said_of_a_server(tmp_path: Path, said: dict[str, Any], seconds: float, tls: str, what: str) -> None:
    chosen = settings(tmp_path, "postgresql://ada@127.0.0.1/x", tls=tls)
    (found,) = judge(chosen, SAID | said, seconds, 10.0**9)
    assert what in found.what
    assert (found.level == "ok") == ("answers after 1.0" in what or "TLSv" in what)


def test_a_password_that_others_can_read_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    chosen = settings(tmp_path, "postgresql://ada@127.0.0.1/x", password_file=str(secret))
    assert [one.what for one in judge(chosen, SAID, 0.001, 10.0**9)] == [f"others may read {secret}"]
    secret.chmod(0o600)
    assert [one.level for one in judge(chosen, SAID, 0.001, 10.0**9)] == ["ok"]
