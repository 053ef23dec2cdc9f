"""What a made-up site keeps of its cameras, and what is held."""

from __future__ import annotations

import time
from typing import Any

DAY = 86_400_000_000
_NOW = time.time_ns() // 1000
LOCKS = [
    {
        "id": "a1b2c3d4e5f60718",
        "camera": "cam-0",
        "start": _NOW - 40 * 60_000_000,
        "end": _NOW - 30 * 60_000_000,
        "until": 0,
        "reason": "Case 17: bicycle at the yard gate",
        "by": "user:ada",
        "made": _NOW - 60_000_000,
    }
]


def storage(cameras: list[dict[str, Any]]) -> dict[str, Any]:
    """Return three volumes, one of them gone, and what is kept of these cameras; the last one is lost."""
    kept = [
        {
            "camera": one["id"],
            "name": one["name"],
            "bytes": 1_310_000_000_000,
            "oldest": _NOW - 29 * DAY,
            "newest": _NOW,
            "daily": 43_200_000_000,
            "days": 30.0,
            "max_bytes": 0 if number else 2_000_000_000_000,
            "priority": "normal",
            "mode": "continuous" if number else "events",
            "recording": number < len(cameras) - 1,
            "ordered": 0,
            "locks": 0 if number else 1,
            "volume": "raid" if number % 2 else "nvme",
            "gap": "" if number < len(cameras) - 1 else "camera-lost",
            "detail": "" if number < len(cameras) - 1 else "no answer from 10.0.0.3:554",
        }
        for number, one in enumerate(cameras)
    ]
    plain = {"state": "ok", "detail": "", "records": True, "max_bytes": 0, "min_free": 2_147_483_648, "keep_days": 0.0}
    plain |= {"undeleted": 0, "undeleted_detail": ""}
    volumes = [
        {
            **plain,
            "id": "nvme",
            "tier": "fast",
            "path": "/srv/nvme/video",
            "total": 2_000_000_000_000,
            "free": 400_000_000_000,
            "keep_days": 2.0,
            "next_tier": "large",
            "held": 1_240_000_000_000,
            "max_bytes": 1_500_000_000_000,
            "oldest": _NOW - 2 * DAY,
            "cameras": len(cameras),
            "full_at": 0,
        },
        {
            **plain,
            "id": "raid",
            "tier": "large",
            "path": "/mnt/raid/video",
            "total": 8_000_000_000_000,
            "free": 2_600_000_000_000,
            "next_tier": "",
            "held": 4_000_000_000_000,
            "oldest": _NOW - 29 * DAY,
            "cameras": 0,
            "full_at": _NOW + 15 * DAY,
        },
        {
            **plain,
            "id": "old-raid",
            "tier": "large",
            "path": "/mnt/old/video",
            "state": "gone",
            "detail": "/mnt/old/video bears no mark of it (.sitewarden-volume): is its disk mounted?",
            "total": 0,
            "free": 0,
            "next_tier": "",
            "held": 310_000_000_000,
            "oldest": _NOW - 30 * DAY,
            "cameras": 0,
            "full_at": 0,
        },
    ]
    return {"volumes": volumes, "cameras": kept, "silent": []}


def exports() -> list[dict[str, Any]]:
    """Return one export that is being written, and one whose download was cut."""
    t = time.time_ns() // 1000
    job = {"by": "user:admin", "cameras": ["cam-0", "cam-1"], "start": t - 7200_000_000, "end": t - 3600_000_000}
    job |= {"reason": "Theft at the gate", "begun": t - 60_000_000, "total": 1_800_000_000}
    return [
        job | {"id": "2", "state": "writing", "bytes": 700_000_000, "ended": 0, "forgotten": 0},
        job | {"id": "1", "state": "cut", "bytes": 90_000_000, "ended": t - 9_000_000, "forgotten": t + 86_000_000_000},
    ]


def backups() -> dict[str, Any]:
    """Return the backups of a site whose last one failed."""
    outcome = {
        "destination": "/mnt/backup",
        "done": _NOW - 90_000_000_000,
        "id": "20261120T020000Z-a1b2c3",
        "bytes": 48_000_000_000,
        "stored": 310_000_000,
        "seconds": 94.0,
        "failed": _NOW - 3_600_000_000,
        "problem": "The folder of backups cannot be used: Host is down. (/mnt/backup)",
    }
    return {
        "destination": "/mnt/backup", "every_hours": 24.0, "media": False, "running": False, "next": _NOW + 3_600_000_000,
        "late": True, "outcomes": [outcome],
    }  # fmt: skip
