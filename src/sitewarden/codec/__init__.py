"""Decode and encode in child processes; the only importer of av. Does I/O."""
