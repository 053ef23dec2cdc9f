"""Answers a child's requests with PyAV."""

from __future__ import annotations

import av.error

from sitewarden.codec import still
from sitewarden.codec.messages import Answer, Failed, Request


def answer(request: Request) -> Answer:
    """Do what is asked; what the codecs refuse, and memory that is not there, is told."""
    try:
        return still.jpeg(request)
    except (av.error.FFmpegError, ValueError) as error:
        return Failed(why=f"the picture cannot be decoded: {error}")
    except MemoryError:
        return Failed(why="the picture needs more memory than a decoder may have")
