"""Stream addresses of makers of cameras, as their manuals give them, for cameras that were found but not asked yet. Pure.

A maker's path differs between its families, so each one is a suggestion that a person checks.
"""

from __future__ import annotations

import re
from typing import Final

PATHS: Final[tuple[tuple[str, str], ...]] = (
    ("axis", "/axis-media/media.amp"),
    ("hikvision", "/Streaming/Channels/101"),
    ("hiwatch", "/Streaming/Channels/101"),
    ("dahua", "/cam/realmonitor?channel=1&subtype=0"),
    ("amcrest", "/cam/realmonitor?channel=1&subtype=0"),
    ("hanwha", "/profile1/media.smp"),
    ("wisenet", "/profile1/media.smp"),
    ("samsung techwin", "/profile1/media.smp"),
    ("vivotek", "/live.sdp"),
    ("uniview", "/media/video1"),
    ("panasonic", "/MediaInput/h264"),
    ("i-pro", "/MediaInput/h264"),
    ("reolink", "/h264Preview_01_main"),
    ("foscam", "/videoMain"),
    ("tp-link", "/stream1"),
    ("bosch", "/?inst=1"),
)
"""Word in the maker's name, in lower case, and the path of its first stream on port 554."""


def path_of(maker: str) -> str:
    """Return the path of the first stream of a maker's cameras; empty where it is not known."""
    lowered = maker.lower()
    return next((path for word, path in PATHS if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", lowered)), "")
