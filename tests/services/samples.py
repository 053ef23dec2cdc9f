"""Parameters for any operation, made from the type's own description."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, inspect

NAMED: dict[str, Any] = {
    "id": "none",
    "username": "nobody",
    "old": "x",
    "new": "y" * 12,
    "password": "x",
    "url": "http://192.0.2.1/",
    "port": 8600,
}


def _value(kind: inspect.Type) -> Any:
    """The simplest value that a type takes."""
    match kind:
        case inspect.StructType():
            return {field.encode_name: NAMED.get(field.name) or _value(field.type) for field in kind.fields if field.required}
        case inspect.StrType():
            return "none"
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.IntType() | inspect.FloatType():
            return kind.ge or 0
        case inspect.BoolType():
            return False
        case inspect.BytesType():
            return "AAAA" * (kind.min_length or 0)
        case inspect.VarTupleType() | inspect.ListType():
            return [_value(kind.item_type)] * (kind.min_length or 0)
        case inspect.DictType():
            return {}
        case inspect.Metadata():
            return _value(kind.type)
        case inspect.UnionType() if any(isinstance(one, inspect.NoneType) for one in kind.types):
            return None
    return "none"


def sample(params: type[Struct]) -> Any:
    """Parameters that fit, naming nothing that exists."""
    return msgspec.convert(_value(inspect.type_info(params)), params)
