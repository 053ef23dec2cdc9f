"""The hardware of a controller: readers over OSDP, lines of GPIO chips, put together as one board.

`settings`, `frames`, `diagnosis`, `cards`, `keypad`, `signals` are pure. `bus` and `gpio` do I/O; `panel` is the only importer of
libosdp, `gpio` of gpiod; both libraries are optional.
"""
