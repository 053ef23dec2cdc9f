"""What is kept of a PIN is HMAC-SHA256 under the site's key, as the standard library makes it."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.domain.access.pins import digest_of, hash_pin, pin_digest
from sitewarden.domain.errors import Invalid


@given(key=st.binary(min_size=0, max_size=200), pin=st.text(alphabet="0123456789", min_size=4, max_size=12))
def test_it_is_the_hmac_of_rfc_2104(key: bytes, pin: str) -> None:
    expected = hmac.digest(key, pin.encode(), "sha256")[:16]
    assert pin_digest(key, pin) == expected
    assert digest_of(hash_pin(key, pin)) == expected


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "１２３４"])
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(Invalid):
        hash_pin(b"k" * 32, pin)
