"""Switch a person or a credential off or on in one step, with the reason in the audit log."""

from __future__ import annotations

from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import ref
from sitewarden.services.entities import Entities
from sitewarden.services.invoke import Reply
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.people import SetCredentialState, SetHolderState


class States:
    """The operations people.holder-state and people.credential-state."""

    def __init__(self, entities: Entities) -> None:
        self._entities = entities

    def operations(self) -> list[Operation]:
        """Return the operations; the right to change the entity is enough."""
        return [
            Operation(
                "people.holder-state",
                "credential-holder.update",
                SetHolderState,
                MESSAGES["credential-holder"].view,
                self._holder,
                lambda params: ref("credential-holder", params.id),
                own_audit=True,
            ),
            Operation(
                "people.credential-state",
                "credential.update",
                SetCredentialState,
                MESSAGES["credential"].view,
                self._credential,
                lambda params: ref("credential", params.id),
                own_audit=True,
            ),
        ]

    async def _holder(self, caller: Caller, params: SetHolderState) -> Reply:
        if not params.enabled and not params.reason.strip():
            raise Invalid("Switching a person off needs a reason.", where="reason", remedy="Say why; it goes into the audit log.")
        body = MESSAGES["credential-holder"].patch(enabled=params.enabled)
        return await self._entities.update("credential-holder", caller, params.id, body, reason=params.reason)

    async def _credential(self, caller: Caller, params: SetCredentialState) -> Reply:
        if params.enabled and params.disabled_reason:
            raise Invalid("What is enabled has no reason to be disabled.", where="disabled_reason", remedy="Leave it out.")
        body = MESSAGES["credential"].patch(enabled=params.enabled, disabled_reason=params.disabled_reason)
        return await self._entities.update("credential", caller, params.id, body, reason=params.reason)
