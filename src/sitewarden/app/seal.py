"""`sitewarden seal`: a secret that stands in the settings, sealed for this node as those in its state are."""

from __future__ import annotations

from pathlib import Path

from sitewarden.app import show
from sitewarden.app.backup_place import SEALED
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.app.volumes import place_of
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import is_id
from sitewarden.services.secrets import SecretBox


def seal(settings_path: Path | None, what: str, secret: str) -> None:
    """Print the line of the settings that holds the key of a bucket; `what` is "volumes.<id>" or "backup"."""
    section, _, id_ = what.partition(".")
    if what != "backup" and (section != "volumes" or not is_id(id_)):
        raise Invalid(
            f"{what!r} has no secret in the settings", where="what", remedy="Say backup, or volumes.ID, such as volumes.cloud."
        )
    if not secret:
        raise Invalid("the secret is empty", where="secret")
    box = SecretBox.load(Places.of(settled(settings_path)).secrets)
    sealed = box.seal(secret, SEALED if what == "backup" else place_of(id_)).sealed
    show.out.print(f'secret_access_key = "{sealed}"', soft_wrap=True, markup=False, highlight=False)
