"""Modbus TCP, the other way round: masters of other systems read and write the site."""
