"""The kit's rules, and how a driver's quality.toml says that it meets them. Reads files alone."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

RULES: Final[dict[str, str]] = {
    "config-typed": "its settings are models of kit.config.Config, for each level that it has",
    "unknown-keys-refused": "a setting that it does not know is Misconfigured, with its place",
    "errors-mapped": "`run` ends with a DriverError or a Refusal of the network, and leaves trying again to supervise",
    "cancels-cleanly": "`run` ends at once when it is cancelled",
    "reconnects": "supervise brings it back after its peer was away",
    "health-once-per-change": "each change of health is one event",
    "no-port-without-device": "with no enabled device it opens nothing",
    "commands": "it carries out commands, and what it cannot do comes back as a refusal",
    "mapping-pure": "mapping.py does no I/O",
    "wrong-password-stops": "a refused password is Misconfigured, so that no account is locked by trying again",
    "simulator": "sim/ has its far end",
    "fuzzed-codec": "hostile bytes are refused, and nothing else happens",
    "interop": "it was tested against a peer that is not ours",
}
"""Rule to what it demands. A driver's quality.toml answers each: "done", { proof = "path" } or { exempt = "reason" }."""

PROVEN_BY_FILE: Final = frozenset({"wrong-password-stops", "simulator", "fuzzed-codec", "interop"})
"""Rules that need a peer: their proof names a file of the repository, or a test in it as "path::name"."""

FILES: Final = ("__init__.py", "manifest.py", "config.py", "driver.py", "README.md", "quality.toml")

IMPURE: Final = frozenset({"asyncio", "socket", "ssl", "threading", "sqlite3", "uvloop", "subprocess", "selectors"})
"""Standard and third-party modules that pure code does not import; of ours, `net` and the rest of the kit."""
PURE_KIT: Final = frozenset({"sitewarden.kit.config", "sitewarden.kit.values"})


def answers(folder: Path) -> dict[str, str | dict[str, str]]:
    """Return the [rules] of a driver's quality.toml."""
    with (folder / "quality.toml").open("rb") as file:
        return dict(tomllib.load(file).get("rules", {}))


def faults(folder: Path, root: Path) -> list[str]:
    """Return what is wrong with a driver's folder and quality.toml; `root` is the repository that proofs lie in."""
    found = [f"{name} is missing" for name in FILES if not (folder / name).is_file()]
    if found:
        return found
    given = answers(folder)
    found += [f"quality.toml: {rule} is no rule of the kit" for rule in given.keys() - RULES.keys()]
    for rule, demand in RULES.items():
        match given.get(rule):
            case None:
                found.append(f"quality.toml: {rule} is not answered ({demand})")
            case "done" if rule not in PROVEN_BY_FILE:
                pass
            case {"proof": str(proof)} if rule in PROVEN_BY_FILE:
                found += _missing(rule, proof, root)
            case {"exempt": str(reason)}:
                if len(reason.split()) < 4:
                    found.append(f"quality.toml: {rule} is exempt without a reason")
            case _:
                form = '{ proof = "path" }' if rule in PROVEN_BY_FILE else '"done"'
                found.append(f'quality.toml: {rule} is answered with {form} or {{ exempt = "reason" }}')
    manifest = set(imports(folder / "manifest.py"))
    found += [f"manifest.py imports {name}" for name in manifest if not _light(name)]
    mapping = folder / "mapping.py"
    if mapping.is_file():
        found += [f"mapping.py imports {name}" for name in imports(mapping) if impure(name)]
    elif given.get("mapping-pure") == "done":
        found.append("quality.toml: mapping-pure is done, and there is no mapping.py")
    return found


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def impure(module: str) -> bool:
    """Tell whether pure code may not import `module`."""
    ours = module.startswith(("sitewarden.net", "sitewarden.link", "sitewarden.bus", "sitewarden.store"))
    kit = module.startswith("sitewarden.kit") and module not in PURE_KIT
    return ours or kit or module.split(".")[0] in IMPURE


def _light(module: str) -> bool:
    return module in ("__future__", "typing", "sitewarden.kit.driver") or module.startswith("sitewarden.domain")


def _missing(rule: str, proof: str, root: Path) -> list[str]:
    path, _, test = proof.partition("::")
    file = root / path
    if not file.is_file():
        return [f"quality.toml: {rule}: there is no {path}"]
    if test and f"def {test}(" not in file.read_text():
        return [f"quality.toml: {rule}: {path} has no {test}"]
    return []
