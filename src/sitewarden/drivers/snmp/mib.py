"""MIB files (SMIv1, RFC 1155 and 1212; SMIv2, RFC 2578) to names with their numbers, types and units. Pure.

What is read is the tree: values of object identifiers, and of the macros that name objects and notifications. Types are not
resolved beyond their own word, and nothing is checked that an agent would not trip over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from sitewarden.drivers.snmp.names import NAMES
from sitewarden.wire.snmp import ber

SIZE: Final = 8 << 20
"""Most characters of a file."""
OBJECTS: Final = 100_000
"""Most objects of all files together."""
WORDS: Final = 4_000
"""Most words of one definition."""

ROOTS: Final = {
    "ccitt": "0",
    "iso": "1",
    "joint-iso-ccitt": "2",
    "zeroDotZero": "0.0",
    "org": "1.3",
    "dod": "1.3.6",
    "internet": "1.3.6.1",
    "directory": "1.3.6.1.1",
    "mgmt": "1.3.6.1.2",
    "mib-2": "1.3.6.1.2.1",
    "mib2": "1.3.6.1.2.1",
    "system": "1.3.6.1.2.1.1",
    "interfaces": "1.3.6.1.2.1.2",
    "ifEntry": "1.3.6.1.2.1.2.2.1",
    "transmission": "1.3.6.1.2.1.10",
    "snmp": "1.3.6.1.2.1.11",
    "experimental": "1.3.6.1.3",
    "private": "1.3.6.1.4",
    "enterprises": "1.3.6.1.4.1",
    "security": "1.3.6.1.5",
    "snmpV2": "1.3.6.1.6",
    "snmpDomains": "1.3.6.1.6.1",
    "snmpProxys": "1.3.6.1.6.2",
    "snmpModules": "1.3.6.1.6.3",
    "snmpTraps": "1.3.6.1.6.3.1.1.5",
}
"""Names that stand above those of every file."""
MACROS: Final = frozenset(
    [
        "OBJECT-TYPE",
        "OBJECT-IDENTITY",
        "MODULE-IDENTITY",
        "NOTIFICATION-TYPE",
        "OBJECT-GROUP",
        "NOTIFICATION-GROUP",
        "MODULE-COMPLIANCE",
        "AGENT-CAPABILITIES",
        "TRAP-TYPE",
    ]
)

_TOKEN: Final = re.compile(
    r"""\s+ | --.*?(?:--|$) | "(?P<text>[^"]*)" | (?P<word>::=|[A-Za-z][A-Za-z0-9_-]*|-?\d+|'[0-9A-Fa-f]*'[HhBb]|[^\s"])""",
    re.VERBOSE | re.MULTILINE,
)


class Object(Struct, frozen=True):
    """A name of a MIB file."""

    module: str
    name: str
    oid: str
    kind: str
    """The macro ("OBJECT-TYPE", "NOTIFICATION-TYPE"), or "OBJECT IDENTIFIER"."""
    syntax: str = ""
    """First word of its type: "INTEGER", "Gauge32", "DisplayString"; "SEQUENCE" for a table."""
    access: str = ""
    unit: str = ""
    text: str = ""
    """Its description, in one line."""


class MibError(ValueError):
    """The text is no MIB file."""


class _Draft(Struct):
    module: str
    name: str
    kind: str
    parent: str
    numbers: list[int]
    syntax: str = ""
    access: str = ""
    unit: str = ""
    text: str = ""


def compile_(texts: Iterable[str]) -> tuple[list[Object], list[str]]:
    """Return the objects of all files, in order of their numbers, and what is missing: "the name, which the file needs".

    Raises MibError for what is no MIB file.
    """
    drafts = [draft for text in texts for draft in _drafts(text)]
    if len(drafts) > OBJECTS:
        raise MibError(f"the files have more than {OBJECTS} objects")
    known = dict(ROOTS) | {name: number for name, (_, number) in NAMES.items()}
    # What a file says itself goes before what is known here, so its own names are resolved through its own first.
    waiting = {draft.name: draft for draft in drafts}
    for name in waiting:
        known.pop(name, None) if name not in ROOTS else None
    by_parent: dict[str, list[_Draft]] = {}
    for draft in drafts:
        by_parent.setdefault(draft.parent, []).append(draft)
    found: list[Object] = []
    ready = [name for name in by_parent if name in known]
    seen: set[tuple[str, str]] = set()
    while ready:
        parent = ready.pop()
        for draft in by_parent.pop(parent, ()):
            number = ".".join((known[parent], *map(str, draft.numbers)))
            try:
                ber.oid(number)
            except ber.WireError as error:
                raise MibError(f"{draft.name}: {error}") from None
            if (draft.module, draft.name) in seen:
                continue
            seen.add((draft.module, draft.name))
            found.append(Object(draft.module, draft.name, number, draft.kind, draft.syntax, draft.access, draft.unit, draft.text))
            if draft.name not in known:
                known[draft.name] = number
                if draft.name in by_parent:
                    ready.append(draft.name)
    missing = [
        f"{parent}, which {drafts_[0].module}::{drafts_[0].name} stands below"
        for parent, drafts_ in by_parent.items()
        if parent not in waiting
    ]
    found.sort(key=lambda one: (ber.arcs(ber.oid(one.oid)), one.name))
    return found, sorted(missing)


def _drafts(text: str) -> Iterator[_Draft]:
    """Yield what a file defines."""
    if len(text) > SIZE:
        raise MibError(f"the file has more than {SIZE} characters")
    words = list(_words(text))
    module = ""
    at = 0
    while at < len(words):
        here = words[at]
        after = words[at + 1] if at + 1 < len(words) else ""
        if after == "DEFINITIONS":
            module = here
            at += 2
        elif here == "MACRO":
            at = _skip(words, at, "END")
        elif here == "IMPORTS":
            at = _skip(words, at, ";")
        elif after == "OBJECT" and words[at + 2 : at + 4] == ["IDENTIFIER", "::="] and _is_name(here):
            parent, numbers, at = _value(words, at + 4, here)
            yield _Draft(module, here, "OBJECT IDENTIFIER", parent, numbers)
        elif after in MACROS and _is_name(here) and words[at + 2 : at + 3] != ["MACRO"]:
            draft, at = _macro(words, at, module)
            if draft is not None:
                yield draft
        else:
            at += 1
    if not module:
        raise MibError("there is no DEFINITIONS: it is no MIB file")


def _words(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if (word := match["word"]) is not None:
            yield word
        elif (quoted := match["text"]) is not None:
            yield '"' + " ".join(quoted.split())


def _skip(words: list[str], at: int, end: str) -> int:
    while at < len(words) and words[at] != end:
        at += 1
    return at + 1


def _macro(words: list[str], at: int, module: str) -> tuple[_Draft | None, int]:
    """Return the definition that begins at `at`, and what follows it; None where it has no value."""
    name, kind = words[at], words[at + 1]
    draft = _Draft(module, name, kind, "", [])
    at, end = at + 2, min(len(words), at + 2 + WORDS)
    while at < end:
        word = words[at]
        after = words[at + 1] if at + 1 < len(words) else ""
        if word == "::=":
            if kind == "TRAP-TYPE":
                if not after.isdigit():
                    raise MibError(f"{name}: a trap has no number")
                # RFC 3584, 3.1: a zero stands between the enterprise and the trap.
                draft.numbers = [0, int(after)]
                return (draft, at + 2) if draft.parent else (None, at + 2)
            draft.parent, draft.numbers, at = _value(words, at + 1, name)
            return draft, at
        if word == "ENTERPRISE" and kind == "TRAP-TYPE":
            draft.parent = words[at + 2] if after == "{" and at + 2 < len(words) else after
        elif word == "SYNTAX" and not draft.syntax:
            draft.syntax = after
        elif word in ("ACCESS", "MAX-ACCESS") and not draft.access:
            draft.access = after
        elif word == "UNITS" and not draft.unit:
            draft.unit = after.removeprefix('"')
        elif word == "DESCRIPTION" and not draft.text:
            draft.text = after.removeprefix('"')
        elif word in MACROS:
            return None, at - 1
        at += 1
    return None, at


def _value(words: list[str], at: int, name: str) -> tuple[str, list[int], int]:
    """Return the parent and the numbers of `{ parent 1 }`, `{ iso org(3) 6 }`, and what follows."""
    if at >= len(words) or words[at] != "{":
        raise MibError(f"{name} has no value in braces")
    parent, numbers = "", list[int]()
    at += 1
    while at < len(words) and words[at] != "}" and len(numbers) <= ber.ARCS:
        word = words[at]
        if word.isdigit() and word.isascii() and len(word) <= 10:
            if not parent:
                parent, numbers = {"0": "ccitt", "1": "iso", "2": "joint-iso-ccitt"}.get(word, ""), []
            else:
                numbers.append(int(word))
        elif word in "()":
            pass
        elif _is_name(word) and not parent:
            parent = word
            if words[at + 1 : at + 2] == ["("]:
                at += 3
        elif not _is_name(word):
            raise MibError(f"{name}: {word[:20]!r} stands in its value")
        at += 1
    if at >= len(words) or not parent or not numbers:
        raise MibError(f"{name} has no value that can be followed")
    return parent, numbers, at + 1


def _is_name(word: str) -> bool:
    return word[:1].isalpha() and word.isascii()
