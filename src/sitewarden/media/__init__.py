"""Encoded video as it flows: hub, recorder, playback, live. Does I/O."""
