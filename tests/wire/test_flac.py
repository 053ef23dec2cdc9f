from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.wire import flac
from sitewarden.wire.formats import AudioFormat


def file(rate: int, channels: int, frames: list[bytes]) -> bytes:
    info = flac.stream_info(rate, channels)
    return b"fLaC\x80" + len(info).to_bytes(3, "big") + info + b"".join(frames)


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (48000, 1)])
def test_pcm_comes_back_from_a_strict_decoder(tmp_path: Path, rate: int, channels: int) -> None:
    pcm = np.random.default_rng(3).integers(-32768, 32767, (4000, channels)).astype(">i2")
    frames, position = [], 0
    for size in (16, 160, 1000, 2824):
        frames.append(flac.frame(pcm[position : position + size].tobytes(), channels, position))
        position += size
    path = tmp_path / "x.flac"
    path.write_bytes(file(rate, channels, frames))
    command = ["ffmpeg", "-v", "warning", "-err_detect", "crccheck+explode", "-i", str(path), "-f", "s16be", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b"" and done.stdout == pcm.tobytes()


@pytest.mark.parametrize(("encoding", "codec"), [("PCMU", "pcm_mulaw"), ("PCMA", "pcm_alaw")])
def test_g711_is_what_another_decoder_makes_of_it(encoding: str, codec: str) -> None:
    every = bytes(range(256))
    with av.open(io.BytesIO(every), format={"pcm_mulaw": "mulaw", "pcm_alaw": "alaw"}[codec], options={"ar": "8000"}) as opened:
        wanted = np.concatenate([frame.to_ndarray()[0] for frame in opened.decode(audio=0)])
    assert struct.unpack(">256h", flac.linear(encoding, every)) == tuple(wanted)


@given(st.integers(0, 2**36 - 1))
def test_numbers_are_coded_as_utf8_does(value: int) -> None:
    made = flac._number(value)
    if value < 0xD800:
        assert made == chr(value).encode()
    found = made[0] & (0x7F >> len(made) if len(made) > 1 else 0x7F)
    for byte in made[1:]:
        found = found << 6 | byte & 0x3F
    assert found == value


def test_a_piece_that_is_too_long_is_cut() -> None:
    audio = AudioFormat(encoding="PCMU", codec="ulaw", rate=8000, channels=1)
    (made,) = flac.frames(audio, [bytes(100_000)], 0)
    assert len(made) < 2 * flac.MAX_BLOCK + 40
