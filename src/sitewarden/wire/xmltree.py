"""XML of strangers as a small tree (XML 1.0, Namespaces 1.0): no document type, no entities, limits on size, depth and count.

What makes an XML parser dangerous stands in the document type, so a document that has one is refused at its first character.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from xml.parsers import expat

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 5000
MAX_ATTRIBUTES: Final = 32
"""Of one element."""
MAX_PREFIXES: Final = 64
"""Declarations of name spaces in the whole document."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class XmlError(ValueError):
    """The bytes are no XML, have a document type, or pass a stated limit."""


class Element:
    """An element: its name space and local name, its own text, its children. `prefixes` are the name spaces in scope.

    `attributes` go by their local name, whatever their name space.
    """

    __slots__ = ("_text", "attributes", "children", "name", "prefixes", "space")

    def __init__(self, space: str, name: str, prefixes: Mapping[str, str], attributes: Mapping[str, str] = _NONE) -> None:
        self.space, self.name, self.prefixes, self.attributes = space, name, prefixes, attributes
        self.children: list[Element] = []
        self._text: list[str] = []

    @property
    def text(self) -> str:
        """Return the element's own text without white space around it."""
        return "".join(self._text).strip()

    def child(self, name: str) -> Element | None:
        """Return the first child of that local name, whatever its name space."""
        return next((each for each in self.children if each.name == name), None)

    def every(self, name: str) -> list[Element]:
        """Return all children of that local name."""
        return [each for each in self.children if each.name == name]

    def said(self, name: str) -> str:
        """Return the text of the first child of that name; empty where there is none."""
        found = self.child(name)
        return found.text if found is not None else ""

    def at(self, *path: str) -> Element | None:
        """Return the element that lies at a path of local names below this one, the first of each; None where there is none."""
        found: Element | None = self
        for name in path:
            found = found.child(name) if found is not None else None
        return found

    def walk(self) -> Iterator[Element]:
        """Give this element and all below it, in the document's order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.children))

    def add(self, text: str) -> None:
        """Take a piece of text."""
        self._text.append(text)


def read_xml(data: bytes, *, limit: int = MAX_BYTES) -> Element:
    """Return the root element of a document of at most `limit` bytes; raise XmlError."""
    if len(data) > limit:
        raise XmlError(f"more than {limit} bytes of XML")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(f"no XML: {expat.ErrorString(error.code)} in line {error.lineno}") from None
    except (LookupError, UnicodeError) as error:
        raise XmlError(f"no XML: {error}") from None
    if reader.root is None:
        raise XmlError("no XML: there is no element")
    return reader.root


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        self._prefixes = 0
        self._declared: dict[str, str] = {}
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say

    def _refuse(self, *_: object) -> None:
        raise XmlError("the XML has a document type, which nothing here needs")

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._prefixes += 1
        if self._prefixes > MAX_PREFIXES:
            raise XmlError(f"more than {MAX_PREFIXES} name spaces in the XML")
        self._declared[prefix or ""] = uri or ""

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise XmlError(f"more than {MAX_ELEMENTS} elements in the XML")
        if len(self._open) >= MAX_DEPTH:
            raise XmlError(f"elements lie more than {MAX_DEPTH} deep in the XML")
        if len(attributes) > MAX_ATTRIBUTES:
            raise XmlError(f"an element with more than {MAX_ATTRIBUTES} attributes")
        space, _, name = tag.rpartition(" ")
        around = self._open[-1].prefixes if self._open else _NONE
        local = {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else _NONE
        element = Element(space, name, {**around, **self._declared} if self._declared else around, local)
        self._declared = {}
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:
        self._open.pop()

    def _say(self, text: str) -> None:
        self._open[-1].add(text)
