"""The only sockets: listen, dial, join, lease; TLS and the local CA; the live ledger. Does I/O."""

from sitewarden.net.interfaces import Caster, Lease, LedgerEntry, Listener, Network

__all__ = ["Caster", "Lease", "LedgerEntry", "Listener", "Network"]
