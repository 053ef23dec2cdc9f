"""What a dashboard may be: tiles on the grid, none on another, each showing what it can."""

from __future__ import annotations

import pytest

from sitewarden.domain.dashboards import Dashboard, Tile, check
from sitewarden.domain.errors import Invalid


def board(*tiles: Tile) -> Dashboard:
    return Dashboard(id="d", name="D", tiles=tiles)


def test_tiles_that_touch_do_not_overlap() -> None:
    check(board())
    check(
        board(
            Tile(kind="value", x=0, y=0, w=6, h=2, entity="point:a"),
            Tile(kind="chart", x=6, y=0, w=6, h=2, points=("a", "b")),
            Tile(kind="picture", x=0, y=2, w=12, h=4, entity="camera:yard"),
            Tile(kind="events", x=0, y=6, w=12, h=4),
            Tile(kind="state", x=0, y=10, w=3, h=1, entity="door:main"),
        )
    )


@pytest.mark.parametrize(
    ("tile", "where"),
    [
        (Tile(kind="events", x=8, y=5, w=5, h=1), "tiles[1]"),
        (Tile(kind="events", x=1, y=1, w=1, h=1), "tiles[1]"),
        (Tile(kind="chart", x=4, y=4, w=1, h=1), "tiles[1].points"),
        (Tile(kind="value", x=4, y=4, w=1, h=1, entity="door:main"), "tiles[1].entity"),
        (Tile(kind="picture", x=4, y=4, w=1, h=1), "tiles[1].entity"),
        (Tile(kind="state", x=4, y=4, w=1, h=1), "tiles[1].entity"),
    ],
)
def test_what_does_not_fit_is_named(tile: Tile, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(board(Tile(kind="events", x=0, y=0, w=2, h=2), tile))
    assert refused.value.where == where
    assert refused.value.remedy
