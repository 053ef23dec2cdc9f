"""Devices that speak messages of their own over TCP; `driver.py`, `session.py` and `server.py` do I/O."""
