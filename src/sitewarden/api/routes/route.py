"""One REST route, and what its parameters make of path, query and body. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, get_type_hints

import msgspec
from msgspec import Struct

PREFIX: Final = "/api/v1"
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Form = Literal["json", "yaml", "text", "mp4", "zip", "jpeg", "file", "columns", "table", "websocket"]
"""What an answer is; "columns" and "table" the web process makes itself, from what it reads of the stores."""


@dataclass(frozen=True)
class Route:
    """One route. `result` None means 204; `form` is the form of the answer."""

    method: Method
    path: str
    operation: str
    params: type[Struct]
    result: Any
    id: str
    tag: str
    summary: str
    status: int = 200
    form: Form = "json"
    public: bool = False
    etag: bool = False
    command: bool = field(default=False)
    upload: str = ""
    """Media type of a body that is stored as it comes; the parameters are then in the query."""

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @cached_property
    def hints(self) -> dict[str, Any]:
        """Field to type of the parameters, with their limits."""
        return get_type_hints(self.params, include_extras=True)

    @cached_property
    def in_query(self) -> tuple[str, ...]:
        """Names of the parameters in the query."""
        if self.method not in ("GET", "DELETE") and not self.upload:
            return ()
        return tuple(name for name in self.hints if name not in self.in_path and name != "revision")

    @cached_property
    def conditional(self) -> bool:
        """True where If-Match is taken."""
        return "revision" in self.hints

    @cached_property
    def lists(self) -> frozenset[str]:
        """Names of the query's parameters that may repeat."""
        return frozenset(name for name in self.in_query if "tuple" in str(self.hints[name]))

    @cached_property
    def head(self) -> type[Struct]:
        """The parameters without what the body gives."""
        if self.body is None:
            return self.params
        names = (*self.in_path, "revision") if self.conditional else self.in_path
        fields: list[Any] = [(name, self.hints[name]) if name != "revision" else (name, int | None, None) for name in names]
        return msgspec.defstruct(f"{self.params.__name__}Head", fields, kw_only=True, frozen=True)

    @cached_property
    def text_body(self) -> bool:
        """True where the body is text (YAML) rather than JSON."""
        return self.body is str or str in getattr(self.body, "__args__", ()) or getattr(self.body, "__origin__", None) is str

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """Decodes the JSON body."""
        return msgspec.json.Decoder(self.body)

    @cached_property
    def body(self) -> Any:
        """Type of the JSON body; None where there is none. For a YAML body it is `str`."""
        if self.method in ("GET", "DELETE") or self.upload:
            return None
        if "body" in self.hints:
            return self.hints["body"]
        rest = [entry for entry in msgspec.structs.fields(self.params) if entry.name not in (*self.in_path, "revision")]
        if not rest:
            return None
        if not self.in_path:
            return self.params
        fields: list[Any] = [
            (entry.name, self.hints[entry.name]) if entry.required else (entry.name, self.hints[entry.name], entry.default)
            for entry in rest
        ]
        return msgspec.defstruct(
            f"{self.params.__name__}Body",
            fields,
            module=__name__,
            kw_only=True,
            frozen=True,
            forbid_unknown_fields=True,
            namespace={"__doc__": self.params.__doc__},
        )
