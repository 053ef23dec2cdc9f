"""`sitewarden seal`: a secret that stands in the settings, sealed for this node as those in its state are."""

from __future__ import annotations

from pathlib import Path

from sitewarden.app import show
from sitewarden.app.local import settled
from sitewarden.app.places import Places
from sitewarden.app.volumes import place_of
from sitewarden.domain.errors import Invalid
from sitewarden.domain.refs import is_id
from sitewarden.services.secrets import SecretBox


def seal(settings_path: Path | None, what: str, secret: str) -> None:
    """Print the line of the settings that holds the key of a bucket; `what` is "volumes.<id>"."""
    section, _, id_ = what.partition(".")
    if section != "volumes" or not is_id(id_):
        raise Invalid(f"{what!r} has no secret in the settings", where="what", remedy="Say volumes.ID, such as volumes.cloud.")
    if not secret:
        raise Invalid("the secret is empty", where="secret")
    box = SecretBox.load(Places.of(settled(settings_path)).secrets)
    show.out.print(
        f'secret_access_key = "{box.seal(secret, place_of(id_)).sealed}"', soft_wrap=True, markup=False, highlight=False
    )
