"""The edge controller: decides at the doors that are wired to it, with the server or without. Does I/O."""
