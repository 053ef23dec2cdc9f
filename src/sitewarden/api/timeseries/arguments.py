"""Reading a request of the Prometheus HTTP API: parameters, moments, durations, credentials. Pure."""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from sitewarden.domain.errors import Unauthenticated
from sitewarden.domain.promql.durations import parse_duration
from sitewarden.domain.promql.errors import BadQuery
from sitewarden.domain.promql.query import RESOLUTION
from sitewarden.services.identity import TOKEN_PREFIX
from sitewarden.services.invoke import Credentials

LONGEST: Final = 256 << 10
"""Bytes of a query string or form."""
COUNT: Final = 500
"""Parameters of a request."""
LATEST: Final = 253_402_300_799 * 1_000_000
"""The end of the year 9999."""
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

Parameters = dict[str, list[str]]


def parameters(*encoded: bytes) -> Parameters:
    """Return the values of each parameter of a query string and a form."""
    found: Parameters = {}
    for part in encoded:
        if len(part) > LONGEST:
            raise BadQuery(f"the request has more than {LONGEST} bytes of parameters")
        try:
            pairs = parse_qsl(part.decode("latin-1"), keep_blank_values=True, max_num_fields=COUNT, errors="strict")
        except ValueError as error:
            raise BadQuery("error parsing form values: the parameters are not percent-encoded UTF-8") from error
        for name, value in pairs:
            found.setdefault(name, []).append(value)
    return found


def one(given: Parameters, name: str) -> str:
    """Return a parameter's first value; empty where it is not given."""
    return given.get(name, [""])[0]


def moment(given: Parameters, name: str, default: int | None = None) -> int:
    """Return a moment, in microseconds at whole milliseconds; raise BadQuery."""
    text = one(given, name)
    if not text and default is not None:
        return default
    try:
        if _NUMBER.fullmatch(text):
            found = round(float(text) * 1000) * 1000
        else:
            found = round(datetime.fromisoformat(text).timestamp() * 1000) * 1000 if "T" in text else _no_time(text)
    except (ValueError, OverflowError):
        raise _invalid(name, f'cannot parse "{text}" to a valid timestamp') from None
    if not 0 <= found <= LATEST:
        raise _invalid(name, f'cannot parse "{text}" to a valid timestamp')
    return found


def _no_time(text: str) -> int:
    raise ValueError(text)


def duration(given: Parameters, name: str) -> int:
    """Return a duration in microseconds, written as seconds or "5m"; raise BadQuery."""
    text = one(given, name)
    try:
        if _NUMBER.fullmatch(text):
            seconds = float(text)
            if not math.isfinite(seconds) or abs(seconds) > 1e10:
                raise ValueError
            return round(seconds * 1000) * 1000
        return parse_duration(text)
    except ValueError:
        raise _invalid(name, f'cannot parse "{text}" to a valid duration') from None


def span(given: Parameters) -> tuple[int, int, int]:
    """Return start, end and step of a range query, within the bounds that Prometheus has."""
    start, end = moment(given, "start"), moment(given, "end")
    if end < start:
        raise _invalid("end", "end timestamp must not be before start time")
    step = duration(given, "step")
    if step <= 0:
        raise _invalid("step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
    if (end - start) // step > RESOLUTION:
        raise BadQuery(
            f"exceeded maximum resolution of {RESOLUTION:,} points per timeseries. Try decreasing the query resolution (?step=XX)"
        )
    return start, end, step


def timeout(given: Parameters) -> float | None:
    """Return the seconds that the caller gives a query; None where none are."""
    return duration(given, "timeout") / 1e6 if one(given, "timeout") else None


def limit(given: Parameters) -> int | None:
    """Return how many results are wanted; None for all."""
    text = one(given, "limit")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise _invalid("limit", f'cannot parse "{text}" to a valid integer')
    return int(text) or None


def credentials(authorization: str) -> Credentials:
    """Return the API token of a request: as Bearer, or as the password of Basic with any user name."""
    scheme, _, value = authorization.partition(" ")
    token = value.strip() if scheme.lower() == "bearer" else ""
    if scheme.lower() == "basic":
        try:
            token = base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            token = ""
        if not token.startswith(TOKEN_PREFIX):
            raise Unauthenticated(
                "The password is no API token.", remedy="Make a token under Users, and give it as the password or as Bearer."
            )
    if not token:
        raise Unauthenticated("Nobody is signed in.", remedy="Send an API token as Bearer, or as the password of Basic.")
    return Credentials(token=token)


def _invalid(name: str, what: str) -> BadQuery:
    return BadQuery(f'invalid parameter "{name}": {what}')
