"""Writes every generated file of the repository, or with --check tells which are stale.

A generator is a function without arguments that returns the file's text (str, or UTF-8 bytes); add a line to GENERATORS.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

GENERATORS: dict[str, str] = {
    "docs/generated/ports.md": "sitewarden.net.exports.page:ports_page",
    "docs/generated/settings.md": "sitewarden.config.page:settings_page",
    "docs/generated/events.md": "sitewarden.domain.catalogue_page:events_page",
    "docs/generated/cli.md": "cli_page:cli_page",
    "openapi.json": "sitewarden.api.openapi:encode",
}
"""Path from the root: "module:function"."""


def produce(where: str) -> str:
    """Return the text of one generator."""
    module, _, function = where.partition(":")
    made: str | bytes = getattr(importlib.import_module(module), function)()
    text = made.decode() if isinstance(made, bytes) else made
    return text if text.endswith("\n") else text + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run all generators; 1 where --check finds a stale file."""
    parser = argparse.ArgumentParser(description="Write the generated files, or check that they are fresh.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    parser.add_argument("files", nargs="*", help="only these, by their path from the root")
    options = parser.parse_args(arguments)
    unknown = set(options.files) - set(GENERATORS)
    if unknown:
        parser.error(f"no generator makes {', '.join(sorted(unknown))}")
    stale = []
    for path, where in GENERATORS.items():
        if options.files and path not in options.files:
            continue
        target, text = ROOT / path, produce(where)
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not options.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")  # noqa: T201
    if options.check and stale:
        print(f"stale: {', '.join(stale)}; run `make docs` and commit the result", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    raise SystemExit(main())
