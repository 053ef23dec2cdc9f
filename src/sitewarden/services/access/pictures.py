"""Pictures of people: files beside the state, each encrypted under a key of that person alone. Does I/O on files, in threads.

The key lies in the holder's entity, sealed with the node's own. Who deletes the holder destroys it; the file, or a copy of it in
a backup without the state, is noise from then on.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets as random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sitewarden.domain.access.people import CredentialHolder
from sitewarden.domain.access.pictures import look_at
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import NotFound, Refusal, Unreachable
from sitewarden.domain.events import Event
from sitewarden.domain.refs import is_id, ref
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.secrets import SecretBox
from sitewarden.services.surface.identity import Nothing
from sitewarden.services.surface.pictures import Picture, PictureRef, SetPicture
from sitewarden.store.interfaces import AuditEntry, Change, Held, StateStore

KIND: Final = "credential-holder"
NONCE: Final = 12


class Pictures:
    """The operations of pictures. `folder` holds a folder a person, and in it the picture, named by its content."""

    def __init__(self, state: StateStore, clock: Clock, secrets: SecretBox, folder: Path) -> None:
        self._state = state
        self._clock = clock
        self._secrets = secrets
        self._folder = folder
        self._origin = f"pictures/{clock.now()}"
        self._count = 0
        state.watch(self._changed)

    def operations(self) -> list[Operation]:
        """Return the operations; who may read or change the holder may do so with the picture."""

        def reference(params: PictureRef | SetPicture) -> str:
            return ref(KIND, params.id)

        read, change = f"{KIND}.get", f"{KIND}.update"
        return [
            Operation("pictures.get", read, PictureRef, Picture, self._get, reference),
            Operation("pictures.set", change, SetPicture, Nothing, self._set, reference, own_audit=True),
            Operation("pictures.remove", change, PictureRef, None, self._remove, reference, own_audit=True),
        ]

    async def _get(self, caller: Caller, params: PictureRef) -> Picture:
        holder, _ = self._holder(params.id)
        if not holder.picture or holder.picture_key is None:
            raise NotFound("There is no picture.", where=ref(KIND, params.id), remedy="Send one with PUT.")
        cipher = AESGCM(self._key(holder, holder.picture_key))
        try:
            box = await asyncio.to_thread(self._path(holder.id, holder.picture).read_bytes)
            content = cipher.decrypt(box[:NONCE], box[NONCE:], holder.id.encode())
        except (OSError, InvalidTag, ValueError):
            raise Unreachable(
                "The picture cannot be read.",
                where=ref(KIND, params.id),
                remedy="Put the file back from a backup, or send it again.",
            ) from None
        facts = look_at(content)
        return Picture(media_type=facts.media_type, width=facts.width, height=facts.height, content=content)

    async def _set(self, caller: Caller, params: SetPicture) -> Nothing:
        look_at(params.content)
        holder, revision = self._holder(params.id)
        key = holder.picture_key or self._secrets.seal(random.token_bytes(32).hex(), self._place(holder.id))
        nonce = random.token_bytes(NONCE)
        box = nonce + AESGCM(self._key(holder, key)).encrypt(nonce, params.content, holder.id.encode())
        name = hashlib.sha256(params.content).hexdigest()
        try:
            await asyncio.to_thread(_write, self._path(holder.id, name), box)
        except OSError as error:
            raise Unreachable(
                f"The picture cannot be kept: {error.strerror}.", where=ref(KIND, params.id), remedy="Check the server's disk."
            ) from None
        await self._store(caller, msgspec.structs.replace(holder, picture=name, picture_key=key), revision)
        return Nothing()

    async def _remove(self, caller: Caller, params: PictureRef) -> None:
        holder, revision = self._holder(params.id)
        if holder.picture:
            await self._store(caller, msgspec.structs.replace(holder, picture="", picture_key=None), revision)

    async def _store(self, caller: Caller, holder: CredentialHolder, revision: int) -> None:
        data = {"kind": KIND, "name": holder.name, "actor": caller.actor, "fields": ["picture"]}
        now, reference = self._clock.now(), ref(KIND, holder.id)
        self._count += 1
        event = Event(
            key=f"{self._origin}/{self._count}",
            type="config.updated",
            entity=reference,
            time=now,
            severity=severity("config.updated"),
            related=(caller.actor,),
            text=describe("config.updated", data),
            data=data,
        )
        entry = AuditEntry(
            time=now,
            actor=caller.actor,
            action=f"{KIND}.update",
            entity=reference,
            outcome="done",
            reason=caller.reason,
            detail={"fields": ["picture"]},
            remote=caller.remote,
        )
        change = Change(kind=KIND, id=holder.id, entity=holder, revision=revision)
        await self._state.apply([change], events=[event], audit=[entry])

    def _holder(self, id_: str) -> tuple[CredentialHolder, int]:
        held: Held | None = self._state.get(KIND, id_)
        if held is None or not isinstance(held.entity, CredentialHolder):
            raise NotFound(f"There is no {KIND} {id_!r}.", where=ref(KIND, id_), remedy="Look at the list for its id.")
        return held.entity, held.revision

    def _key(self, holder: CredentialHolder, sealed: Secret) -> bytes:
        return bytes.fromhex(self._secrets.open(sealed, self._place(holder.id)))

    @staticmethod
    def _place(id_: str) -> str:
        return f"{KIND}:{id_}/picture_key"

    def _path(self, id_: str, name: str) -> Path:
        if not is_id(id_) or len(name) != 64 or not name.isalnum():
            raise Refusal("This is no picture of ours.", where=ref(KIND, id_))
        return self._folder / id_ / name

    def _changed(self, changes: Sequence[Change]) -> None:
        """Take files away that nobody's picture is any more."""
        for change in changes:
            if change.kind != KIND:
                continue
            kept = change.entity.picture if isinstance(change.entity, CredentialHolder) else ""
            folder = self._folder / change.id
            if not is_id(change.id) or not folder.is_dir():
                continue
            for path in folder.iterdir():
                if path.name != kept:
                    path.unlink(missing_ok=True)
            if not kept:
                folder.rmdir()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
