"""Cameras and encoders that publish by RTMP: an endpoint a camera, one port for all. Does I/O through `ctx.net`."""
