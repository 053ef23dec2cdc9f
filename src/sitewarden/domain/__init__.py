"""Entities, events, commands and pure decisions. No I/O, no clock, no asyncio."""
