"""Run the fuzz targets: `python -m tests.fuzz --seconds 20 [target ...]`; exits 1 where an invariant is broken."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import random
import sys
import time
import traceback
import zlib
from pathlib import Path
from types import ModuleType

import tests.fuzz
from tests.fuzz.mutate import mutate

SLOW = 1.0
"""Seconds that one input may take."""
FOUND = Path("build/fuzz")


def targets() -> dict[str, ModuleType]:
    """Return the modules of this package that have a `check`, by name."""
    found = {}
    for module in pkgutil.iter_modules(tests.fuzz.__path__):
        if not module.name.startswith("_") and not module.name.startswith("test_"):
            loaded = importlib.import_module(f"tests.fuzz.{module.name}")
            if hasattr(loaded, "check"):
                found[module.name] = loaded
    return found


def fuzz(name: str, target: ModuleType, seconds: float, seed: int, limit: int | None = None) -> tuple[int, str]:
    """Run one target; return how many inputs it took and the failure, "" where there is none."""
    rng = random.Random(seed)
    seeds: list[bytes] = list(target.SEEDS)
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end and (limit is None or count < limit):
        data = seeds[count] if count < len(seeds) else mutate(seeds, rng)
        count += 1
        begun = time.monotonic()
        try:
            target.check(data)
        except Exception:  # noqa: BLE001 - a broken invariant shows as any error
            return count, _keep(name, data) + "\n" + traceback.format_exc()
        if (took := time.monotonic() - begun) > SLOW:
            return count, _keep(name, data) + f"\n{took:.1f} s for {len(data)} bytes; {SLOW:g} s are allowed"
    return count, ""


def _keep(name: str, data: bytes) -> str:
    FOUND.mkdir(parents=True, exist_ok=True)
    path = FOUND / f"{name}-{zlib.crc32(data):08x}.bin"
    path.write_bytes(data)
    return f"input kept in {path}: {data[:64].hex()}{'…' if len(data) > 64 else ''}"


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz every codec.")
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds for each target")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    parser.add_argument("target", nargs="*", help="names of targets; none: all")
    options = parser.parse_args()
    known = targets()
    unknown = [name for name in options.target if name not in known]
    if unknown:
        parser.error(f"there is no target {', '.join(unknown)}; there are {', '.join(known)}")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    failed = False
    for name in options.target or known:
        count, failure = fuzz(name, known[name], options.seconds, seed)
        failed |= bool(failure)
        invariant = (known[name].__doc__ or "").splitlines()[0]
        sys.stdout.write(f"{'FAILED' if failure else 'ok':6} {name:16} {count:9,} inputs  seed {seed}  {invariant}\n{failure}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
