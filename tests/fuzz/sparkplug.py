"""Any bytes are a payload whose known part is read again as it is written, or a PayloadError; nothing else."""

from __future__ import annotations

import math

from sitewarden.wire.sparkplug import Kind, Metric, Payload, PayloadError, decode, encode

SEEDS = [
    encode(
        Payload(
            time=1_700_000_000_000,
            seq=0,
            metrics=[
                Metric(name="bdSeq", kind=Kind.INT64, value=3),
                Metric(name="Node Control/Rebirth", kind=Kind.BOOLEAN, value=False),
                Metric(name="temperature", alias=7, time=5, kind=Kind.FLOAT, value=21.5, quality=192),
                Metric(name="state", alias=8, kind=Kind.STRING, value="running"),
            ],
        )
    ),
    encode(
        Payload(seq=255, metrics=[Metric(alias=7, kind=Kind.INT8, value=-3), Metric(alias=8, kind=Kind.BYTES, value=b"\xff")])
    ),
    encode(Payload(time=1, metrics=[Metric(name="d", kind=Kind.DOUBLE, null=True, historical=True)])),
]


def check(data: bytes) -> None:
    try:
        payload = decode(data)
    except PayloadError:
        return
    for metric in payload.metrics:
        try:
            again = decode(encode(Payload(metrics=[metric]))).metrics[0]
        except ValueError:
            # A value in a field that its datatype does not use is taken as it came, and is nothing that can be said.
            continue
        assert (again.name, again.alias, again.time) == (metric.name, metric.alias, metric.time)
        # A whole number that came in the field of another datatype is written in that of its own.
        if type(again.value) is type(metric.value) and not (isinstance(again.value, float) and math.isnan(again.value)):
            assert again.value == metric.value
