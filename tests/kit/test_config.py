"""What does not fit a driver's settings is refused with the field and the nearest name."""

from __future__ import annotations

from typing import Annotated

import pytest
from msgspec import Meta

from sitewarden.domain.errors import Invalid
from sitewarden.kit.config import Config, check, load
from sitewarden.kit.errors import Misconfigured


class Inner(Config, frozen=True, kw_only=True):
    retries: int = 1


class Outer(Config, frozen=True, kw_only=True):
    host: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 502
    link: Inner | None = None


@pytest.mark.parametrize(
    ("data", "where", "what", "remedy"),
    [
        ({"host": "a", "prot": 5}, "endpoint:plc.prot", '"prot" is not a setting', 'Did you mean "port"?'),
        ({"host": "a", "link": {"retrys": 5}}, "endpoint:plc.link.retrys", '"retrys" is not', 'Did you mean "retries"?'),
        ({"port": 5}, "endpoint:plc.host", "is missing", "Give it a value."),
        ({"host": "a", "port": 0}, "endpoint:plc.port", "expected `int` >= 1", ""),
        ({"host": 7}, "endpoint:plc.host", "expected `str`, got `int`", ""),
        ({"host": "a", "zzzz": 0}, "endpoint:plc.zzzz", '"zzzz" is not a setting', "Known names: host, link, port, retries."),
    ],
)
def test_refusals(data: dict[str, object], where: str, what: str, remedy: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(Outer, data, "endpoint:plc")
    assert caught.value.where == where
    assert caught.value.what.startswith(what)
    assert caught.value.remedy == remedy
    with pytest.raises(Misconfigured, match=what[:8]):
        load(Outer, data, "endpoint:plc")


def test_what_fits_is_typed() -> None:
    assert check(Outer, {"host": "a", "link": {"retries": 3}}) == Outer(host="a", link=Inner(retries=3))
