"""WebRTC out by WHEP (draft-ietf-wish-whep): live video with the least delay, to browsers and players. Does I/O through `net`."""
