"""`docs/generated/cli.md`: every command of `sitewarden`, from the commands themselves."""

from __future__ import annotations

import inspect
from typing import Any

import typer.main

HEAD = """\
# Command line

Every command of `sitewarden`, as `--help` tells it. Made from `src/sitewarden/cli` by `make docs`.
"""


def cli_page() -> str:
    """Return the page: a section for each command, groups first by their own help."""
    from sitewarden import cli

    return HEAD + _command(typer.main.get_command(cli.app), "sitewarden", 2)


def _command(command: Any, path: str, depth: int) -> str:
    if command.hidden:
        return ""
    out = f"\n{'#' * min(depth, 4)} {path}\n\n{inspect.cleandoc(command.help or '')}\n"
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not _passed_over(each)]
    if arguments or options:
        out += "\n| argument or option | what it does |\n|---|---|\n"
    for each in arguments:
        out += f"| `{each.name.upper()}` | {_help(each)} |\n"
    for each in options:
        names = ", ".join(f"`{name}`" for name in (*each.opts, *each.secondary_opts))
        out += f"| {names} | {_help(each)} |\n"
    for name, child in getattr(command, "commands", {}).items():
        out += _command(child, f"{path} {name}", depth + 1)
    return out


def _passed_over(option: Any) -> bool:
    return bool(option.hidden or option.name in ("install_completion", "show_completion", "help"))


def _help(parameter: Any) -> str:
    text = " ".join(inspect.cleandoc(getattr(parameter, "help", None) or "").split())
    variable = parameter.envvar
    return f"{text} Environment: `{variable}`." if variable else text
