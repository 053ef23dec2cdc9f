"""Checks that every change of an entity passes: references exist, areas do not loop, nobody gives more than they hold,
an administrator remains.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import Final

from sitewarden.domain import dashboards
from sitewarden.domain.dashboards import Dashboard
from sitewarden.domain.entity import Entity
from sitewarden.domain.errors import Conflict, Forbidden, Invalid
from sitewarden.domain.history import SavedSearch
from sitewarden.domain.identity.grants import around, narrowed, rights
from sitewarden.domain.identity.model import ApiToken, Grant, Group, Role, User
from sitewarden.domain.identity.resolve import grants_of, is_administrator
from sitewarden.domain.identity.roles import ADMINISTRATOR
from sitewarden.domain.network.model import NamedNetwork, check_cidrs
from sitewarden.domain.network.node import Node, check_address
from sitewarden.domain.points import inputs
from sitewarden.domain.points.model import Point
from sitewarden.domain.points.remote_write import RemoteWrite
from sitewarden.domain.references import references, referring_kinds
from sitewarden.domain.refs import is_id, ref, split_ref
from sitewarden.domain.site import Site
from sitewarden.domain.video.model import Camera
from sitewarden.domain.video.views import Bookmark, Layout, Tour, check
from sitewarden.services.proposal import Proposal
from sitewarden.wire.httpplace import PlaceError, read_place

_IDENTITY: Final = frozenset({"user", "group", "role", "token"})
_SHOWN: Final = 5


def references_exist(proposal: Proposal) -> None:
    """Refuse an entity that names one that does not exist."""
    if proposal.after is None:
        return
    for field, kind, id_ in references(proposal.kind, proposal.after):
        if proposal.get(kind, id_) is None:
            raise Invalid(f"There is no {kind} {id_!r}.", where=field, remedy=f"Make the {kind} first, or name another.")


def nothing_refers_to_it(proposal: Proposal) -> None:
    """Refuse to delete what others name; say which."""
    if proposal.after is not None or proposal.before is None:
        return
    named_by = [
        ref(kind, entity.id)
        for kind in referring_kinds(proposal.kind)
        for entity in proposal.list(kind)
        if any((target, id_) == (proposal.kind, proposal.id) for _, target, id_ in references(kind, entity))
    ]
    if named_by:
        more = f" and {len(named_by) - _SHOWN} more" if len(named_by) > _SHOWN else ""
        raise Conflict(
            f"It is in use by {', '.join(named_by[:_SHOWN])}{more}.",
            where=ref(proposal.kind, proposal.id),
            remedy="Change or delete those first.",
        )


def _target_fits(target: RemoteWrite) -> None:
    try:
        place = read_place(target.url)
    except PlaceError as error:
        raise Invalid(f"{target.url} cannot be asked: {error}.", where="url", remedy="Write https://host:port/path.") from None
    local = place.host == "localhost" or place.host.startswith("127.") or place.host == "::1"
    if target.password is not None and not place.secure and not local:
        raise Invalid("The password would travel in clear.", where="url", remedy="Use https, or leave the password away.")
    if "__name__" in target.labels:
        raise Invalid("__name__ is the name of each series.", where="labels", remedy="Choose another label.")


def area_does_not_loop(proposal: Proposal) -> None:
    """Refuse an area that would lie in itself."""
    if proposal.kind != "area" or proposal.after is None or proposal.after.area is None:
        return

    def parent(area: str) -> str | None:
        found = proposal.get("area", area)
        return found.area if found else None

    if proposal.id in around(proposal.after.area, parent):
        raise Invalid(f"The area {proposal.id} would lie in itself.", where="area", remedy="Choose an area outside of it.")


def fields_fit(proposal: Proposal) -> None:
    """Refuse values that fit their type and still make no sense."""
    entity = proposal.after
    if isinstance(entity, Site):
        _timezone_exists(entity)
    elif isinstance(entity, NamedNetwork):
        check_cidrs(entity.cidrs)
    elif isinstance(entity, Node):
        check_address(entity.address)
    elif isinstance(entity, Bookmark | Layout | Tour):
        check(entity)
    elif isinstance(entity, Camera):
        _address_fits(entity)
    elif isinstance(entity, RemoteWrite):
        _target_fits(entity)
    elif isinstance(entity, Dashboard):
        dashboards.check(entity)
    elif isinstance(entity, Point):
        if entity.minimum is not None and entity.maximum is not None and entity.minimum > entity.maximum:
            raise Invalid("The minimum is above the maximum.", where="minimum", remedy="Swap them.")
        if entity.input is not None:
            inputs.check(entity.input, entity.type)
    elif isinstance(entity, Role):
        for index, grant in enumerate(entity.grants):
            _selector_fits(grant, f"grants[{index}].selector")
    elif isinstance(entity, ApiToken):
        for index, action in enumerate(entity.actions):
            if not re.fullmatch(r"\*|[a-z-]+\.(\*|[a-z-]+)", action):
                raise Invalid(f"{action!r} is no action.", where=f"actions[{index}]", remedy='Write "door.release" or "door.*".')


def named_cameras_exist(proposal: Proposal) -> None:
    """Refuse a bookmark, layout or tour of what there is not. They stand in nobody's way when a camera goes later."""
    entity, before = proposal.after, proposal.before
    named: list[tuple[str, str, str | None]] = []
    if isinstance(entity, Bookmark):
        named = [("camera", "camera", entity.camera)]
    elif isinstance(entity, Layout):
        kept = before.cameras if isinstance(before, Layout) else ()
        named = [("cameras", "camera", one) for one in entity.cameras if one not in kept]
    elif isinstance(entity, Tour):
        kept_steps = before.steps if isinstance(before, Tour) else ()
        for step in entity.steps:
            if step not in kept_steps:
                named += [("steps", "layout", step.layout), ("steps", "camera", step.camera)]
    for field, kind, id_ in named:
        if id_ is not None and proposal.get(kind, id_) is None:
            raise Invalid(f"There is no {kind} {id_!r}.", where=field, remedy=f"Make the {kind} first, or name another.")


def searched_places_exist(proposal: Proposal) -> None:
    """Refuse a saved search within an area, or of a person, that there is not. It stands in nobody's way when they go later."""
    entity, before = proposal.after, proposal.before
    if not isinstance(entity, SavedSearch):
        return
    for field, kind in (("within", "area"), ("holder", "credential-holder")):
        id_ = getattr(entity, field)
        if id_ is not None and id_ != getattr(before, field, None) and proposal.get(kind, id_) is None:
            raise Invalid(f"There is no {kind} {id_!r}.", where=field, remedy=f"Name another, or make the {kind} first.")


_Owned = Layout | Tour | SavedSearch | Dashboard


def others_keep_their_own(proposal: Proposal) -> None:
    """Refuse to change what is another person's or for all, without the right to share."""
    for entity in (proposal.before, proposal.after):
        if not isinstance(entity, _Owned) or proposal.caller.actor == ref("user", entity.owner or ""):
            continue
        if not rights(proposal.caller.grants).everywhere(f"{proposal.kind}.share"):
            whose = f"user {entity.owner}'s" if entity.owner else "for all"
            raise Forbidden(
                f"It is {whose}, and you may change only your own.",
                where="owner",
                remedy=f"Keep one of your own, or ask for the right {proposal.kind}.share.",
            )


def nobody_gives_more_than_they_hold(proposal: Proposal) -> None:
    """Refuse a change by which the caller gives, or takes over, rights that they do not have themselves."""
    if proposal.kind not in _IDENTITY:
        return
    own = rights(proposal.caller.grants)
    for entity in (proposal.before, proposal.after):
        lacking = own.lacking(_given(proposal, entity)) if entity is not None else []
        if lacking:
            grant = lacking[0]
            raise Forbidden(
                f"It carries the right {grant.action} on {grant.selector}, which you do not have.",
                where=ref(proposal.kind, proposal.id),
                remedy="Ask an administrator to do this.",
            )


def an_administrator_remains(proposal: Proposal) -> None:
    """Refuse a change after which no enabled user may do everything."""
    if proposal.kind not in ("user", "group", "role") or proposal.before is None:
        return
    if proposal.kind == "role" and proposal.id == ADMINISTRATOR.id:
        if proposal.after is None or getattr(proposal.after, "grants", ()) != ADMINISTRATOR.grants:
            raise Conflict(
                "The role administrator stays as it is.", where="role:administrator", remedy="Make a role of your own."
            )
        return
    now = Proposal(proposal.kind, proposal.id, None, proposal.before, proposal.caller, proposal.state)
    if _has_administrator(proposal) or not _has_administrator(now):
        return
    raise Conflict(
        "Nobody would be left who may do everything.",
        where=ref(proposal.kind, proposal.id),
        remedy="Make another user an administrator first.",
    )


ALWAYS: Final = (
    fields_fit,
    references_exist,
    area_does_not_loop,
    nothing_refers_to_it,
    named_cameras_exist,
    searched_places_exist,
    others_keep_their_own,
    nobody_gives_more_than_they_hold,
    an_administrator_remains,
)
"""The checks of every site, in the order in which a person can act on what they say."""


def _has_administrator(proposal: Proposal) -> bool:
    return any(is_administrator(_grants(proposal, user)) and _can_sign_in(user) for user in proposal.list("user"))


def _can_sign_in(entity: Entity) -> bool:
    return isinstance(entity, User) and entity.enabled and bool(entity.password_hash)


def _grants(proposal: Proposal, entity: Entity) -> tuple[Grant, ...]:
    if not isinstance(entity, User):
        return ()

    def group(id_: str) -> Group | None:
        found = proposal.get("group", id_)
        return found if isinstance(found, Group) else None

    def role(id_: str) -> Role | None:
        found = proposal.get("role", id_)
        return found if isinstance(found, Role) else None

    return grants_of(entity, group, role)


def _given(proposal: Proposal, entity: Entity) -> tuple[Grant, ...]:
    if isinstance(entity, Role):
        return entity.grants
    if isinstance(entity, User):
        return _grants(proposal, User(id=entity.id, name=entity.name, roles=entity.roles, groups=entity.groups))
    if isinstance(entity, Group):
        return _grants(proposal, User(id=entity.id, name=entity.name, roles=entity.roles))
    if isinstance(entity, ApiToken):
        user = proposal.get("user", entity.user)
        return narrowed(_given(proposal, user), entity.actions) if user is not None else ()
    return ()


def _selector_fits(grant: Grant, where: str) -> None:
    kind, id_ = split_ref(grant.selector)
    if grant.selector == "*" or (kind == "tag" and id_) or (re.fullmatch(r"[a-z-]+", kind) and is_id(id_)):
        return
    raise Invalid(
        f"{grant.selector!r} selects nothing.", where=where, remedy='Write "*", "door:main", "area:lobby" or "tag:outside".'
    )


def _address_fits(camera: Camera) -> None:
    if camera.publishes and camera.url:
        raise Invalid(
            "A camera that publishes has no stream address: it comes to this server.", where="url", remedy="Leave it empty."
        )
    if not camera.publishes and not camera.url:
        raise Invalid(
            "is missing", where="url", remedy="Write rtsp://host/path, or choose the driver rtmp for one that publishes."
        )


def _timezone_exists(site: Site) -> None:
    try:
        zoneinfo.ZoneInfo(site.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"There is no time zone {site.timezone!r}.", where="timezone", remedy='Write an IANA name such as "Europe/Lisbon".'
        ) from None
