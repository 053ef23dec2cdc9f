"""The first-run wizard: the demo's machines stop, its entities go, people stay, and the next start is a real site."""

from __future__ import annotations

import pytest

from sitewarden.app.supervisor import read_processes
from tests.e2e.site import Site, items, until

pytestmark = pytest.mark.e2e


def machines(site: Site) -> list[str]:
    found = read_processes(site.data / "run" / "processes.json")
    return [item.name for item in found if item.role == "sim" and item.state == "running"]


def test_the_demo_ends_and_the_real_site_begins(site: Site) -> None:
    with site.client() as client:
        assert len(machines(site)) == 5
        answer = client.post("/setup/finish", json={"site_name": "Mill Lane", "timezone": "Europe/Berlin"})
        assert answer.status_code == 200, answer.text
        until(lambda: not machines(site))
        assert items(client, "/cameras") == []
        assert items(client, "/doors") == []
        assert [user["id"] for user in items(client, "/users")] == ["admin"]
    assert site.stop() == 0
    site.start()
    with site.client() as client:
        assert client.get("/site").json()["name"] == "Mill Lane"
        assert machines(site) == []
