"""BACnet/IP on the wire (ANSI/ASHRAE 135, Annex J and clauses 6, 13, 15, 16, 20, 21), for both sides. Pure, no I/O."""
