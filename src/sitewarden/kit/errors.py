"""The four kinds of error of a driver; library errors are mapped to them at the driver's edge."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


class DriverError(Exception):
    """Base; never raised itself."""


class LocalMisuse(DriverError):
    """Our own code called wrongly. A defect: reported loudly, the endpoint stops."""


class PeerViolation(DriverError):
    """The peer broke its protocol. The connection is dropped and tried again."""


class Unavailable(DriverError):
    """The peer cannot be reached or does not answer. Tried again with back-off."""


class Misconfigured(DriverError):
    """The settings cannot work (wrong password, unknown address). Stops until the configuration changes."""


@contextmanager
def reaching(peer: str) -> Iterator[None]:
    """Map the operating system's errors on the way to `peer` ("10.0.0.5:502") to Unavailable."""
    try:
        yield
    except TimeoutError as error:
        raise Unavailable(f"{peer} does not answer") from error
    except OSError as error:
        known = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error.strerror
        raise Unavailable(f"{peer}: {known or error}") from error
