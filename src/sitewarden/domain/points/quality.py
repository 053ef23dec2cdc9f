"""Quality of a value as OPC UA StatusCodes (OPC 10000-4, clause 7.39; OPC 10000-8 for data access)."""

from __future__ import annotations

from enum import IntEnum


class Quality(IntEnum):
    """The StatusCodes in use; the two top bits tell Good, Uncertain or Bad."""

    GOOD = 0x00000000
    UNCERTAIN = 0x40000000
    UNCERTAIN_LAST_KNOWN_VALUE = 0x40900000
    BAD = 0x80000000
    BAD_COMMUNICATION_ERROR = 0x80050000
    BAD_CONFIGURATION_ERROR = 0x80890000
    BAD_NOT_CONNECTED = 0x808A0000
    BAD_DEVICE_FAILURE = 0x808B0000
    BAD_SENSOR_FAILURE = 0x808C0000
    BAD_OUT_OF_SERVICE = 0x808D0000
    BAD_NO_COMMUNICATION = 0x80310000


def is_good(code: int) -> bool:
    """Tell whether a StatusCode is Good."""
    return code >> 30 == 0


def is_bad(code: int) -> bool:
    """Tell whether a StatusCode is Bad."""
    return code >> 30 >= 2
