"""Any text is an expression whose value has a Bad quality exactly where it is None, or a ValueError that names a place."""

from __future__ import annotations

from math import isfinite

from sitewarden.domain.points.expression.evaluating import Result, evaluate
from sitewarden.domain.points.expression.parsing import MOST, inputs, parse
from sitewarden.domain.points.quality import is_bad

SEEDS = [
    b"[supply] - [return]",
    b"if([door:main] == 'open' and not [pump] , max(1, 2.5e3, -[a-b]), first([x], 7 % 2))",
    'convert([supply], "K", "°C") + convert((1 + 2) * 3, "psi", "bar") / 0'.encode(),
    b"sqrt(abs(-4)) <= round(2.345, 2) or count([a], [b], true) >= 2",
    b"1e300 * 1e300 - sum(1, 'x') + avg([camera:yard.fps]) + clamp(1, 2, 3)",
]
VALUES = (Result(1.5), Result(None, 0x80310000), Result("open"), Result(True, 0x40900000), Result(-(10**400)))


def check(data: bytes) -> None:
    try:
        tree = parse(data.decode("utf-8", "replace"))
    except ValueError as error:
        assert str(error).startswith(("at ", "the expression has "))
        return
    needed = inputs(tree)
    assert len(needed) <= MOST
    found = evaluate(tree, lambda one: VALUES[len(one.ref) % len(VALUES)])
    assert (found.value is None) is is_bad(found.quality)
    assert not isinstance(found.value, float) or isfinite(found.value)
