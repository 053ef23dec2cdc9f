"""RTSP out: other systems and players pull live and recorded video with a user of ours. Does I/O through `net`."""
