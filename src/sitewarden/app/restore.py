"""`sitewarden restore` and `sitewarden backup verify`: whether a backup is whole, and a site of it in an empty directory."""

from __future__ import annotations

import hashlib
import re
import ssl
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from sitewarden.app import show
from sitewarden.app.backup import PEM_END, passphrase
from sitewarden.app.backup_place import opened
from sitewarden.config.database import is_postgres
from sitewarden.config.edit import with_database
from sitewarden.config.toml import value_text
from sitewarden.domain.errors import Forbidden, Invalid, NotFound, Refusal
from sitewarden.domain.video.model import MAIN
from sitewarden.net.tls import Verifier, certificate_fingerprint
from sitewarden.store.backup import restoring
from sitewarden.store.backup.repository import Repo
from sitewarden.store.interfaces import Finding
from sitewarden.store.sqlite import fsck
from sitewarden.store.sqlite.unrestored import forget
from sitewarden.wire import backup as form
from sitewarden.wire.backup import Backup, Contents, Head, KeyFile

SETTINGS: Final = "sitewarden.toml"


def verify(
    source: str | Path,
    id_: str,
    *,
    deep: bool,
    passphrase_file: Path | None,
    key_file: Path | None,
    ca: Path | None,
    json: bool,
    settings_path: Path | None = None,
) -> int:
    """Say whether backups are whole: each stored piece by its check, and with `deep` every file by opening it."""
    repo = opened(source, settings_path)
    ids = [_chosen(repo, id_)] if id_ else repo.ids()
    if not ids:
        raise NotFound("There are no backups yet.", where=str(source), remedy="`sitewarden backup` makes one.")
    with _bar("pieces", not json) as (bar, task):
        wrong = repo.damage(ids, lambda done, total: bar.update(task, completed=done, total=total))
    signed: dict[str, str] = {}
    private = _private(repo, passphrase_file, key_file) if deep else b""
    for one in ids:
        if any(line.startswith(f"{one}:") for line in wrong):
            continue
        try:
            head, backup = repo.backup(one)
            signed[one] = _signed(head, backup, ca)
            if deep:
                _read_all(repo, form.open_contents(private, head, backup.sealed), shown=not json)
        except Refusal as refusal:
            wrong.append(f"{one}: {refusal}")
    if json:
        show.as_json({"ok": not wrong, "backups": ids, "wrong": wrong, "authorities": signed})
        return 1 if wrong else 0
    for line in wrong:
        show.out.print(f"WRONG  {line}", soft_wrap=True, markup=False)
    if not wrong:
        show.out.print(f"{len(ids)} backups are whole{'; every file of them was opened' if deep else ''}.")
        for authority in sorted(set(signed.values())):
            show.out.print(f"Signed by nodes of the site whose authority is (SHA-256) {authority}", soft_wrap=True)
    return 1 if wrong else 0


def restore(
    source: str | Path,
    target: Path,
    id_: str,
    *,
    recordings: bool,
    passphrase_file: Path | None,
    key_file: Path | None,
    ca: Path | None,
    json: bool,
    settings_path: Path | None = None,
) -> int:
    """Put a backup into an empty directory, whole and checked, or not at all."""
    repo = opened(source, settings_path)
    head, backup = repo.backup(_chosen(repo, id_))
    authority = _signed(head, backup, ca)
    contents = form.open_contents(_private(repo, passphrase_file, key_file), head, backup.sealed)
    target = target.expanduser().absolute()
    restoring.room(contents, target, recordings=recordings)
    total = sum(one.size for one in contents.files if recordings or one.kind != "recording")
    with restoring.draft(target) as folder:
        with _bar("restore", not json) as (bar, task):
            bar.update(task, total=total)
            count = restoring.fill(repo, contents, folder, lambda size: bar.advance(task, size), recordings=recordings)
        without = _settle_recordings(folder)
        findings = _checked(folder)
        if findings:
            raise Invalid(
                f"The restored stores are not whole: {findings[0].what}", where=findings[0].where, remedy="Take an older backup."
            )
        text, came_from = into_files(settings_text(restoring.text_of(repo, contents), target))
        (folder / SETTINGS).write_text(text)
        (folder / SETTINGS).chmod(0o600)
    told = {
        "id": head.id, "node": head.node, "made": head.made, "files": count, "bytes": total, "events": contents.events,
        "audit": contents.audit, "recordings_missing": without, "authority": authority, "data_dir": str(target),
        "settings": str(target / SETTINGS), "database_was": came_from,
    }  # fmt: skip
    if json:
        show.as_json(told)
        return 0
    show.out.print(
        f"Restored {count} files of the backup {head.id} to {target}: {head.node} as of {show.moment(head.made)}.", soft_wrap=True
    )
    show.out.print(f"Its stores are whole: events up to {contents.events}, audit entries up to {contents.audit}.")
    if came_from:
        show.out.print(
            f"Its stores came from {came_from} and lie in files now; `sitewarden migrate-database --to URL` moves them.",
            soft_wrap=True,
        )
    if without:
        show.out.print(f"{without} recordings are not in it; the timeline shows them as gaps.")
    if any(one.volume not in ("", MAIN) for one in contents.files) and recordings:
        show.out.print(
            f"Recordings of other volumes lie in {target}/volumes: move them, or name them in the settings.", soft_wrap=True
        )
    show.out.print(f"Signed by a node of the site whose authority is (SHA-256) {authority}", soft_wrap=True)
    show.out.print(
        f"Look through {target / SETTINGS}, see that the old server is off, then: sitewarden run -s {target / SETTINGS}",
        soft_wrap=True,
    )
    return 0


def settings_text(text: str, data: Path) -> str:
    """Return the settings with another data directory; what a person wrote stays otherwise."""
    line = f"data_dir = {value_text(str(data))}"
    found, count = re.subn(r"(?m)^data_dir[ \t]*=.*$", lambda match: line, text, count=1)
    if not count:
        found = f"{line}\n{text}"
    try:
        if tomllib.loads(found).get("data_dir") == str(data):
            return found
    except tomllib.TOMLDecodeError:
        pass
    return f"# The settings in the backup could not be edited. They were:\n{line}\n" + "".join(
        f"# {one}\n" for one in text.splitlines()
    )


def into_files(text: str) -> tuple[str, str]:
    """Return settings that name no database, since files are what is restored, and the database that they named."""
    url = str(tomllib.loads(text).get("database", {}).get("url", ""))
    return (with_database(text, {}), url) if is_postgres(url) else (text, "")


def _chosen(repo: Repo, id_: str) -> str:
    ids = repo.ids()
    if not ids:
        raise NotFound("There are no backups yet.", where=repo.where, remedy="`sitewarden backup` makes one.")
    return id_ or ids[-1]


def _private(repo: Repo, passphrase_file: Path | None, key_file: Path | None) -> bytes:
    if key_file is not None:
        try:
            return form.private_key(repo.about, key=form.read_key(key_file.read_text()))
        except OSError as error:
            raise Refusal(f"The key cannot be read: {error.strerror}.", where=str(key_file), remedy="Check the file.") from None
    if isinstance(repo.about.opens, KeyFile):
        raise Forbidden("These backups are opened by a key, not by a passphrase.", where="key", remedy="Give it with --key FILE.")
    return form.private_key(repo.about, passphrase=passphrase(passphrase_file))


def _signed(head: Head, backup: Backup, ca: Path | None) -> str:
    """Return the fingerprint of the authority of the node that signed; raises Invalid or Forbidden where that does not hold."""
    try:
        trusted = ca.read_text() if ca else backup.authority
        certificate = ssl.PEM_cert_to_DER_cert(backup.certificate.partition(PEM_END)[0] + PEM_END)
        authority = x509.load_pem_x509_certificate(trusted.encode())
        fingerprint = certificate_fingerprint(ssl.PEM_cert_to_DER_cert(trusted.partition(PEM_END)[0] + PEM_END))
    except (ValueError, OSError) as error:
        raise Invalid(
            f"A certificate cannot be read: {error}.", where=str(ca or head.id), remedy="Give the site's ca.pem."
        ) from None
    writer = Verifier(authority).writer(certificate, form.CONTEXT + backup.head, backup.signature)
    if writer.node != head.node:
        raise Invalid(
            f"It was signed by {writer.node}, and says that it is of {head.node}.", where=head.id, remedy="Take another."
        )
    if ca and not writer.ours:
        raise Forbidden("It was not signed by a node of this site.", where=head.id, remedy="Take a backup of the site's own.")
    return fingerprint


def _read_all(repo: Repo, contents: Contents, *, shown: bool) -> None:
    with _bar("files", shown) as (bar, task):
        bar.update(task, total=sum(one.size for one in contents.files))
        for file in contents.files:
            digest, size = hashlib.sha256(), 0
            for piece in file.pieces:
                data = repo.get(piece)
                digest.update(data)
                size += len(data)
                bar.advance(task, len(data))
            if size != file.size or digest.digest() != file.sha256:
                raise Invalid("A file is not as it was taken.", where=file.path, remedy="Take another backup.")


def _settle_recordings(folder: Path) -> int:
    """Have the indexes tell of gaps where the recordings did not come along; return how many did not."""

    def there(volume: str, path: str) -> bool:
        return (folder / "media" / path if volume == MAIN else folder / "volumes" / volume / path).is_file()

    return sum(forget(index, there) for index in sorted(folder.glob("segments-*.db")))


def _checked(folder: Path) -> list[Finding]:
    volumes = {MAIN: folder / "media", **{one.name: one for one in (folder / "volumes").glob("*") if one.is_dir()}}
    findings = fsck.check_all(folder, volumes)
    for path in folder.rglob("*.db-*"):
        path.unlink()
    return findings


@contextmanager
def _bar(what: str, shown: bool) -> Iterator[tuple[Progress, Any]]:
    columns = (TextColumn("{task.description}"), BarColumn(), *([] if what == "pieces" else [DownloadColumn()]))
    with Progress(*columns, console=show.err, transient=True, disable=not shown) as bar:
        yield bar, bar.add_task(what, total=None)
