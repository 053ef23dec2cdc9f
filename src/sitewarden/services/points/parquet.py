"""Points' history as Arrow and Parquet, by pyarrow where it is installed. No I/O: bytes come back piece by piece."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sitewarden.domain.errors import Refusal
from sitewarden.domain.points.samples import Samples
from sitewarden.domain.points.series import Buckets, Series

if TYPE_CHECKING:
    from sitewarden.services.points.reading import Found

COMPRESSION: Final = "zstd"


class NotInstalled(Refusal):
    """A part that is installed on request is not there."""

    code, status = "not-installed", 501


def available() -> Any:
    """Return pyarrow; raise NotInstalled where this server has none."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise NotInstalled(
            "This server writes no Arrow or Parquet.", where="form", remedy="Install sitewarden[archive], or take CSV or JSON."
        ) from error
    return pa


def _time(pa: Any) -> Any:
    return pa.timestamp("us", tz="UTC")


def sample_schema() -> Any:
    """Return the columns of samples: a number (Booleans 0 and 1) or a text."""
    pa = available()
    fields = [("point", pa.string()), ("time", _time(pa)), ("server_time", _time(pa))]
    return pa.schema([*fields, ("value", pa.float64()), ("text", pa.string()), ("quality", pa.uint32())])


def series_schema() -> Any:
    """Return the columns of a query's samples, which tell no server time."""
    return sample_schema().remove(2)


def bucket_schema() -> Any:
    """Return the columns of buckets."""
    pa = available()
    numbers = [(name, pa.float64()) for name in ("minimum", "maximum", "average", "first", "last")]
    return pa.schema(
        [("point", pa.string()), ("start", _time(pa)), ("count", pa.int64()), *numbers, ("worst_quality", pa.uint32())]
    )


class _File:
    """A Parquet file that is written in memory and handed on row group by row group."""

    def __init__(self, schema: Any) -> None:
        import pyarrow.parquet as parquet

        self._schema = schema
        self._sink = _Sink()
        self._writer = parquet.ParquetWriter(self._sink, schema, compression=COMPRESSION)

    def _write(self, arrays: Sequence[Any]) -> bytes:
        pa = available()
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        return self._sink.take()

    def close(self) -> bytes:
        """Return the file's end."""
        self._writer.close()
        return self._sink.take()


class SampleFile(_File):
    """Each sample, with both times."""

    def __init__(self) -> None:
        super().__init__(sample_schema())

    def add(self, found: Samples) -> bytes:
        """Return the bytes of one more page."""
        pa = available()
        values, texts = apart(found)
        times = [pa.array(column, _time(pa)) for column in (found.source_times, found.server_times)]
        return self._write([pa.array(found.points), *times, values, texts, pa.array(found.qualities, pa.uint32())])


class BucketFile(_File):
    """Buckets."""

    def __init__(self) -> None:
        super().__init__(bucket_schema())

    def add(self, found: Buckets) -> bytes:
        """Return the bytes of one more page."""
        return self._write(_bucket_arrays(found))


def stream(found: Sequence[Found]) -> bytes:
    """Return an Arrow IPC stream of a query's answer, one batch a point. Where one has buckets, texts are left out."""
    pa = available()
    buckets = any(isinstance(one.data, Buckets) for one in found)
    schema = bucket_schema() if buckets else series_schema()
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        for one in found:
            arrays = _bucket_arrays(one.data) if isinstance(one.data, Buckets) else None if buckets else _series_arrays(one.data)
            if arrays is not None:
                writer.write_batch(pa.record_batch(arrays, schema=schema))
    return sink.getvalue()


def _bucket_arrays(found: Buckets) -> list[Any]:
    pa = available()
    numbers = (found.minima, found.maxima, found.averages, found.firsts, found.lasts)
    return [
        _same(found.point, len(found)),
        pa.array(found.starts, _time(pa)),
        pa.array(found.counts, pa.int64()),
        *(pa.array(column, pa.float64(), from_pandas=True) for column in numbers),
        pa.array(found.worst, pa.uint32()),
    ]


def _series_arrays(found: Any) -> list[Any]:
    pa = available()
    if isinstance(found, Series):
        values = pa.array(found.values, pa.float64(), from_pandas=True)
        texts = pa.nulls(len(found), pa.string())
        times, qualities, point = found.times, found.qualities, _same(found.point, len(found))
    else:
        values, texts = apart(found)
        times, qualities, point = found.source_times, found.qualities, pa.array(found.points, pa.string())
    return [point, pa.array(times, _time(pa)), values, texts, pa.array(qualities, pa.uint32())]


def _same(point: str, count: int) -> Any:
    return available().array(np.full(count, point, dtype=object), available().string())


def apart(found: Samples) -> tuple[Any, Any]:
    """Return a column of numbers and one of texts; where the other has the value, there is null."""
    pa = available()
    numbers = [None if value is None or isinstance(value, str) else float(value) for value in found.values]
    texts = [value if isinstance(value, str) else None for value in found.values]
    return pa.array(numbers, pa.float64()), pa.array(texts, pa.string())


class _Sink(io.RawIOBase):
    """What is written is taken piece by piece; only the position is kept of what was."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken
