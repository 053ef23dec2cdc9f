"""OPC UA: values of servers by subscription and by reading, and writing to them. `session.py` does the I/O, through asyncua."""
