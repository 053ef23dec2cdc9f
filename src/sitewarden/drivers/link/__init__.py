"""Controllers in server mode: they dial 1480 and speak the link protocol. Does I/O."""
