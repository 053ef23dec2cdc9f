"""What people keep of pictures: bookmarks in recordings, layouts of the wall, and tours of layouts. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from sitewarden.domain.entity import Entity, Id
from sitewarden.domain.errors import Invalid

Form = Literal["1", "4", "9", "16", "1+5", "1+7", "2+8"]
CELLS: Final[dict[Form, int]] = {"1": 1, "4": 4, "9": 9, "16": 16, "1+5": 6, "1+7": 8, "2+8": 10}
"""Form of a layout to its cells, the large ones first."""
Owner = Annotated[Id | None, Meta(description="The user who alone sees it; none: it is for all.")]


class Bookmark(Entity, frozen=True, kw_only=True):
    """A named moment, or span, of a camera's recordings; `description` is the note. It holds nothing: that is what locks do."""

    camera: Id
    time: Annotated[int, Meta(ge=0, lt=1 << 62, description="Microseconds since 1970 UTC.")]
    end: Annotated[int, Meta(ge=0, lt=1 << 62, description="Where a span ends; 0 for a moment.")] = 0


class Layout(Entity, frozen=True, kw_only=True):
    """Which cameras the wall shows, and how."""

    form: Form = "4"
    cameras: Annotated[
        tuple[Id | None, ...], Meta(max_length=16, description="Of each cell, the large ones first; none leaves a cell empty.")
    ] = ()
    owner: Owner = None


class TourStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tour shows for so long: a layout, or a camera alone."""

    layout: Id | None = None
    camera: Id | None = None
    seconds: Annotated[float, Meta(ge=2, le=3600)] = 10.0


class Tour(Entity, frozen=True, kw_only=True):
    """Layouts and cameras that the wall shows one after the other, and again from the first."""

    steps: Annotated[tuple[TourStep, ...], Meta(min_length=1, max_length=64)]
    owner: Owner = None


def check(entity: Bookmark | Layout | Tour) -> None:
    """Raise Invalid for values that fit their type and still make no sense."""
    if isinstance(entity, Bookmark) and entity.end and entity.end <= entity.time:
        raise Invalid("The end is not after the beginning.", where="end", remedy="Give a later end, or 0 for a moment.")
    if isinstance(entity, Layout) and len(entity.cameras) > CELLS[entity.form]:
        what = f"The form {entity.form} has {CELLS[entity.form]} cells, not {len(entity.cameras)}."
        raise Invalid(what, where="cameras", remedy="Choose a larger form, or fewer cameras.")
    if isinstance(entity, Tour):
        for index, step in enumerate(entity.steps):
            if (step.layout is None) == (step.camera is None):
                raise Invalid("A step shows a layout or a camera.", where=f"steps[{index}]", remedy="Name one of both.")
