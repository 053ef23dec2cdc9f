"""The only sockets: listen, dial, join, lease; TLS and the local CA; the live ledger. Does I/O."""

from sitewarden.net.interfaces import Lease, LedgerEntry, Listener, Network

__all__ = ["Lease", "LedgerEntry", "Listener", "Network"]
