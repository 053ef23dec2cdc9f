"""The settings model. Each field is documented here once; `docs/generated/settings.md` is made from it."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from sitewarden.config.volumes import VolumeSettings
from sitewarden.domain.refs import ID_PATTERN

Role = Literal["core", "web", "media", "iot", "controller", "analytics", "lpr"]
SERVER_ROLES: tuple[Role, ...] = ("core", "web", "media", "iot")

GIB = 1024 * 1024 * 1024


class TlsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TLS of the ports that people and programs reach; the link between nodes is always TLS 1.3."""

    mode: Annotated[
        Literal["auto", "always"],
        Meta(description='"auto": TLS on every address but loopback, where it may be plain. "always": on loopback too.'),
    ] = "auto"
    certificate: Annotated[
        str,
        Meta(
            description="File of the certificate chain (PEM). Empty: a certificate from this site's own CA, made at first start."
        ),
    ] = ""
    key: Annotated[str, Meta(description="File of the certificate's private key (PEM), readable by this user alone.")] = ""
    names: Annotated[
        tuple[str, ...],
        Meta(
            description="Further host names and addresses in the certificate that is made here, beside this computer's own.",
            max_length=64,
        ),
    ] = ()


class Database(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where events, state and samples are kept."""

    url: Annotated[
        str,
        Meta(
            description='"sqlite": files in the data directory. "postgresql://user@host:5432/name": a PostgreSQL database (13 or '
            "newer). `sitewarden migrate-database` moves a site from one to the other and changes this.",
            max_length=1024,
        ),
    ] = "sqlite"
    password_file: Annotated[
        str,
        Meta(description="File whose first line is the database user's password, readable by this user alone. Empty: none."),
    ] = ""
    tls: Annotated[
        Literal["auto", "verify-full", "require", "off"],
        Meta(
            description='"verify-full": TLS, and the server\'s certificate must be signed by `ca` and name its host. "require": '
            'TLS without looking at the certificate, which does not keep out who sits in between. "off": none, to this computer '
            'alone. "auto": "off" to this computer, "verify-full" to any other.'
        ),
    ] = "auto"
    ca: Annotated[
        str,
        Meta(
            description="File of the authority (PEM) that signed the database server's certificate. Empty: this computer's "
            "public ones."
        ),
    ] = ""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on what comes in, and on what is kept."""

    max_body: Annotated[int, Meta(description="Greatest body of a request, in bytes.", ge=65_536, le=1 << 30)] = 8 * 1024 * 1024
    port_trial_seconds: Annotated[
        float,
        Meta(
            description="Seconds that a changed port is tried; then it goes back unless an administrator kept it.", ge=5, le=600
        ),
    ] = 60.0
    session_hours: Annotated[float, Meta(description="Hours without use after which a sign-in ends.", gt=0, le=24 * 90)] = 12.0
    event_days: Annotated[int, Meta(description="Days that events are kept.", ge=1, le=36_500)] = 365
    event_bytes: Annotated[
        int, Meta(description="Greatest size of the event log, in bytes; the oldest events go first.", ge=16 * 1024 * 1024)
    ] = 10 * GIB
    sample_days: Annotated[int, Meta(description="Days that points' samples are kept.", ge=1, le=36_500)] = 365
    sample_days_brief: Annotated[
        int, Meta(description='Days that the samples of points of the class "brief" are kept.', ge=1, le=36_500)
    ] = 30
    sample_days_long: Annotated[
        int, Meta(description='Days that the samples of points of the class "long" are kept.', ge=1, le=36_500)
    ] = 3650
    rollup_days: Annotated[
        int,
        Meta(description="Days that what is known of each minute, hour and day of a point is kept.", ge=1, le=36_500),
    ] = 3650
    recording_days: Annotated[
        int, Meta(description="Days that recordings are kept, while the disk has room.", ge=1, le=36_500)
    ] = 30
    min_free_bytes: Annotated[
        int,
        Meta(
            description="Free bytes kept on each disk with recordings: below it the oldest go, then recording stops there.",
            ge=64 * 1024 * 1024,
        ),
    ] = 2 * GIB
    move_bytes: Annotated[
        int,
        Meta(
            description="Bytes a second, at most, that each media process moves from one volume to another.",
            ge=256 * 1024,
            le=1 << 40,
        ),
    ] = 32 * 1024 * 1024


class Processes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many worker processes of a kind run."""

    web: Annotated[int, Meta(description="Web workers; they share one port.", ge=1, le=64)] = 1
    media: Annotated[int, Meta(description="Media workers; cameras are spread over them.", ge=1, le=256)] = 1


class AnnouncementSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How this node announces itself to servers and clients on its networks, and hears them (UDP 8650)."""

    enabled: Annotated[
        bool, Meta(description="Announce this node and listen for others. Off: the port stays closed, and none is found.")
    ] = True
    ttl: Annotated[
        int,
        Meta(
            description="Networks that an announcement crosses: 1 stays in its own, more passes multicast routers.", ge=1, le=32
        ),
    ] = 1
    interfaces: Annotated[
        tuple[str, ...],
        Meta(
            description="Interfaces to announce and listen on, by name or address. Empty: all that `bind` covers.", max_length=64
        ),
    ] = ()


class MulticastSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How live video leaves for many viewers at once, to `multicast_group`."""

    ttl: Annotated[
        int, Meta(description="Networks that it crosses: 1 stays in its own, more passes multicast routers.", ge=1, le=64)
    ] = 1
    interface: Annotated[
        str, Meta(description="Address of the interface that it leaves by. Empty: `bind`, or as the routing table says.")
    ] = ""
    loop: Annotated[bool, Meta(description="Viewers on this computer receive it too.")] = True
    streams: Annotated[int, Meta(description="Streams at once, at most, in each media process.", ge=1, le=4096)] = 256


class RtspOutSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Live and recorded video for other systems: they pull it by RTSP, with a user of ours."""

    enabled: Annotated[bool, Meta(description="Serve RTSP to other systems and players. Off: neither port is open for them.")] = (
        False
    )
    plain: Annotated[
        bool,
        Meta(
            description="Serve `rtsp` (554) beside `rtsps` (322). Without TLS the video is readable on its way; sign-in is not."
        ),
    ] = True
    udp: Annotated[
        bool, Meta(description="Send RTP over UDP to clients of `rtsp` that ask for it. Off: inside the connection alone.")
    ] = True
    clients: Annotated[int, Meta(description="Connections at once, at most, in each web process.", ge=1, le=4096)] = 128


class WhepSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Live video by WebRTC (WHEP), to browsers and players that want the least delay."""

    enabled: Annotated[
        bool, Meta(description="Serve WebRTC: one UDP port, `whep`. Off: browsers watch over the WebSocket alone.")
    ] = True
    addresses: Annotated[
        tuple[str, ...],
        Meta(description="Further addresses that viewers reach the port on, such as a router's that forwards it to this server."),
    ] = ()
    viewers: Annotated[int, Meta(description="Viewers at once, at most, in each web process.", ge=1, le=4096)] = 128


class VideoSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Video that comes from this server itself."""

    files: Annotated[
        str,
        Meta(
            description="Folder of recordings that cameras may play (`file:` addresses); nothing outside of it is ever read. "
            "Relative: from the directory of the settings file. Empty: cameras play no files.",
            max_length=1024,
        ),
    ] = ""


class PicturesSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pictures that are decoded, in child processes of each web process; all of it needs the extra `pictures`."""

    decoders: Annotated[
        int, Meta(description="Children that decode single pictures, at once, at most, in each web process.", ge=1, le=16)
    ] = 2
    conversions: Annotated[
        int,
        Meta(
            description="Cameras at once, at most, in each web process, that are converted to H.264 for browsers that cannot "
            "decode what they send; each takes up to a core. 0: none.",
            ge=0,
            le=64,
        ),
    ] = 2


class BackupSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Backups that the server makes by itself; `docs/backup.md` says what is in them."""

    destination: Annotated[
        str, Meta(description="Folder of the backups, also a mounted share, or s3://BUCKET/FOLDER. Empty: none are made.")
    ] = ""
    every_hours: Annotated[float, Meta(description="Hours between two backups.", ge=0.25, le=24 * 31)] = 24.0
    media: Annotated[bool, Meta(description="Recordings, too. Off: their index alone.")] = False
    passphrase_file: Annotated[
        str,
        Meta(description="File of this user alone with the passphrase that opens the backups; read when the first one is made."),
    ] = ""
    public_key: Annotated[
        str, Meta(description="In place of a passphrase: the public key that `sitewarden backup key` printed.")
    ] = ""
    endpoint: Annotated[
        str,
        Meta(
            description="The S3 server of a bucket, such as https://s3.example.org. Empty: Amazon's of the region.",
            pattern=r"^(https?://[^@/\s]+/?)?$",
            max_length=300,
        ),
    ] = ""
    region: Annotated[str, Meta(description="Its region.", max_length=64)] = "us-east-1"
    credentials: Annotated[
        str,
        Meta(
            description="Where the bucket's keys are: a file with access_key_id and secret_access_key (TOML), readable by this "
            'user alone; or "environment" (also where nothing is said): SITEWARDEN_S3_BACKUP_ACCESS_KEY_ID, …_SECRET_ACCESS_KEY, '
            "…_SESSION_TOKEN, else AWS_….",
            max_length=1024,
        ),
    ] = ""
    access_key_id: Annotated[str, Meta(description="Instead of `credentials`: the id of the key.", max_length=200)] = ""
    secret_access_key: Annotated[
        str, Meta(description="With it the key, sealed for this node, as `sitewarden seal backup` prints it.", max_length=1024)
    ] = ""
    authority: Annotated[
        str,
        Meta(
            description="File of the authority (PEM) that signed the S3 server's certificate. Empty: a public one.",
            max_length=1024,
        ),
    ] = ""
    keep_days: Annotated[int, Meta(description="Days of which the last backup is kept.", ge=1, le=3660)] = 7
    keep_weeks: Annotated[int, Meta(description="Weeks of which the last backup is kept.", ge=0, le=520)] = 4
    keep_months: Annotated[int, Meta(description="Months of which the last backup is kept.", ge=0, le=1200)] = 12


class RetentionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long events are kept, by their class. 0: as long as `limits.event_days` says, of some classes at most so long."""

    alarm_days: Annotated[int, Meta(description="Alarms (severity 3), of whatever kind.", ge=0, le=36_500)] = 0
    access_days: Annotated[int, Meta(description="Who passed or was refused, doors, zones, muster.", ge=0, le=36_500)] = 0
    video_days: Annotated[int, Meta(description="Cameras and recordings, motion too. 0: at most 90.", ge=0, le=36_500)] = 0
    platform_days: Annotated[
        int,
        Meta(description="The server, its network, devices and sign-ins, for finding faults. 0: at most 180.", ge=0, le=36_500),
    ] = 0
    archive: Annotated[
        bool,
        Meta(description="Keep what is deleted as Parquet files by month, in `archive` of the data directory (extra `archive`)."),
    ] = False


class TimeSeriesSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The time-series service (9090): how far back it looks for a value, and what one query may take."""

    lookback_seconds: Annotated[
        float,
        Meta(
            description="How old a point's latest sample may be to count as its value. An unchanged value is stored every ten "
            "minutes, so less leaves gaps; Prometheus has 300.",
            ge=1,
            le=86_400,
        ),
    ] = 660.0
    samples: Annotated[
        int, Meta(description="Samples that a query may read, and values that it may hold at once.", ge=10_000, le=1_000_000_000)
    ] = 10_000_000
    seconds: Annotated[float, Meta(description="Seconds that a query may take.", ge=1, le=600)] = 30.0
    queries: Annotated[int, Meta(description="Queries at once in each web process; others wait.", ge=1, le=64)] = 2


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node's settings. All else (cameras, doors, people, rules) is state, changed through console, API and CLI."""

    node: Annotated[
        str, Meta(description="Id of this node: lower-case letters, digits and hyphens; unique in the site.", pattern=ID_PATTERN)
    ] = "server"
    name: Annotated[str, Meta(description="Name of this node, as people read it.", min_length=1, max_length=128)] = "Sitewarden"
    bind: Annotated[
        str,
        Meta(description="Address that this node listens on. 0.0.0.0 is all; several nodes on one computer take one each."),
    ] = "0.0.0.0"  # noqa: S104
    data_dir: Annotated[str, Meta(description="Directory of everything that this node stores.", min_length=1)] = "data"
    roles: Annotated[
        tuple[Role, ...], Meta(description="What this node does; each role runs as processes of its own.", min_length=1)
    ] = SERVER_ROLES
    demo: Annotated[bool, Meta(description="Run the simulated demo site beside the server.")] = False
    http_api_plain_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Networks (10.1.0.0/16) whose clients may use the HTTP API (8601) without TLS. `doctor` warns of each.",
            max_length=64,
        ),
    ] = ()
    rtmp_plain_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Networks (10.1.0.0/16) whose cameras and encoders may publish by RTMP (1935) without TLS. "
            "`doctor` warns of each.",
            max_length=64,
        ),
    ] = ()
    ports: Annotated[
        dict[str, int],
        Meta(description="Changes of ports by row of the port manifest: timeseries = 9191. Fixed rows are refused."),
    ] = field(default_factory=dict)
    volumes: Annotated[
        dict[str, VolumeSettings],
        Meta(
            description="Where recordings are kept: `[volumes.<id>]` for each disk, see below. None: `media` of the data "
            "directory, the volume `main`, alone."
        ),
    ] = field(default_factory=dict)
    multicast_group: Annotated[
        str, Meta(description="Group of this server's live multicast; servers on one network need different ones.")
    ] = "225.5.10.1"
    multicast: MulticastSettings = field(default_factory=MulticastSettings)
    rtsp_out: RtspOutSettings = field(default_factory=RtspOutSettings)
    whep: WhepSettings = field(default_factory=WhepSettings)
    video: VideoSettings = field(default_factory=VideoSettings)
    pictures: PicturesSettings = field(default_factory=PicturesSettings)
    timeseries: TimeSeriesSettings = field(default_factory=TimeSeriesSettings)
    announcement: AnnouncementSettings = field(default_factory=AnnouncementSettings)
    tls: TlsSettings = field(default_factory=TlsSettings)
    database: Database = field(default_factory=Database)
    limits: Limits = field(default_factory=Limits)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    processes: Processes = field(default_factory=Processes)

    def renumber(self, row: str, number: int) -> None:
        """Put a changed port into effect in this process: `ports` is the one setting that changes while a node runs."""
        self.ports[row] = number

    @property
    def data(self) -> Path:
        """Return the data directory as a path."""
        return Path(self.data_dir)

    @property
    def run_dir(self) -> Path:
        """Return the directory of sockets and leases of this node's processes."""
        return self.data / "run"

    @property
    def loopback(self) -> bool:
        """True where this node is reached from its own computer alone."""
        return ipaddress.ip_address(self.bind).is_loopback

    @classmethod
    def for_test(cls, bind: str = "127.0.0.1", data_dir: str | Path = "data", **changes: object) -> Settings:
        """Return settings for a test: this address, this directory, and any field by name; checked as loaded ones are."""
        from sitewarden.config.checks import check

        settings = cls(**{"bind": bind, "data_dir": str(data_dir), **changes})  # type: ignore[arg-type]
        check(settings, lambda key: key)
        return settings
