"""Cameras over RTSP and RTP: an endpoint a camera, pictures and sound as they come, TCP or UDP. Does I/O through `ctx.net`."""
