"""Refusals across the wire: the code brings the class back."""

from __future__ import annotations

from sitewarden.domain.errors import BY_CODE, Refusal


def refusal(code: str, what: str, where: str, remedy: str) -> Refusal:
    """Return the refusal that a peer sent; a code that is not known here stays on a plain Refusal."""
    cls = BY_CODE.get(code)
    if cls is not None:
        return cls(what, where=where, remedy=remedy)
    unknown = Refusal(what, where=where, remedy=remedy)
    unknown.code = code
    return unknown
