"""Cameras: live, timeline, playback."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import rtsp_out, video

CAMERAS: Final = [
    Route(
        "GET",
        "/cameras/{id}/rtsp",
        "video.rtsp",
        rtsp_out.RtspRef,
        rtsp_out.RtspAddresses,
        "getRtspAddresses",
        "cameras",
        "Where other systems pull the camera by RTSP",
    ),
    Route(
        "GET",
        "/cameras/{id}/recordings",
        "video.recordings",
        video.VideoRange,
        video.Recordings,
        "listRecordings",
        "cameras",
        "What was recorded, with the gaps",
    ),
    Route(
        "GET",
        "/cameras/{id}/playback.mp4",
        "video.playback",
        video.VideoRange,
        bytes,
        "playback",
        "cameras",
        "Recorded video as fragmented MP4",
        form="mp4",
    ),
    Route(
        "GET",
        "/cameras/{id}/live",
        "video.live",
        video.CameraRef,
        bytes,
        "liveVideo",
        "cameras",
        "WebSocket: live video or sound, a message of text with the track, then fragments of MP4, or JPEG files",
        form="websocket",
    ),
]
