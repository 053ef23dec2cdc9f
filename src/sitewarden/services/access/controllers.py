"""Controllers by their id, as the operations on them find them."""

from __future__ import annotations

from sitewarden.domain.access.model import Controller
from sitewarden.domain.errors import Invalid, NotFound
from sitewarden.domain.refs import ref
from sitewarden.store.interfaces import StateStore


def controller_of_ours(state: StateStore, id_: str) -> Controller:
    """Return a controller that speaks the link.

    Raises:
        NotFound: There is none of this id.
        Invalid: It is a board of another make, which is not paired and takes no such orders.
    """
    held = state.get("controller", id_)
    where = ref("controller", id_)
    if held is None or not isinstance(held.entity, Controller):
        raise NotFound(f"There is no controller {id_!r}.", where=where, remedy="Add it first, with this id.")
    if held.entity.driver != "link":
        raise Invalid(
            f"{held.entity.name} is a board of another make ({held.entity.driver}); this is for Sitewarden's own controllers.",
            where=where,
            remedy="Look at the board's page for what it can do.",
        )
    return held.entity
