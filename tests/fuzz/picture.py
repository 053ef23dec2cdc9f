"""Any bytes sent as a picture are refused with a sentence and what to do, or are within the limits that are told."""

from __future__ import annotations

from sitewarden.domain.access.pictures import MAX_SIDE, MIN_SIDE, look_at
from sitewarden.domain.errors import Invalid

SEEDS = [
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x30\x08\x02\x00\x00\x00\x00\x00\x00\x00",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08\x00\x30\x00\x40\x01\x01\x11\x00",
    b"\xff\xd8\xff\xff\xe1\x00\x06ExifX\xff\xc2\x00\x0b\x08\x02\x00\x02\x00\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00",
]


def check(data: bytes) -> None:
    try:
        facts = look_at(data)
    except Invalid as refusal:
        assert refusal.what
        assert refusal.remedy
        return
    assert min(facts.width, facts.height) >= MIN_SIDE
    assert max(facts.width, facts.height) <= MAX_SIDE
