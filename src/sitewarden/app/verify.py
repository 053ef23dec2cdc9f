"""`sitewarden verify`: whether an export of recordings or events is as the server wrote it. Needs no node and no connection."""

from __future__ import annotations

import hashlib
import ssl
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography import x509

from sitewarden.app import show
from sitewarden.domain import history
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.domain.history import EventManifest
from sitewarden.domain.video import export
from sitewarden.domain.video.export import AUTHORITY, BESIDE, CERTIFICATE, MANIFEST, SIGNATURE, Manifest
from sitewarden.net.tls import Verifier, certificate_fingerprint

CHUNK: Final = 1 << 20
MAX_BESIDE: Final = 16 << 20
FORMS: Final[dict[str, tuple[type[Manifest] | type[EventManifest], bytes]]] = {
    export.FORMAT: (Manifest, export.CONTEXT),
    history.FORMAT: (EventManifest, history.CONTEXT),
}
"""Form of a manifest to its model, and to what stands before it in what is signed."""
EVENT_COLUMNS: Final = (("name", "file"), ("rows", "events"), ("outcome", "outcome"))
COLUMNS: Final = (("name", "file"), ("camera_name", "camera"), ("from", "from"), ("to", "to"), ("outcome", "outcome"))
_PEM_END: Final = "-----END CERTIFICATE-----\n"


def verify(path: Path, ca: Path | None, *, json: bool) -> int:
    """Check an export and say what was found; return 0 where all holds, 1 where not."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = examine(archive, ca)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise Invalid(f"{path} cannot be read: {error}.", where=str(path), remedy="Give a whole export, a ZIP file.") from None
    if json:
        show.as_json(told)
        return 0 if told["ok"] else 1
    if told["manifest"]["format"] == history.FORMAT:
        show.table(told["files"], EVENT_COLUMNS)
        show.out.print(f"It answers the search {msgspec.json.encode(told['manifest']['search']).decode()}.")
        if told["manifest"]["truncated"]:
            show.out.print("It ends at the limit of an export: there are more events.")
    else:
        rows = [{**one, "from": show.moment(one["start"]), "to": show.moment(one["end"])} for one in told["files"]]
        show.table(rows, COLUMNS, empty="It holds no recordings.")
    for line in told["wrong"]:
        show.out.print(f"WRONG  {line}")
    if told["ok"]:
        made = told["manifest"]
        show.out.print(
            f"Every file is as {made['node']} of {made['site']} wrote it at {show.moment(made['made'])} for {made['by']}."
        )
        show.out.print(
            f"Reason: {made['reason'] or 'none was given'}. Audit log: entry {made['audit']['id']}, {made['audit']['hash']}."
        )
        show.out.print(f"Site's authority (SHA-256): {told['authority']}")
        if ca is None:
            show.out.print("Compare this fingerprint with the site's own, or give the site's ca.pem with --ca.")
    return 0 if told["ok"] else 1


def examine(archive: zipfile.ZipFile, ca: Path | None) -> dict[str, Any]:
    """Return what the export says, what of it holds, and what is wrong. Raises Invalid where it is no export."""
    members = {one.filename: one for one in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise Invalid("It holds two files of one name.", where=MANIFEST, remedy="It was changed; ask for the export again.")
    beside = {name: _small(archive, members, name) for name in (MANIFEST, SIGNATURE, CERTIFICATE, AUTHORITY)}
    manifest = _manifest(beside[MANIFEST])
    wrong, authority = _signature(beside, manifest, ca)
    files = [
        {**msgspec.to_builtins(one), "outcome": _outcome(archive, members, one.name, one.bytes, one.sha256)}
        for one in manifest.files
    ]
    wrong += [f"{one['name']}: {one['outcome']}" for one in files if one["outcome"] != "as written"]
    named = {one.name for one in manifest.files} | BESIDE
    wrong += [f"{name} is in the export and not in its manifest" for name in members if name not in named]
    return {
        "ok": not wrong,
        "wrong": wrong,
        "authority": authority,
        "manifest": {**msgspec.to_builtins(manifest), "files": len(files)},
        "files": files,
    }


class _Form(msgspec.Struct):
    format: str


def _manifest(data: bytes) -> Manifest | EventManifest:
    try:
        form = msgspec.json.decode(data, type=_Form).format
        if form not in FORMS:
            raise Invalid(f"It is of the form {form}.", where=MANIFEST, remedy="Take a newer `sitewarden verify`.")
        return msgspec.json.decode(data, type=FORMS[form][0])
    except msgspec.MsgspecError as error:
        raise Invalid(f"The manifest cannot be read: {error}.", where=MANIFEST) from None


def _signature(beside: dict[str, bytes], manifest: Manifest | EventManifest, ca: Path | None) -> tuple[list[str], str]:
    try:
        trusted = x509.load_pem_x509_certificate(ca.read_bytes() if ca else beside[AUTHORITY])
        certificate = ssl.PEM_cert_to_DER_cert(beside[CERTIFICATE].decode("ascii").partition(_PEM_END)[0] + _PEM_END)
        fingerprint = certificate_fingerprint(
            ssl.PEM_cert_to_DER_cert((ca.read_bytes() if ca else beside[AUTHORITY]).decode("ascii"))
        )
    except (ValueError, OSError) as error:
        return [f"a certificate cannot be read: {error}"], ""
    try:
        writer = Verifier(trusted).writer(certificate, FORMS[manifest.format][1] + beside[MANIFEST], beside[SIGNATURE])
    except Refusal as refusal:
        return [f"the manifest is not as it was signed: {refusal.what}"], fingerprint
    wrong = []
    if not writer.ours:
        whose = "the authority that was given" if ca else "the authority in the export"
        wrong.append(f"the certificate is not by {whose}, or has run out")
    if writer.node != manifest.node:
        wrong.append(f"it was signed by {writer.node}, and says that it is by {manifest.node}")
    return wrong, fingerprint


def _outcome(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, size: int, sha256: str) -> str:
    member = members.get(name)
    if member is None:
        return "missing"
    if member.file_size != size or member.compress_type != zipfile.ZIP_STORED:
        return f"changed: it has {member.file_size} bytes, not {size}"
    digest = hashlib.sha256()
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        return f"damaged: {error}"
    return "as written" if digest.hexdigest() == sha256 else "changed: its SHA-256 is another"


def _small(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    member = members.get(name)
    if member is None or member.file_size > MAX_BESIDE or member.compress_type != zipfile.ZIP_STORED:
        raise Invalid(
            f"It has no {name}, so it is no export of this product.", where=name, remedy="Give the ZIP as it was downloaded."
        )
    return archive.read(member)
