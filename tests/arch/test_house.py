"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Callable

import pytest

from tests.arch.source import ROOT, SIM, SRC, calls, files, place, tree

HARD = 800
SOFT = 400

OPENERS = (
    "create_connection",
    "create_server",
    "create_datagram_endpoint",
    "create_unix_server",
    "create_unix_connection",
    "open_connection",
    "open_unix_connection",
    "start_server",
    "start_unix_server",
    "socket.socket",
    "socket.socketpair",
    "socket.create_server",
)
"""Calls that make an endpoint."""


def test_only_net_creates_endpoints() -> None:
    found = [
        f"{place(path, node)} {name}"
        for path in files(SRC)
        if path.relative_to(SRC).parts[0] != "net"
        for node, name in calls(path)
        if name in OPENERS or name.rsplit(".", 1)[-1] in OPENERS
    ]
    assert found == []


def test_broad_excepts_stand_in_supervise_alone() -> None:
    """And in a process's outermost loop, which is in app."""
    found = []
    for path in files(SRC):
        if path == SRC / "kit" / "supervise.py" or path.is_relative_to(SRC / "app"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler):
                named = [] if node.type is None else [ast.unparse(one) for one in getattr(node.type, "elts", [node.type])]
                if node.type is None or {"Exception", "BaseException"} & set(named):
                    found.append(place(path, node))
    assert found == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_no_file_puts_work_off(word: str) -> None:
    assert [str(path.relative_to(ROOT)) for path in (*files(SRC), *files(SIM)) if word in path.read_text()] == []


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = [path.relative_to(ROOT) for path in (*files(SRC), *files(SIM))]
    assert [str(name) for name in names if name.stem in ("utils", "util", "helpers", "misc", "common")] == []


def test_each_package_says_what_it_is() -> None:
    bare = [str(p.relative_to(ROOT)) for p in files(SRC) if p.name == "__init__.py" and not ast.get_docstring(tree(p))]
    assert bare == []


def test_files_are_small(record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]) -> None:
    """Above 800 lines is refused; above 400 is reported."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in (*files(SRC), *files(SIM))}
    long = sorted(((count, name) for name, count in lengths.items() if count > SOFT), reverse=True)
    median = statistics.median(lengths.values())
    record_property("median_lines", median)
    with capsys.disabled():
        for count, name in long:
            sys.stdout.write(f"\n{name} has {count} lines, the habit is {SOFT}")
    assert [f"{name} {count}" for count, name in long if count > HARD] == []
