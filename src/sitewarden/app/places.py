"""Where a node keeps what: the one list of files and directories under the data directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sitewarden.config import Settings


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of a node's stores, sockets and keys."""

    data: Path

    @classmethod
    def of(cls, settings: Settings) -> Places:
        """Return the places of a node with these settings."""
        return cls(settings.data)

    @property
    def run(self) -> Path:
        """Sockets, leases and the process table; worthless after a stop."""
        return self.data / "run"

    @property
    def uses(self) -> Path:
        """What the site used of the ports when it last ran, for the preflight of the next start."""
        return self.data / "uses.json"

    @property
    def events(self) -> Path:
        return self.data / "events.db"

    @property
    def state(self) -> Path:
        return self.data / "state.db"

    @property
    def journal(self) -> Path:
        """Events that a database could not take yet."""
        return self.data / "events-journal.db"

    @property
    def set_up(self) -> bool:
        """True where `sitewarden init` made this node's stores, wherever they are."""
        return self.state.exists() or self.secrets.exists()

    @property
    def samples(self) -> Path:
        return self.data / "samples.db"

    @property
    def samples_journal(self) -> Path:
        """Samples that a database could not take yet."""
        return self.data / "samples-journal.db"

    @property
    def sends(self) -> Path:
        """How far samples were sent to other databases."""
        return self.data / "sends.db"

    @property
    def zones(self) -> Path:
        """State of the access zones, with the cursor of the log up to which it goes."""
        return self.data / "zones"

    @property
    def owed(self) -> Path:
        """Lockdowns and fire releases that doors were not told of yet."""
        return self.data / "owed"

    @property
    def viewings(self) -> Path:
        """Who looks at recordings now, until it is in the audit log."""
        return self.data / "viewings"

    @property
    def pictures(self) -> Path:
        """Directory of people's pictures, each encrypted under a key of that person."""
        return self.data / "pictures"

    @property
    def media(self) -> Path:
        """Directory of the recordings."""
        return self.data / "media"

    @property
    def keys(self) -> Path:
        """Directory of the key of the secrets and of the sessions."""
        return self.data / "keys"

    @property
    def tls(self) -> Path:
        """Directory of the site's CA, the server's certificate and the node's identity."""
        return self.data / "tls"

    @property
    def secrets(self) -> Path:
        return self.keys / "secrets.key"

    @property
    def bus(self) -> Path:
        """Core's socket for the node's own processes."""
        return self.run / "core.sock"

    @property
    def spool(self) -> Path:
        """Files on their way in and out: imports, exports, reports."""
        return self.run / "spool"

    @property
    def imports(self) -> Path:
        """What each import of people did, line by line."""
        return self.data / "imports"

    @property
    def processes(self) -> Path:
        return self.run / "processes.json"

    @property
    def port_trial(self) -> Path:
        """Record of a number that is tried for a port, so that a core that starts after a crash says what became of it."""
        return self.data / "port-trial.json"

    @property
    def archive(self) -> Path:
        """Events that retention deleted, as Parquet files by month."""
        return self.data / "archive"

    @property
    def backups(self) -> Path:
        """How the last backups to each destination went."""
        return self.data / "backups.json"

    @property
    def backup_keys(self) -> Path:
        """Of each repository of backups its public key, and the secret that names pieces there."""
        return self.keys / "backups.json"

    @property
    def backup_copies(self) -> Path:
        """Copies of the databases while a backup is made."""
        return self.run / "backup"

    def backup_memory(self, repository: str) -> Path:
        """What is remembered of the recordings that are in a repository."""
        return self.data / f"backup-{repository}.memory"

    @property
    def demo_over(self) -> Path:
        """Written by core when the site is no demo any more; `sitewarden demo` then stops its machines."""
        return self.run / "demo-over"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    def segments(self, worker: str) -> Path:
        """Index of the recordings of one media worker."""
        return self.data / f"segments-{worker.removeprefix('media-')}.db"

    def fills(self, worker: str) -> Path:
        """Gaps that one media worker fills from what cameras recorded themselves."""
        return self.data / f"fills-{worker.removeprefix('media-')}.db"

    def outbox(self, worker: str) -> Path:
        """Events that a worker could not yet deliver to core."""
        return self.data / f"outbox-{worker}.db"

    def assignment(self, worker: str) -> Path:
        """Sealed copy of what a worker last had to run, so that it starts while core is down."""
        return self.data / f"assignment-{worker}.bin"

    def ready(self, process: str) -> Path:
        """Written by a process once it serves."""
        return self.run / "ready" / process
