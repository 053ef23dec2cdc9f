"""A demo site of its own for each module, in a network namespace of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.site import Site
from tests.netns import namespace


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running demo site."""
    data = tmp_path_factory.mktemp("site") / "data"
    with namespace() as isolated:
        running = Site(Path(data), "127.0.0.1" if isolated else "127.77.200.1")
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """Return a signed-in client."""
    with site.client() as signed_in:
        yield signed_in
