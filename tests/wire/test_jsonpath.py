"""Paths find one value or nothing, whatever the document is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.jsonpath import ABSENT, Path

DOCUMENT: dict[str, Any] = {
    "a": {"b": [10, {"c": None}, [1, 2]]},
    "x y": {"d.e": 1},
    "m~n": 2,
    "o/p": 3,
    "": 4,
    "7": 5,
    "sensors": [{"name": "t1", "v": 1}, {"name": "t2", "v": 2}, {"name": 3, "v": 3}, "t2"],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", DOCUMENT),
        ("$", DOCUMENT),
        ("/a/b/0", 10),
        ("$.a.b[0]", 10),
        ("a.b[0]", 10),
        ("$.a.b[-1][1]", 2),
        ("/a/b/1/c", None),
        ("$['x y'][\"d.e\"]", 1),
        ("/m~0n", 2),
        ("/o~1p", 3),
        ("/", 4),
        ("/7", 5),
        ("$.sensors[name='t2'].v", 2),
        ("sensors[name=3].v", 3),
        ("$.sensors[name='t9'].v", ABSENT),
        ("/a/b/3", ABSENT),
        ("/a/b/-1", ABSENT),
        ("/a/b/00", ABSENT),
        ("/a/b/-", ABSENT),
        ("$.a.b.c", ABSENT),
        ("/m~0n/x", ABSENT),
        ("$.a[name='x']", ABSENT),
    ],
)
def test_table(path: str, found: Any) -> None:
    got = Path(path).find(DOCUMENT)
    assert got is found or got == found


@pytest.mark.parametrize("text", ["/~2", "$.", "$..a", "$.a[", "a[*]", "a[?(@.b)]", "a['b]", "/" * 40, "x" * 501])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the path"):
        Path(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(JSON, st.data())
def test_every_place_has_a_pointer(document: Any, data: st.DataObject) -> None:
    pointer, at = "", document
    while isinstance(at, (dict, list)) and at:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        at = at[key]
        pointer += "/" + str(key).replace("~", "~0").replace("/", "~1")
    assert Path(pointer).find(document) is at
