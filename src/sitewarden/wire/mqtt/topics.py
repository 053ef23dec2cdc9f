"""Topic names and topic filters (MQTT 5.0, clause 4.7). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST: Final = 65_535
"""Bytes of a topic."""


def check_topic(topic: str) -> None:
    """Raise ValueError where `topic` is no name that a message can be published to."""
    _check_text(topic)
    if "#" in topic or "+" in topic:
        raise ValueError(f"{topic!r} has a wildcard; a message is published to one topic")


def check_filter(filter_: str) -> None:
    """Raise ValueError where `filter_` can be no subscription."""
    _check_text(filter_)
    levels = filter_.split("/")
    for place, level in enumerate(levels):
        if "#" in level and (level != "#" or place != len(levels) - 1):
            raise ValueError(f"{filter_!r}: # stands alone, and last")
        if "+" in level and level != "+":
            raise ValueError(f"{filter_!r}: + stands alone between slashes")


def wild(filter_: str) -> bool:
    """Tell whether a filter has a wildcard."""
    return "#" in filter_ or "+" in filter_


def matches(filter_: str, topic: str) -> bool:
    """Tell whether a message on `topic` is one for `filter_`. A wildcard in front takes no topic that begins with "$"."""
    return matches_levels(filter_.split("/"), topic.split("/"))


def matches_levels(filter_: Sequence[str], topic: Sequence[str]) -> bool:
    """Do as `matches` does for both cut at their slashes."""
    if topic[0].startswith("$") and filter_[0] in ("+", "#"):
        return False
    for place, level in enumerate(filter_):
        if level == "#":
            return True
        if place >= len(topic) or (level != "+" and level != topic[place]):
            return False
    return len(filter_) == len(topic)


def _check_text(text: str) -> None:
    if not text:
        raise ValueError("a topic has at least one character")
    if "\0" in text:
        raise ValueError("a topic has no NUL")
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise ValueError(f"a topic has at most {LONGEST} bytes")
