"""Made-up series and queries for both: counters with resets, gauges with gaps, series that end, odd values; from one seed."""

from __future__ import annotations

import math
import random

from tests.interop.prometheus import Made

START = 1_780_000_000_000
"""Milliseconds; no multiple of a minute."""
HOURS = 3


def site(seed: int = 7) -> list[Made]:
    rng = random.Random(seed)
    found = []
    for number in range(6):
        found.append(_made(rng, "energy_total", number, 15_000 if number % 2 else 37_000, counter=True))
        found.append(_made(rng, "temperature", number, 30_000 if number % 3 else 61_000, counter=False))
    found.extend(_made(rng, "valve", number, 45_000, counter=False, states=True) for number in range(3))
    odd = Made({"__name__": "odd", "point": "odd"})
    for step in range(HOURS * 60):
        odd.times.append(START + step * 60_000)
        odd.values.append(rng.choice([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e-9, 1e12, 2.5]))
    found.append(odd)
    return found


def _made(rng: random.Random, name: str, number: int, period: int, *, counter: bool, states: bool = False) -> Made:
    areas = ("hall", "yard", "roof")
    made = Made({"__name__": name, "point": f"{name}-{number}", "area": areas[number % 3], "device": f"d{number // 2}"})
    value = rng.uniform(0, 50) if not states else 0.0
    moment = START + rng.randrange(period)
    while moment < START + HOURS * 3_600_000:
        kind = rng.random()
        if kind < 0.004:
            made.times.append(moment)
            made.values.append(None)
            moment += rng.randrange(60_000, 900_000)
            continue
        if kind < 0.01:
            moment += rng.randrange(100_000, 700_000)
            continue
        if states:
            value = float(rng.randrange(3))
        elif counter:
            value = rng.uniform(0, 3) if rng.random() < 0.01 else value + rng.choice([0, 0, 1, rng.uniform(0, 5)])
        else:
            value += rng.gauss(0, 1)
        made.times.append(moment)
        made.values.append(value)
        moment += period + rng.randrange(-500, 500)
    return made


RANGES = ("1m", "2m30s", "5m", "17m", "1h")
NAMES = ("energy_total", "temperature", "valve", "odd", "nothing")
PLAIN = (
    "rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets", "avg_over_time", "min_over_time",
    "max_over_time", "sum_over_time", "count_over_time", "stddev_over_time", "stdvar_over_time", "last_over_time",
    "present_over_time", "absent_over_time",
)  # fmt: skip
INSTANT = (
    "abs", "ceil", "floor", "sqrt", "exp", "ln", "log2", "log10", "sgn", "round", "absent", "timestamp", "sort", "sort_desc",
    "sin", "cos", "atan",
)  # fmt: skip
DATES = ("minute", "hour", "day_of_week", "day_of_month", "days_in_month", "month", "year")
AGGREGATES = ("sum", "avg", "count", "min", "max", "group")


class Queries:
    """Random queries of the subset; each is a vector or a scalar."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def next(self) -> str:
        return self._vector(self._rng.randrange(4)) if self._rng.random() < 0.95 else self._scalar(2)

    def _pick(self, *from_: str) -> str:
        return self._rng.choice(from_)

    def _matchers(self) -> str:
        rng = self._rng
        found = []
        if rng.random() < 0.4:
            found.append(
                rng.choice(
                    [
                        'area="hall"', 'area!="hall"', 'area=~"hall|yard"', 'area!~"h.*"', 'point=~".+-[0-2]"', 'area=""',
                        'device=~"d(0|2)"', 'missing=""', 'point!=""',
                    ]
                )
            )  # fmt: skip
        if rng.random() < 0.1:
            found.append('device!="d1"')
        return "{" + ",".join(found) + "}" if found else ""

    def _moved(self, fixed: bool = True) -> str:
        rng = self._rng
        shown = ""
        if rng.random() < 0.1:
            shown += rng.choice([" offset 3m", " offset 47m", " offset -4m10s", " offset 1h30m"])
        if fixed and rng.random() < 0.08:
            shown += rng.choice([" @ start()", " @ end()", f" @ {START // 1000 + 4000}", f" @ {START // 1000 + 7213.5}"])
        return shown

    def _selector(self) -> str:
        return self._pick(*NAMES[:3], *NAMES) + self._matchers()

    def _range(self, depth: int, fixed: bool = True) -> str:
        """A range vector. 2.42 moves the window of predict_linear along with the step even where @ fixes it."""
        if depth > 0 and self._rng.random() < 0.3:
            step = self._pick("", "30s", "1m", "3m")
            return f"({self._vector(depth - 1)})[{self._pick('5m', '20m', '1h')}:{step}]{self._moved(fixed)}"
        return f"{self._selector()}[{self._pick(*RANGES)}]{self._moved(fixed)}"

    def _grouping(self) -> str:
        return self._pick("", " by (area)", " by (device, area)", " without (point)", " by ()", " without (area, device)")

    def _scalar(self, depth: int) -> str:
        rng = self._rng
        choice = rng.randrange(5 if depth > 0 else 2)
        if choice == 0:
            return rng.choice(["1", "2.5", "-3", "0", "1e3", "0x10", "Inf", "NaN"])
        if choice == 1:
            return rng.choice(["time()", "pi()", "7"])
        if choice == 2:
            return f"scalar({self._vector(depth - 1)})"
        op = rng.choice(["+", "-", "*", "/", "%", "^", "== bool", "< bool", ">= bool", "atan2"])
        return f"({self._scalar(depth - 1)} {op} {self._scalar(depth - 1)})"

    def _vector(self, depth: int) -> str:
        rng = self._rng
        if depth <= 0:
            return f"{self._selector()}{self._moved()}"
        match rng.randrange(12):
            case 0 | 1 | 2:
                inner = self._range(depth - 1)
                # Whether two computed floats are equal hangs on the last bit, which depends on the order of additions.
                return f"{rng.choice(PLAIN[:6] + PLAIN[8:] if '(' in inner else PLAIN)}({inner})"
            case 3:
                level = rng.choice(["0.5", "0.9", "0", "1", "-1", "2", "0.123"])
                return rng.choice(
                    [
                        f"quantile_over_time({level}, {self._range(depth - 1)})",
                        f"predict_linear({self._range(depth - 1, fixed=False)}, {rng.choice(['60', '3600', '-100'])})",
                    ]
                )
            case 4:
                return f"{rng.choice(INSTANT)}({self._vector(depth - 1)})"
            case 5 | 6:
                return f"{rng.choice(AGGREGATES)}{self._grouping()} ({self._vector(depth - 1)})"
            case 7:
                return self._parametric(depth)
            case 8:
                return self._labels(depth)
            case 9:
                op = rng.choice(["+", "-", "*", "/", "%", "^", ">", "<", "==", "!=", ">=", "<=", "> bool", "!= bool"])
                sides = [self._vector(depth - 1), self._scalar(depth - 1)]
                rng.shuffle(sides)
                return f"({sides[0]} {op} {sides[1]})"
            case _:
                return self._pair(depth)

    def _parametric(self, depth: int) -> str:
        inner, rng = self._vector(depth - 1), self._rng
        match rng.randrange(7):
            case 5:
                # 2.42 has the spread of a single NaN as 0, 3 has it as NaN as we do.
                return f"{rng.choice(['stddev', 'stdvar'])}{self._grouping()} (temperature{self._matchers()})"
            case 6:
                # What 2.42 makes of a date past all times depends on the processor.
                return f"{rng.choice(DATES)}(energy_total * 1e5)"
            case 0:
                # Ties are broken by no rule that can be relied on: values that differ.
                return f"{rng.choice(['topk', 'bottomk'])}{self._grouping()} ({rng.randrange(4)}, temperature)"
            case 1:
                return f"quantile{self._grouping()} ({rng.choice(['0.5', '0.99', '0', '1', '-1', '2'])}, {inner})"
            case 2:
                return f'count_values{self._grouping()} ("value", valve{self._matchers()})'
            case 3:
                return f"clamp({inner}, {rng.choice(['-1', '0', '5'])}, {rng.choice(['3', '10', '-2'])})"
            case _:
                return rng.choice([f"clamp_min({inner}, 2)", f"clamp_max({inner}, 7)", f"round({inner}, 0.25)"])

    def _labels(self, depth: int) -> str:
        inner, rng = self._vector(depth - 1), self._rng
        return rng.choice(
            [
                f'label_replace({inner}, "kind", "$1", "point", "(.*)-[0-9]+")',
                f'label_replace({inner}, "area", "${{1}}x", "area", "h(.*)")',
                f'label_replace({inner}, "device", "", "device", "d1")',
                f'label_join({inner}, "both", "/", "area", "device", "none")',
                f"-{inner}",
                f"vector({self._scalar(1)})",
            ]
        )

    def _pair(self, depth: int) -> str:
        rng = self._rng
        left, right = self._vector(depth - 1), self._vector(depth - 1)
        match rng.randrange(4):
            case 0:
                op = rng.choice(["and", "or", "unless"])
                return f"({left} {op}{rng.choice(['', ' on (area)', ' ignoring (point)', ' on ()'])} {right})"
            case 1:
                op = rng.choice(["*", "-", "/", ">", "<="])
                side, many, one = rng.choice([("left", left, right), ("right", right, left)])
                group = f"group_{side} ({rng.choice(['', 'device', 'total'])})"
                few = f"{rng.choice(AGGREGATES)} by (area) ({one})"
                ordered = (many, few) if side == "left" else (few, many)
                return f"({ordered[0]} {op} on (area) {group} {ordered[1]})"
            case _:
                op = rng.choice(["+", "-", "*", "/", "%", ">", "<", "> bool", *(["==", "!="] if depth == 1 else [])])
                matching = rng.choice(["", " on (area, device)", " ignoring (point)", " on (point)", " ignoring (none)"])
                return f"({left} {op}{matching} {right})"
