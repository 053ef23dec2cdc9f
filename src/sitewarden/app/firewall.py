"""`sitewarden ports`: what this node opens, as lists, firewall rules and flows; and whether nftables has it loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from sitewarden.app import show
from sitewarden.app.local import Ask, with_platform
from sitewarden.app.places import Places
from sitewarden.config import Settings, load
from sitewarden.domain.errors import Refusal
from sitewarden.net.exports import PROFILES, Plan, Profile, differences, render, render_matrix
from sitewarden.net.exports.difference import LARGEST
from sitewarden.services.firewall import KEEP

NFT = ("nft", "-j", "list", "ruleset")
NFT_SECONDS = 30.0
KINDS = {"missing": "missing", "extra": "not ours", "table": "missing", "chain": "chain"}


def ports(settings_path: Path | None, format_: str, profile: str, rows: str, *, deny_outgoing: bool) -> None:
    """Print this node's ports in a format of `net.exports`."""
    settings, plan = _site(settings_path)
    if rows not in KEEP:
        raise Refusal(f"{rows} is no choice of rows.", where="--rows", remedy=f"Take one of {', '.join(KEEP)}.")
    planned, unused = KEEP[rows]
    chosen = _profile(profile)
    text = render(format_, settings, plan=plan, profile=chosen, planned=planned, unused=unused, deny_outgoing=deny_outgoing)
    show.out.out(text, end="", highlight=False)


def matrix(settings_path: Path | None, format_: str, profile: str) -> None:
    """Print the flows between the site's networks."""
    settings, plan = _site(settings_path)
    show.out.out(render_matrix(format_, settings, plan or Plan(), _profile(profile)), end="", highlight=False)


def diff(settings_path: Path | None, ruleset: str, profile: str, *, deny_outgoing: bool, json: bool) -> int:
    """Compare what nftables has loaded with this node's rules; return 1 where they differ.

    `ruleset` is a file with what `nft -j list ruleset` wrote, "-" for standard input, or empty to ask nft here.
    """
    settings, plan = _site(settings_path)
    found = differences(settings, plan, _profile(profile), _loaded(ruleset), deny_outgoing=deny_outgoing)
    if json:
        show.as_json(found)
    elif not found:
        show.out.print("nftables has exactly the rules of this node loaded.")
    else:
        rows = [{"kind": KINDS[item.kind], "chain": item.chain, "what": item.what} for item in found]
        show.table(rows, (("kind", ""), ("chain", "chain"), ("what", "rule")))
        show.err.print("Load this node's rules with: sitewarden ports --format nftables | nft -f -", soft_wrap=True)
    return 1 if found else 0


def _site(settings_path: Path | None) -> tuple[Settings, Plan | None]:
    """Return the settings, and what the site uses; None for a node that holds no site."""
    settings = load(settings_path)
    if "core" not in settings.roles:
        return settings, None
    if not Places.of(settings).set_up:
        show.err.print("Note: this node is not set up yet, so every row of its roles counts as used.", soft_wrap=True)
        return settings, None

    async def work(ask: Ask) -> Any:
        return await ask("network.plan")

    return settings, msgspec.convert(with_platform(settings, work), Plan)


def _profile(text: str) -> Profile:
    try:
        profile: Profile = msgspec.convert(text, Profile)
    except msgspec.ValidationError:
        raise Refusal(f"{text} is no profile.", where="--profile", remedy=f"Take one of {', '.join(PROFILES)}.") from None
    return profile


def _loaded(ruleset: str) -> bytes:
    if ruleset == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    if ruleset:
        try:
            with Path(ruleset).open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError as fault:
            raise Refusal(
                f"the ruleset cannot be read: {fault.strerror}", where=ruleset, remedy="Write it with: nft -j list ruleset"
            ) from None
    try:
        done = subprocess.run(NFT, capture_output=True, check=False, timeout=NFT_SECONDS)  # noqa: S603 a fixed command
    except FileNotFoundError:
        raise Refusal(
            "nft is not installed here",
            where="--diff",
            remedy="Install nftables, or give a ruleset with --ruleset FILE (written by: nft -j list ruleset).",
        ) from None
    except subprocess.TimeoutExpired:
        raise Refusal(f"nft gave no answer within {NFT_SECONDS:.0f} s", where="--diff", remedy="Try again.") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Refusal(
            f"nft does not tell what is loaded: {said[0] if said else f'exit status {done.returncode}'}",
            where="--diff",
            remedy="Run it as root, or so: nft -j list ruleset | sitewarden ports --diff --ruleset -",
        )
    return done.stdout
