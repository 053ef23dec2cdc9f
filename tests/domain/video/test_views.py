from __future__ import annotations

import pytest

from sitewarden.domain.errors import Invalid
from sitewarden.domain.video.views import CELLS, Bookmark, Layout, Tour, TourStep, check


@pytest.mark.parametrize(
    ("entity", "where"),
    [
        (Bookmark(id="a", name="A", camera="yard", time=5, end=5), "end"),
        (Layout(id="a", name="A", form="1+5", cameras=("yard",) * 7), "cameras"),
        (Tour(id="a", name="A", steps=(TourStep(camera="yard"), TourStep())), "steps[1]"),
        (Tour(id="a", name="A", steps=(TourStep(camera="yard", layout="all"),)), "steps[0]"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(entity: Bookmark | Layout | Tour, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(entity)
    assert refused.value.where == where


def test_what_makes_sense_passes() -> None:
    check(Bookmark(id="a", name="A", camera="yard", time=5))
    for form, cells in CELLS.items():
        check(Layout(id="a", name="A", form=form, cameras=(None,) * cells))
    check(Tour(id="a", name="A", steps=(TourStep(layout="all"), TourStep(camera="yard", seconds=2))))
