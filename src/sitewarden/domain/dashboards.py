"""Dashboards: tiles that a person arranges on a grid. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import split_ref
from sitewarden.domain.video.views import Owner

COLUMNS: Final = 12
"""Columns of the grid."""
TILES: Final = 40
POINTS: Final = 8

Kind = Literal["value", "chart", "state", "picture", "events"]
_SHOWS: Final[dict[str, tuple[str, ...]]] = {"value": ("point",), "picture": ("camera",)}
"""Kind of tile to the kinds of entity that it shows; others show any."""


class Tile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the grid and what it shows: an entity, for a chart several points."""

    kind: Kind
    x: Annotated[int, Meta(ge=0, lt=COLUMNS)]
    y: Annotated[int, Meta(ge=0, lt=500)]
    w: Annotated[int, Meta(ge=1, le=COLUMNS)]
    h: Annotated[int, Meta(ge=1, le=20)]
    title: Annotated[str, Meta(max_length=80)] = ""
    """Stands above the tile; empty: the name of what it shows."""
    entity: Annotated[str, Meta(max_length=140, description='A reference, such as "point:ahu-supply"; none: the site.')] = ""
    points: Annotated[tuple[Id, ...], Meta(max_length=POINTS, description="Of a chart.")] = ()
    seconds: Annotated[int, Meta(ge=60, le=366 * 86_400, description="How much time a chart shows.")] = 3600


class Dashboard(Entity, frozen=True, kw_only=True):
    """Tiles of values, charts, states, pictures and events, as a person arranged them."""

    tiles: Annotated[tuple[Tile, ...], Meta(max_length=TILES)] = ()
    owner: Owner = None


def check(dashboard: Dashboard) -> None:
    """Raise Invalid for a tile that leaves the grid, lies on another, or does not fit what it shows."""
    taken: dict[tuple[int, int], int] = {}
    for index, tile in enumerate(dashboard.tiles):
        where = f"tiles[{index}]"
        if tile.x + tile.w > COLUMNS:
            raise Invalid(f"It leaves the grid of {COLUMNS} columns.", where=where, remedy="Make it narrower, or move it left.")
        for cell in ((x, y) for x in range(tile.x, tile.x + tile.w) for y in range(tile.y, tile.y + tile.h)):
            if cell in taken:
                raise Invalid(f"It lies on tiles[{taken[cell]}].", where=where, remedy="Move one of both.")
            taken[cell] = index
        if tile.kind == "chart" and not tile.points:
            raise Invalid("A chart shows at least one point.", where=f"{where}.points", remedy="Name one to eight points.")
        shown = split_ref(tile.entity)[0] if tile.entity else ""
        if tile.kind in ("value", "picture", "state") and (not shown or shown not in _SHOWS.get(tile.kind, (shown,))):
            wanted = " or ".join(_SHOWS.get(tile.kind, ("an entity",)))
            raise Invalid(f"A tile {tile.kind} shows {wanted}.", where=f"{where}.entity", remedy='Write "point:ahu-supply".')
