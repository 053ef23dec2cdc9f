"""BACnet/IP, as a client. Only `port.py` and `driver.py` do I/O; `mapping.py` and `device.py` are pure."""
