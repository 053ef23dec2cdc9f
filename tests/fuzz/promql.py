"""Any text is a query that repeats itself when written, or a BadQuery that says where; nothing else."""

from __future__ import annotations

from sitewarden.domain.promql.errors import BadQuery
from sitewarden.domain.promql.parser import parse
from sitewarden.domain.promql.printing import render

SEEDS = [
    b'sum by (area) (rate(point_watthours{device=~"d[0-9]+", unit!=""}[5m] offset -1h30m)) / 3600',
    b"max_over_time((a > bool 2)[1h:5m] @ start()) or on (x, y) b unless ignoring (z) c",
    b"a * on (device) group_left (area) topk(3, b) ^ -2 % .5e3 + 0x1F == bool NaN",
    b'label_replace(quantile_over_time(0.9, x[1d]), "dst", \'$1\\x41\\u00e9\', `src`, "(.*)") # why\n',
    b"-sum{sum='by'} offset 1w2d3h4m5s6ms @ 1609746000.123",
    b"count_values without () ('v', {__name__=~'a|b', x!~'.+'})",
]


def check(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        tree = parse(text)
    except BadQuery as refusal:
        assert "parse error" in refusal.what
        return
    again = render(tree)
    assert parse(again) == tree
    assert render(parse(again)) == again
