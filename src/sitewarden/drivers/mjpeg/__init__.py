"""Cameras that send Motion JPEG over HTTP: an endpoint a camera, pictures as they come. Does I/O through `ctx.net`."""
