"""Composition root: settings become processes, processes become a running node. Does I/O."""
