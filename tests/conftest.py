"""Fixtures of the whole suite."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.netns import namespace
from tests.store.cluster import cluster, database

__all__ = ["cluster", "database"]

# Hypothesis fails an example that takes 200 ms; a test asserts behaviour, and a busy machine takes that long.
settings.register_profile("sitewarden", deadline=None)
settings.load_profile("sitewarden")

_hosts = itertools.count(2)
_own = namespace()


def pytest_configure(config: pytest.Config) -> None:
    """Give each of the processes that share the suite a network of its own."""
    if hasattr(config, "workerinput"):
        _own.__enter__()


@pytest.fixture
def netns() -> Iterator[bool]:
    """Run the test in a network namespace of its own; False where that is not permitted.

    An async test must ask for it before anything opens a socket; it works in the main thread.
    """
    with namespace() as isolated:
        yield isolated


@pytest.fixture
def host() -> str:
    """Return a loopback address that no other test uses: 127.77.y.z."""
    number = next(_hosts)
    return f"127.77.{number // 250}.{number % 250 + 1}"
