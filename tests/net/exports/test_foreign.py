"""The parsers of ufw and firewalld take what we write. Skipped where Debian's packages of them are not installed."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest

from sitewarden.net.exports import Profile, render
from tests.net.exports.plans import NAMED, SERVER, UNNAMED

PYTHON = "/usr/bin/python3"
UFW = """
import builtins, json, sys
builtins._ = lambda text: text
import ufw.parser
for words in json.load(sys.stdin):
    parser = ufw.parser.UFWParser()
    parser.register_command(ufw.parser.UFWCommandRule("allow"))
    assert parser.parse_command(words).data["rule"].dport, words
"""
FIREWALLD = """
import json, sys
from firewall.core.rich import Rich_Rule
for text in json.load(sys.stdin):
    Rich_Rule(rule_str=text).check()
"""


def read_by(script: str, package: str, told: list[object]) -> None:
    if (
        not Path(PYTHON).exists()
        or subprocess.run([PYTHON, "-c", f"import {package}"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"the package {package} of Debian's Python is not installed")
    done = subprocess.run([PYTHON, "-c", script], input=json.dumps(told), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("profile", ["strict", "seed"])
def test_ufw_reads_every_rule(profile: Profile) -> None:
    for plan in (NAMED, UNNAMED):
        text = render("ufw", SERVER, plan=plan, profile=profile, planned=True, unused=True)
        told: list[object] = [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("ufw ")]
        assert told
        read_by(UFW, "ufw.parser", told)


@pytest.mark.parametrize("profile", ["strict", "seed"])
def test_firewalld_reads_every_rich_rule(profile: Profile) -> None:
    for plan in (NAMED, UNNAMED):
        text = render("firewalld", SERVER, plan=plan, profile=profile, planned=True, unused=True)
        lines = [shlex.split(line)[-1] for line in text.splitlines() if "--add-rich-rule=" in line]
        told: list[object] = [line.partition("=")[2] for line in lines]
        assert told
        read_by(FIREWALLD, "firewall.core.rich", told)
