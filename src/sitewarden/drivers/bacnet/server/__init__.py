"""A BACnet device of ours, through which other systems read and write the site. `image.py` is pure; the port is the client's."""
