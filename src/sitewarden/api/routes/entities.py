"""The routes that every kind of entity has: list, create, read, replace, change, delete."""

from __future__ import annotations

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import identity
from sitewarden.services.surface.entities import PLURALS, Messages, title


def of_kind(messages: Messages) -> list[Route]:
    """Return the routes of a kind of entity."""
    kind, name = messages.kind, title(messages.kind)
    plain = kind.replace("-", " ")
    if kind == "site":
        return [
            Route("GET", "/site", "site.get", messages.get_params, messages.view, "getSite", "site", "Read the site", etag=True),
            Route(
                "PUT",
                "/site",
                "site.replace",
                messages.replace_params,
                messages.view,
                "replaceSite",
                "site",
                "Set name, zone and stage of the site",
                etag=True,
            ),
        ]
    plural = PLURALS[kind]
    many = plural.replace("-", " ")
    path, one = f"/{plural}", f"/{plural}/{{id}}"
    created = identity.TokenCreated if kind == "token" else messages.view
    list_id = "list" + "".join(part.capitalize() for part in plural.split("-"))
    return [
        Route("GET", path, f"{kind}.list", messages.list_params, messages.page, list_id, plural, f"List {many}"),
        Route(
            "POST",
            path,
            f"{kind}.create",
            messages.create_params,
            created,
            f"create{name}",
            plural,
            f"Create a {plain}",
            status=201,
            etag=True,
        ),
        Route(
            "GET", one, f"{kind}.get", messages.get_params, messages.view, f"get{name}", plural, f"Read one {plain}", etag=True
        ),
        Route(
            "PUT",
            one,
            f"{kind}.replace",
            messages.replace_params,
            messages.view,
            f"replace{name}",
            plural,
            f"Replace one {plain}",
            etag=True,
        ),
        Route(
            "PATCH",
            one,
            f"{kind}.update",
            messages.update_params,
            messages.view,
            f"update{name}",
            plural,
            f"Change some fields of one {plain}",
            etag=True,
        ),
        Route("DELETE", one, f"{kind}.delete", messages.delete_params, None, f"delete{name}", plural, f"Delete one {plain}"),
    ]
