"""`sitewarden backup`: a running or stopped site into a folder or a bucket, as of one moment; and what is there."""

from __future__ import annotations

import fcntl
import getpass
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from sitewarden import __version__
from sitewarden.app import show
from sitewarden.app.backup_database import copy_database, tops
from sitewarden.app.backup_place import opened, remote, shelf
from sitewarden.app.backup_sources import recordings, sources
from sitewarden.app.local import Ask, settled, with_platform
from sitewarden.app.places import Places
from sitewarden.app.volumes import server
from sitewarden.config import Settings
from sitewarden.config.database import is_postgres
from sitewarden.domain.backups import S3, Outcome, kept
from sitewarden.domain.clock import to_datetime
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, Refusal, StorageFull
from sitewarden.net.network import LocalNetwork
from sitewarden.net.tls import Authority, Signer
from sitewarden.services.backups import place
from sitewarden.store.backup.repository import Repo
from sitewarden.store.backup.shelf import Shelf
from sitewarden.store.backup.taking import Memory, Source, Taker
from sitewarden.store.sqlite.moment import moment
from sitewarden.wire import backup as form
from sitewarden.wire.backup import Backup, Contents, Head, Passphrase, Repository

VARIABLE: Final = "SITEWARDEN_BACKUP_PASSPHRASE"
SHORTEST: Final = 10
"""Characters of a passphrase."""
_SPARE: Final = 64 << 20
PEM_END: Final = "-----END CERTIFICATE-----\n"
COLUMNS: Final = (
    ("id", "id"), ("made", "shows the moment"), ("node", "node"), ("files", "files"), ("size", "size"), ("stored", "added"),
    ("media", "recordings"), ("version", "version"),
)  # fmt: skip


class Pinned(msgspec.Struct):
    """What this node knows of a repository: its public key, and the secret that names pieces there."""

    public: bytes
    secret: bytes


def run(
    settings_path: Path | None, destination: str | None, *, media: bool, passphrase_file: Path | None, public: str, json: bool
) -> int:
    """Make a backup, tell the node how it went, and return the exit status."""
    settings = settled(settings_path)
    own = settings.backup
    if destination is None and not own.destination:
        raise Invalid(
            "It is not said where to.",
            where="DEST",
            remedy='Give a folder or s3://BUCKET/FOLDER, or set destination under "[backup]" in the settings.',
        )
    folder = place(destination or own.destination)
    scheduled = bool(own.destination) and folder == place(own.destination)
    started = time.monotonic()
    try:
        head = take(
            settings,
            settings_path,
            folder,
            media=media or (scheduled and own.media),
            passphrase_file=passphrase_file or (Path(own.passphrase_file) if own.passphrase_file else None),
            public=public or own.public_key,
            shown=not json and sys.stderr.isatty(),
        )
    except Refusal as refusal:
        _tell(settings, Outcome(destination=folder, problem=str(refusal)))
        raise
    freed = prune(settings, folder) if scheduled else 0
    outcome = Outcome(
        destination=folder,
        done=head.made,
        id=head.id,
        bytes=head.size,
        stored=head.stored,
        seconds=round(time.monotonic() - started, 1),
    )
    _tell(settings, outcome)
    if json:
        show.as_json({**msgspec.to_builtins(outcome), "files": head.files, "freed": freed})
    else:
        show.out.print(
            f"Backup {head.id}: {head.files} files, {show.size(head.size)}, of which {show.size(head.stored)} were new."
            + (f" {show.size(freed)} of older ones were freed." if freed else ""),
            soft_wrap=True,
        )
    return 0


def take(
    settings: Settings,
    settings_path: Path | None,
    destination: str | Path,
    *,
    media: bool,
    passphrase_file: Path | None = None,
    public: str = "",
    shown: bool = False,
) -> Head:
    """Make a backup. Whatever ends it, the older ones are whole, and what was stored serves the next."""
    places = Places.of(settings)
    where = place(str(destination))
    if not where.startswith(S3) and places.data.absolute() in (Path(where), *Path(where).parents):
        raise Invalid("The folder lies in the data directory.", where=where, remedy="Give one on another disk.")
    with _alone(places), _declared(settings, where):
        repo, secret = _repository(places, shelf(where, settings), passphrase_file, public)
        with repo.writing(), _bar(shown) as told:
            return _take(settings, settings_path, places, repo, secret, media, told)


def _take(
    settings: Settings, settings_path: Path | None, places: Places, repo: Repo, secret: bytes, media: bool, told: Any
) -> Head:
    taker = Taker(repo, secret, told)
    databases, files, later = sources(settings, places)
    taker.take(files)
    path = settings_path or Path(os.environ.get("SITEWARDEN_SETTINGS", "sitewarden.toml"))
    if path.is_file():
        taker.take([Source(read=path, path="sitewarden.toml", kind="settings")])
    shutil.rmtree(places.backup_copies, ignore_errors=True)
    places.backup_copies.mkdir(parents=True, mode=0o700)
    try:
        with moment(databases) as held:
            made = time.time_ns() // 1000
            free, need = shutil.disk_usage(places.backup_copies).free, held.sizes() + _SPARE
            if free < need:
                raise StorageFull(
                    f"Copies of the databases take {show.size(need)}, and {show.size(free)} are free.",
                    where=str(places.data),
                    remedy="Free space on the disk of the data directory while the backup is made.",
                )
            for database in databases:
                held.copy(database, places.backup_copies / database.name)
            events, audit = held.events, held.audit
        names = [str(one.relative_to(places.data)) for one in databases]
        if is_postgres(settings.database.url):
            names += [one.name for one in copy_database(settings, places.backup_copies)]
            events, audit = tops(places.backup_copies)
        taker.take(Source(read=places.backup_copies / Path(one).name, path=one, kind="database") for one in names)
        taker.take(later)
        if media:
            memory = Memory(places.backup_memory(repo.about.id))
            taker.take(recordings(settings, places.backup_copies), memory)
            memory.keep()
    finally:
        shutil.rmtree(places.backup_copies, ignore_errors=True)
    id_ = f"{to_datetime(made):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    contents = Contents(files=taker.files, events=events, audit=audit)
    wrapped, sealed = form.seal_contents(repo.about, id_, contents)
    head = Head(
        format=form.FORMAT,
        id=id_,
        repository=repo.about.id,
        node=settings.node,
        version=__version__,
        made=made,
        files=len(taker.files),
        size=taker.size,
        stored=taker.stored,
        media=media,
        pieces=taker.pieces(),
        wrapped=wrapped,
        sealed_sha256=form.digest_of(sealed),
    )
    body = msgspec.msgpack.encode(head)
    authority = Authority.open(places.tls)
    identity = authority.node(settings.node)
    repo.add(
        head,
        Backup(
            body,
            sealed,
            Signer(identity).sign(form.CONTEXT + body),
            identity.certificate.read_text().partition(PEM_END)[0] + PEM_END,
            authority.pem.decode(),
        ),
    )
    return head


def prune(settings: Settings, destination: str | Path) -> int:
    """Delete the backups that the settings keep no longer; return the bytes that this freed."""
    own, repo = settings.backup, Repo.open(shelf(destination, settings))
    with repo.writing():
        made = {id_: repo.head(id_) for id_ in repo.ids()}
        # Another node may keep its backups in the same folder: each looks after its own.
        mine = [(id_, head.made) for id_, head in made.items() if head.node == settings.node]
        stays = kept(mine, ZoneInfo("UTC"), days=own.keep_days, weeks=own.keep_weeks, months=own.keep_months)
        gone = {id_ for id_, _ in mine} - stays
        return repo.remove(gone) if gone else 0


@contextmanager
def _declared(settings: Settings, where: str) -> Iterator[None]:
    """Have the server of a bucket in the ledger while a backup is made."""
    if not where.startswith(S3):
        yield
        return
    host, number = server(remote(where, settings))
    declared = LocalNetwork(settings, "core").declare("s3", host, number)
    try:
        yield
    finally:
        declared.close()


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Hold the node's own lock: one backup at a time, whatever its destination."""
    places.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (places.run / "backup.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("A backup of this node is being made already.", remedy="Wait until it is done.") from None
        yield


def _repository(places: Places, there: Shelf, passphrase_file: Path | None, public: str) -> tuple[Repo, bytes]:
    """Open the repository, or begin it; return it with this node's secret there.

    Whoever can write to the folder could put another key there: the one that was first used counts, and a repository that this
    node does not know is used only with the passphrase or public key that belongs to it.
    """
    pinned = _pinned(places)

    def new() -> Repository:
        if public:
            return form.new_repository(public=form.read_public(public))
        return form.new_repository(passphrase=passphrase(passphrase_file, new=True))

    repo = Repo.opened(there, new)
    about = repo.about
    known = pinned.get(about.id)
    if known is None:
        if public and form.read_public(public) != about.public:
            raise Forbidden(
                "The backups there are for another key.", where=repo.where, remedy="Give another folder, or that key."
            )
        if not public and isinstance(about.opens, Passphrase):
            form.private_key(about, passphrase=passphrase(passphrase_file))
        elif not public:
            raise Forbidden("These backups are sealed to a key.", where=repo.where, remedy="Give it with --public-key.")
        known = pinned[about.id] = Pinned(about.public, secrets.token_bytes(32))
        _pin(places, pinned)
    elif known.public != about.public:
        raise Forbidden(
            "The key of this place is not the one that this node knows: somebody changed it.",
            where=repo.where,
            remedy="Find out who; make backups to another place.",
        )
    return repo, known.secret


def _pinned(places: Places) -> dict[str, Pinned]:
    try:
        return msgspec.json.decode(places.backup_keys.read_bytes(), type=dict[str, Pinned])
    except FileNotFoundError:
        return {}


def _pin(places: Places, pinned: dict[str, Pinned]) -> None:
    draft = places.backup_keys.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(pinned))
    draft.replace(places.backup_keys)


def passphrase(file: Path | None, *, new: bool = False) -> str:
    """Return the passphrase: of a file, of the environment, or asked for. A new one must have ten characters."""
    given = os.environ.get(VARIABLE, "")
    if file is not None:
        try:
            if file.stat().st_mode & 0o077:
                raise Refusal("Others may read the passphrase.", where=str(file), remedy=f"Run: chmod 600 {file}")
            given = file.read_text(encoding="utf-8").strip("\r\n")
        except OSError as error:
            raise Refusal(
                f"The passphrase cannot be read: {error.strerror}.", where=str(file), remedy="Check the file."
            ) from None
    elif not given and sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the backups: ")
        if new and getpass.getpass("Again: ") != given:
            raise Invalid("The two are not the same.", where="passphrase", remedy="Try again.")
    if not given:
        raise Invalid(
            "There is no passphrase.", where="passphrase", remedy=f"Give --passphrase-file, {VARIABLE}, or a --public-key."
        )
    if new and len(given) < SHORTEST:
        raise Invalid(
            f"The passphrase has {len(given)} characters.", where="passphrase", remedy=f"Take {SHORTEST} or more; words are best."
        )
    return given


def _tell(settings: Settings, outcome: Outcome) -> None:
    """Have the node write down how it went; a node that cannot is no reason to fail."""

    async def work(ask: Ask) -> None:
        await ask("backup.note", outcome=msgspec.to_builtins(outcome))

    try:
        with_platform(settings, work)
    except Refusal as refusal:
        show.err.print(f"The node was not told of it: {refusal}", soft_wrap=True)


@contextmanager
def _bar(shown: bool) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=show.err, transient=True, disable=not shown) as bar:
        task = bar.add_task("backup", total=None)
        yield lambda size: bar.advance(task, size)


# -- what is there -----------------------------------------------------------------------------------------------------------


def listed(source: str | Path, settings_path: Path | None = None, *, json: bool) -> int:
    """Show the backups of a place; return 1 where one cannot be read."""
    repo = opened(source, settings_path)
    rows: list[dict[str, Any]] = []
    for id_ in repo.ids():
        try:
            head = repo.head(id_)
        except Refusal as refusal:
            rows.append({"id": id_, "problem": refusal.what})
            continue
        rows.append({name: getattr(head, name) for name in ("id", "node", "version", "made", "files", "size", "stored", "media")})
    if json:
        show.as_json(rows)
    else:
        told = [
            {**row, "made": show.moment(row["made"]), "size": show.size(row["size"]), "stored": show.size(row["stored"])}
            if "made" in row
            else {**row, "made": row["problem"]}
            for row in rows
        ]
        show.table(told, COLUMNS, empty="There are no backups yet.")
    return 1 if any("problem" in row for row in rows) else 0


def key(output: Path) -> int:
    """Make a key pair: the private key to a file, the public one to the screen."""
    private = form.new_key()
    try:
        with open(output, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(form.key_text(private) + "\n")
    except OSError as error:
        raise Refusal(f"The key cannot be written: {error.strerror}.", where=str(output), remedy="Give a new file.") from None
    show.out.print(form.public_text(form.public_of(private)), soft_wrap=True)
    show.err.print(f"{output} alone opens the backups: keep it away from the server, in two places.", soft_wrap=True)
    return 0
