"""Streams that we do not speak ourselves, taken apart by FFmpeg in a child process. Does I/O through `codec`."""
