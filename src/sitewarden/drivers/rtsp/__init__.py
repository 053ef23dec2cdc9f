"""Cameras over RTSP and RTP: one endpoint a camera, H.264 as it comes, over TCP or UDP. Does I/O through `ctx.net`."""
