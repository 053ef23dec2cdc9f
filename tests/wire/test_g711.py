from __future__ import annotations

import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire.g711 import Law, decode, encode

CODES = bytes(range(256))
both = pytest.mark.parametrize("law", ["PCMU", "PCMA"])


@both
def test_codes_mean_what_ffmpeg_takes_them_for(law: Law) -> None:
    name = "mulaw" if law == "PCMU" else "alaw"
    command = ["ffmpeg", "-v", "error", "-f", name, "-ar", "8000", "-ac", "1", "-i", "-", "-f", "s16le", "-"]
    assert decode(CODES, law) == subprocess.run(command, input=CODES, capture_output=True, check=True).stdout


@both
def test_what_was_decoded_is_encoded_as_it_was(law: Law) -> None:
    # µ-law has two zeros; the negative one becomes the other.
    again = {0x7F: 0xFF} if law == "PCMU" else {}
    assert encode(decode(CODES, law), law) == bytes(again.get(code, code) for code in CODES)


@given(st.integers(-32768, 32767), st.sampled_from(["PCMU", "PCMA"]))
def test_a_sample_comes_back_within_its_step(sample: int, law: Law) -> None:
    (found,) = struct.unpack("<h", decode(encode(struct.pack("<h", sample), law), law))
    assert abs(found - sample) <= max(8, abs(sample) // 16 + 8)


@both
def test_half_a_sample_is_left_out(law: Law) -> None:
    assert len(encode(b"\x01\x02\x03", law)) == 1
