"""Cameras over ONVIF (profiles S, T and G): who they are, their streams, PTZ, presets, imaging, relays, inputs, events.

`wire` writes what is asked and `mapping` reads what is answered, both pure; `http`, `client`, `probe` and `driver` do I/O.
"""
