"""Answers of the Prometheus HTTP API as JSON, byte for byte in its shapes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from sitewarden.domain.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TimedOut,
    TooMany,
    Unauthenticated,
    Unreachable,
)
from sitewarden.domain.promql.errors import BadQuery, QueryFailed
from sitewarden.domain.promql.numbers import show, show_time
from sitewarden.domain.promql.query import Line, Result
from sitewarden.domain.promql.vectors import Floats

_ERRORS: Final[dict[type[Refusal], tuple[str, int]]] = {
    BadQuery: ("bad_data", 400),
    Invalid: ("bad_data", 400),
    QueryFailed: ("execution", 422),
    TimedOut: ("timeout", 503),
    TooMany: ("unavailable", 503),
    Unreachable: ("unavailable", 503),
    NotFound: ("not_found", 404),
    Unauthenticated: ("unauthorized", 401),
    Forbidden: ("forbidden", 403),
}


def data(value: Any, warnings: Sequence[str] = ()) -> bytes:
    """Return a success."""
    answer: dict[str, Any] = {"status": "success", "data": value}
    if warnings:
        answer["warnings"] = list(warnings)
    return msgspec.json.encode(answer)


def refused(refusal: Refusal) -> tuple[int, bytes]:
    """Return the status and body of a refusal."""
    kind, status = _ERRORS.get(type(refusal), ("internal", 500))
    said = f"{refusal.what} {refusal.remedy}".strip() if refusal.remedy else refusal.what
    return status, msgspec.json.encode({"status": "error", "errorType": kind, "error": said})


def result(found: Result) -> bytes:
    """Return what a query gave."""
    if found.kind in ("scalar", "string"):
        shown = _text(found.text) if found.kind == "string" else f'"{show(float(found.lines[0].values[0]))}"'.encode()
        body = b"[%s,%s]" % (show_time(found.time).encode(), shown)
    elif found.kind == "vector":
        body = b"[%s]" % b",".join(_single(line) for line in found.lines)
    else:
        # A matrix is in order of its labels, as Prometheus sorts it; a vector keeps the order that sort and topk gave it.
        lines = sorted(found.lines, key=lambda line: sorted(line.labels.items()))
        moments: dict[bytes, list[bytes]] = {}
        body = b"[%s]" % b",".join(_line(line, moments) for line in lines)
    return b'{"status":"success","data":{"resultType":"%s","result":%s}}' % (found.kind.encode(), body)


def _text(value: str) -> bytes:
    return msgspec.json.encode(value)


def _labels(labels: dict[str, str]) -> bytes:
    return msgspec.json.encode(dict(sorted(labels.items())))


def _single(line: Line) -> bytes:
    point = f'[{show_time(int(line.times[0]))},"{show(float(line.values[0]))}"]'
    return b'{"metric":%s,"value":%s}' % (_labels(line.labels), point.encode())


def _line(line: Line, moments: dict[bytes, list[bytes]]) -> bytes:
    """Return a series; most have the moments of another one, whose texts are in `moments`."""
    key = line.times.tobytes()
    times = moments.get(key)
    if times is None:
        times = moments[key] = [show_time(time).encode() for time in line.times.tolist()]
    points = b",".join([b'[%s,"%s"]' % pair for pair in zip(times, _numbers(line.values), strict=True)])
    return b'{"metric":%s,"values":[%s]}' % (_labels(line.labels), points)


def _numbers(values: Floats) -> list[bytes]:
    """Return the texts of values. msgspec writes what is plain in one go, with the same digits."""
    listed = values.tolist()
    size = np.abs(values)
    whole = values == np.floor(values)
    plain = ~whole & (size >= 1e-3) & (size < 1e15)
    if (whole & (size < 1e15) & ~((values == 0) & np.signbit(values))).all():
        return msgspec.json.encode(values.astype(np.int64).tolist())[1:-1].split(b",") if listed else []
    texts = msgspec.json.encode(listed)[1:-1].split(b",")
    for place in np.flatnonzero(~plain).tolist():
        texts[place] = show(listed[place]).encode()
    return texts
