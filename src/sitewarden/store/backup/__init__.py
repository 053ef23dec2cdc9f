"""Backups on a folder: pieces stored once, backups that name them. Does file I/O; `wire.backup` is the form."""
