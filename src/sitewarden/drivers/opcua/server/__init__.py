"""An OPC UA server through which other systems read the site, and write points. `serving.py` does the I/O, through asyncua."""
