"""Fuzz targets, one a codec: `python -m tests.fuzz --seconds 20 [target ...]`.

A target is a module of this package with

- a docstring whose first line is its invariant,
- `SEEDS`: byte strings that the codec takes, which are mutated,
- `def check(data: bytes) -> None`: runs the codec on hostile bytes; it raises where the invariant is broken.
"""
