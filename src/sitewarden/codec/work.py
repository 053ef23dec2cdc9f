"""Answers a child's requests with PyAV."""

from __future__ import annotations

import av.error

from sitewarden.codec import still
from sitewarden.codec.convert import Converter
from sitewarden.codec.messages import Answer, Begin, Coded, Failed, Finish, Request, Shot, Still


class Work:
    """What a child is at: single pictures, or one stream."""

    def __init__(self) -> None:
        self._converter: Converter | None = None

    def answer(self, request: Request) -> Answer:
        """Do what is asked; what the codecs refuse, and memory that is not there, is told."""
        try:
            return self._do(request)
        except (av.error.FFmpegError, ValueError) as error:
            return Failed(why=f"the picture cannot be decoded: {error}")
        except MemoryError:
            return Failed(why="the picture needs more memory than a decoder may have")

    def _do(self, request: Request) -> Answer:
        if isinstance(request, Still):
            return still.jpeg(request)
        if isinstance(request, Begin):
            self._converter = Converter(request)
            return Coded()
        if self._converter is None:
            raise ValueError("nothing was begun")
        if isinstance(request, Shot):
            return self._converter.take(request)
        assert isinstance(request, Finish)
        return self._converter.finish()
