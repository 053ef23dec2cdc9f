"""The product's source as files and syntax trees, read once for all rules of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "sitewarden"
SIM = ROOT / "sim"
DRIVERS = SRC / "drivers"


@cache
def files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def drivers() -> list[Path]:
    """The folders of drivers: every package in `drivers`, and what stands in one as its other side (`modbus/server`)."""
    return sorted(
        {*(path.parent for path in DRIVERS.glob("*/__init__.py")), *(path.parent for path in DRIVERS.rglob("manifest.py"))}
    )


def driver_name(folder: Path) -> str:
    """The name in the registry: "modbus", "modbus-server"."""
    return "-".join(folder.relative_to(DRIVERS).parts)


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Calls in a file with the dotted name that is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)
