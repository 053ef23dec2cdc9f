"""A secret of the settings, sealed from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sitewarden.app import seal as work
from sitewarden.app.places import Places
from sitewarden.app.volumes import place_of
from sitewarden.cli import app
from sitewarden.config import Settings
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Invalid
from sitewarden.services.secrets import SecretBox


def test_the_line_opens_at_its_volume_alone_and_no_secret_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=str(tmp_path), bind="127.0.0.1")
    places = Places.of(settings)
    places.keys.mkdir(parents=True)
    box = SecretBox.load(places.secrets)
    monkeypatch.setattr(work, "settled", lambda path: settings)
    done = CliRunner().invoke(app, ["seal", "volumes.cloud"], input="kS5tRZ0wJ8\n", catch_exceptions=False)
    assert done.exit_code == 0 and "kS5tRZ0wJ8" not in done.output
    line = next(line for line in done.output.splitlines() if line.startswith("secret_access_key"))
    sealed = Secret(sealed=line.partition('"')[2].rstrip('"'))
    assert box.open(sealed, place_of("cloud")) == "kS5tRZ0wJ8"
    with pytest.raises(Invalid, match="has no secret"):
        CliRunner().invoke(app, ["seal", "ports.web"], input="x\n", catch_exceptions=False)
