"""Who imports whom: the contracts of pyproject.toml, and what they cannot say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sitewarden.kit.quality import imports, impure
from tests.arch.source import ROOT, SIM, SRC, driver_name, drivers, files


def test_the_contracts_of_pyproject_hold() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert checked.returncode == 0, checked.stdout[-3000:] + checked.stderr[-1000:]


def test_av_is_imported_in_codec_and_sim_alone() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in (*files(SRC), *files(SIM))
        if any(name.split(".")[0] == "av" for name in imports(path))
    ]
    assert [name for name in found if not name.startswith(("src/sitewarden/codec/", "sim/"))] == []


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("pymodbus", ""),
        ("asyncua", "drivers"),
        ("uvloop", "net"),
        ("argon2", "services"),
        ("sqlalchemy", "store"),
        ("sqlite3", "store nodes app"),
        ("litestar", "api"),
        ("osdp", ""),
        ("osdp_sys", "nodes"),
        ("gpiod", "nodes"),
    ],
)
def test_a_library_stays_in_its_room(library: str, homes: str) -> None:
    users = {path.relative_to(SRC).parts[0] for path in files(SRC) if any(n.split(".")[0] == library for n in imports(path))}
    assert users <= set(homes.split())


def test_codecs_and_mappings_of_drivers_are_pure() -> None:
    pure = [
        path
        for folder in drivers()
        for path in files(folder)
        if path.stem == "mapping" or "wire" in (path.stem, path.parent.name)
    ]
    assert pure
    found = [f"{path.relative_to(ROOT)} imports {name}" for path in pure for name in imports(path) if impure(name)]
    assert found == []


def test_a_driver_knows_no_other_driver() -> None:
    for folder in drivers():
        others = tuple(f"sitewarden.drivers.{one.name}." for one in drivers() if not folder.is_relative_to(one))
        found = [
            f"{path.relative_to(ROOT)}: {name}" for path in files(folder) for name in imports(path) if name.startswith(others)
        ]
        assert found == []


def test_the_registry_names_every_driver() -> None:
    from sitewarden.drivers.registry import DRIVERS as TABLE

    assert {driver_name(folder) for folder in drivers()} <= set(TABLE)
    assert all(package == f"sitewarden.drivers.{name.replace('-', '.')}" for name, package in TABLE.items())
