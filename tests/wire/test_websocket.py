from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from sitewarden.wire.websocket import BINARY, TEXT, frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_frames_are_those_of_an_independent_library(opcode: int, size: int) -> None:
    payload = b"x" * size
    assert frame(opcode, payload) == Frame(Opcode(opcode), payload).serialize(mask=False)
