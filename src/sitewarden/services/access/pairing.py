"""Controllers that join, renew and leave: codes, the pending list, what is stored of them, certificates, revocation."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sitewarden.domain.access.model import Controller
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, Refusal
from sitewarden.domain.events import Event
from sitewarden.domain.refs import ref
from sitewarden.link.codes import Pending
from sitewarden.link.pairing import Paired, PairingDesk
from sitewarden.services.access.controllers import controller_of_ours
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.access import (
    ApproveController,
    CommandResult,
    PairingCode,
    PairingCodeRequest,
    PendingController,
    PendingControllers,
    RevokeController,
)
from sitewarden.services.surface.identity import Nothing
from sitewarden.store.interfaces import Change, StateStore
from sitewarden.wire.pairing import parse_code

log = logging.getLogger(__name__)

Emit = Callable[[list[Event]], Awaitable[None]]


class ControllerPairing:
    """The desk's other side. `certificate` (DER) is the listener's own, `ca` the site's (PEM), `sign` the CA's.

    `code_of` gives the commissioning code that the site holds of a controller, empty for none.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        emit: Emit,
        *,
        certificate: bytes,
        ca: bytes,
        sign: Callable[[bytes, str], bytes],
        code_of: Callable[[Controller], str] = lambda controller: "",
    ) -> None:
        self._state = state
        self._clock = clock
        self._emit = emit
        self._code_of = code_of
        self._sign, self._ca = sign, ca
        self._told: set[tuple[str, str]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._epoch = clock.now()
        self._count = 0
        self.desk = PairingDesk(
            certificate=certificate, ca=ca, sign=sign, paired=self._paired, clock=clock, pending=self._pending
        )

    def operations(self) -> list[Operation]:
        """Return the operations of controllers."""
        return [
            Operation("controllers.pending", "controller.approve", Nothing, PendingControllers, self._list, audit=False),
            Operation(
                "controllers.pairing-code",
                "controller.approve",
                PairingCodeRequest,
                PairingCode,
                self._code,
                lambda params: ref("controller", params.controller) if params.controller else "*",
            ),
            Operation(
                "controllers.approve",
                "controller.approve",
                ApproveController,
                CommandResult,
                self._approve,
                lambda params: ref("controller", params.id),
            ),
            Operation(
                "controllers.revoke",
                "controller.revoke",
                RevokeController,
                CommandResult,
                self._revoke,
                lambda params: ref("controller", params.id),
            ),
        ]

    async def certify(self, question: tuple[str, bytes, str, str]) -> tuple[bytes, bytes]:
        """Return (chain, CA) for (controller, signing request, fingerprint of the key that its link proves, its address).

        An empty fingerprint: the commissioning code proved it, and this is its first certificate.
        """
        id_, request, proven, address = question
        controller = controller_of_ours(self._state, id_)
        key = _key(request)
        fingerprint = hashlib.sha256(key).hexdigest()
        if proven and fingerprint != proven:
            raise Forbidden(
                "A certificate is renewed for the key of before alone.",
                where=ref("controller", id_),
                remedy="Pair it again to change its key.",
            )
        if not proven:
            if controller.revoked or controller.fingerprint not in ("", fingerprint):
                raise Forbidden(
                    f"Controller {controller.name} is paired with another key, or its pairing was revoked.",
                    where=ref("controller", id_),
                    remedy="Delete it and add it again if this is the right one.",
                )
            await self._paired(Paired(node=id_, model="", software="", address=address, public_key=key))
        return self._sign(request, id_), self._ca

    async def _revoke(self, caller: Caller, params: RevokeController) -> CommandResult:
        """Void the pairing: the driver drops the link at once, and refuses the controller until it is paired again."""
        reason = params.reason or caller.reason
        if not reason.strip():
            raise Invalid("This needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        while True:
            controller = controller_of_ours(self._state, params.id)
            held = self._state.get("controller", params.id)
            if held is None or (controller.revoked and not controller.fingerprint):
                raise Conflict("Its pairing is revoked already.", where=ref("controller", params.id))
            entity = msgspec.structs.replace(controller, fingerprint="", revoked=self._clock.now())
            change = Change(kind="controller", id=params.id, entity=entity, revision=held.revision)
            event = self._event("controller.revoked", params.id, {"name": entity.name, "actor": caller.actor, "reason": reason})
            try:
                await self._state.apply([change], events=[event])
            except Conflict:
                # Changed meanwhile, as by its pairing: whoever revokes means it as it is now.
                now = self._state.get("controller", params.id)
                if now is not None and now.revision == held.revision:
                    raise
                continue
            break
        return CommandResult(id=params.id)

    async def _list(self, caller: Caller, params: Nothing) -> PendingControllers:
        return PendingControllers(
            items=tuple(
                PendingController(
                    id=one.node,
                    name=one.model,
                    remote=one.address,
                    label=one.label,
                    since=one.time,
                    code_set=bool(self._held_code(one.node, one.label)),
                )
                for one in self.desk.pending
            )
        )

    async def _code(self, caller: Caller, params: PairingCodeRequest) -> PairingCode:
        if params.controller is not None:
            controller_of_ours(self._state, params.controller)
        entry = self.desk.new_code(params.controller or "")
        return PairingCode(code=str(entry.code), expires=entry.expires)

    async def _approve(self, caller: Caller, params: ApproveController) -> CommandResult:
        code = params.code or next(
            (code for one in self.desk.pending if one.node == params.id and (code := self._held_code(one.node, one.label))), ""
        )
        if not code:
            raise Invalid(
                f"The site does not hold the code that {params.id} shows.",
                where="code",
                remedy="Give the commissioning code of its label.",
            )
        self.desk.approve(params.id, code)
        return CommandResult(id=params.id)

    def _held_code(self, id_: str, label: str) -> str:
        """Return the commissioning code that the site holds, where it is the one that the waiting device shows."""
        held = self._state.get("controller", id_)
        code = self._code_of(held.entity) if held is not None and isinstance(held.entity, Controller) else ""
        return code if code and parse_code(code).label == label else ""

    async def _paired(self, paired: Paired) -> None:
        """Store who proved a code: a controller of the site, or a new one where the code names none."""
        held = self._state.get("controller", paired.node)
        fingerprint = hashlib.sha256(paired.public_key).hexdigest()
        if held is not None:
            known = controller_of_ours(self._state, paired.node)
            if not known.enabled:
                raise Conflict("The controller is disabled.", where=ref("controller", paired.node), remedy="Enable it first.")
            entity, revision = msgspec.structs.replace(known, fingerprint=fingerprint, revoked=None), held.revision
        else:
            entity, revision = Controller(id=paired.node, name=paired.node, fingerprint=fingerprint), 0
        change = Change(kind="controller", id=paired.node, entity=entity, revision=revision)
        data = {"name": entity.name, "address": paired.address, "fingerprint": fingerprint}
        await self._state.apply([change], events=[self._event("controller.paired", paired.node, data)])

    def _pending(self, pending: Pending) -> None:
        if (pending.node, pending.label) in self._told or len(self._told) > 1024:
            return
        self._told.add((pending.node, pending.label))
        event = self._event("controller.pending", pending.node, {"name": pending.node, "remote": pending.address})
        task = asyncio.get_running_loop().create_task(self._tell(event))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, event: Event) -> None:
        try:
            await self._emit([event])
        except Refusal as refusal:
            log.warning("%s is not in the log: %s", event.type, refusal)

    def _event(self, type_: str, node: str, data: dict[str, str]) -> Event:
        self._count += 1
        return Event(
            key=f"pairing/{self._epoch}/{self._count}",
            type=type_,
            entity=ref("controller", node),
            time=self._clock.now(),
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )


def _key(request: bytes) -> bytes:
    """Return the public key of a signing request as DER; raises Invalid."""
    try:
        asked = x509.load_pem_x509_csr(request)
        return asked.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError) as error:
        raise Invalid(f"The signing request cannot be read ({error}).", where="request") from None
