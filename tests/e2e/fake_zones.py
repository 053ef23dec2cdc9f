"""Zones of the made-up site, and its roll call."""

from __future__ import annotations

from typing import Any

from tests.e2e.fake_documents import now

MINUTE = 60_000_000


def zones(*, fire: bool = False) -> list[dict[str, Any]]:
    """Return the zones and who is in them."""

    def zone(kind: str, id_: str, name: str, *people: str, **now_: Any) -> dict[str, Any]:
        shown = {"held_by": "", "offline": "allow", "inside": None, "limit": None, "armed": None, "fire": None, "first": None}
        occupants = [
            {
                "holder": person,
                "name": person.title(),
                "area": "lobby",
                "area_name": "Lobby",
                "since": now() - number * 7 * MINUTE,
                "access_point": "ap-0",
                "door": "door-0",
                "door_name": "Main entrance",
            }
            for number, person in enumerate(people)
        ]
        return {
            "zone": {"kind": kind, "id": id_, "name": name, "enabled": True, "open_doors": [], **shown, **now_},
            "occupants": occupants,
        }

    return [
        zone("antipassback-zone", "campus", "Campus", "grace", "hugo", "ines", inside=3),
        zone("occupancy-zone", "vault", "Vault", "grace", inside=1, limit=1, held_by="front"),
        zone("fire-zone", "east", "East wing", fire=fire),
        zone("intrusion-zone", "night", "Archive", armed=now() - 90 * MINUTE, offline="deny"),
    ]


def roll_call() -> dict[str, Any]:
    """Return who is inside."""

    def person(id_: str, name: str, safe: int | None, **more: Any) -> dict[str, Any]:
        return {
            "holder": id_, "name": name, "company": "", "visitor": False, "host": "", "area": "lobby", "area_name": "Lobby",
            "since": now() - 50 * MINUTE, "door_name": "Main entrance", "safe": safe, "safe_at": "Yard" if safe else "", **more,
        }  # fmt: skip

    return {
        "area": None,
        "area_name": "Sitewarden demo",
        "time": now(),
        "missing": 2,
        "safe": 1,
        "people": [
            person("hugo", "Hugo Silva", None),
            person("vic", "Vic Torres", None, visitor=True, host="Grace Hopper", company="Lifts Ltd"),
            person("grace", "Grace Hopper", now() - 2 * MINUTE),
        ],
        "points": ["Yard, assembly point"],
    }
