"""Devices that push JSON by HTTP, or serve it; `driver.py`, `inbox.py` and `asking.py` do I/O."""
