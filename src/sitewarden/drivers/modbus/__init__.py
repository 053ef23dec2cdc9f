"""Modbus TCP master: batched polling of many units behind one connection, and writes. I/O is in driver.py and poller.py."""
