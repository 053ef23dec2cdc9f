"""Servers and nodes that announce themselves: heard, checked, listed, registered, and compared for the same media group.

`hearing`, `reach` and `service` do I/O through `net`; `gate`, `table` and `collisions` are pure.
"""
