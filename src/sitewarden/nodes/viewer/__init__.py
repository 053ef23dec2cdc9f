"""The viewer: an operator's workstation joins the server's multicast and feeds its own browser over loopback. Does I/O."""
