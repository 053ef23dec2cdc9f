"""Why a query is refused, in Prometheus' words."""

from __future__ import annotations

from sitewarden.domain.errors import Refusal


class BadQuery(Refusal):
    """The text is no query: its syntax, its types, or a parameter."""

    code, status = "bad-query", 400


class QueryFailed(Refusal):
    """The query is one, and cannot be evaluated over these series, or only beyond a limit."""

    code, status = "query-failed", 422


def at(text: str, position: int, what: str) -> BadQuery:
    """Return the refusal of what stands at a position: "line:column: parse error: what"."""
    position = min(position, len(text))
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return BadQuery(f"{line}:{column}: parse error: {what}")
