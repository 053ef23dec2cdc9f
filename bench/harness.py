"""What every bench shares: rows with a plain alternative beside them, the machine's own figures, a data directory."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct


class Row(Struct, frozen=True, kw_only=True):
    """One figure. `plain` is what the plain alternative reached in the same run; `better` says which direction is good."""

    name: str
    value: float
    unit: str
    better: str = "higher"
    plain: float | None = None
    plain_name: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the plain alternative."""
        if not self.plain or not self.value:
            return None
        return self.value / self.plain if self.better == "higher" else self.plain / self.value


class Machine(Struct, frozen=True, kw_only=True):
    """Where the figures were taken; no figure stands without it."""

    processor: str
    cores: int
    kernel: str
    python: str
    data: str
    fsync_p50_ms: float
    """fdatasync after overwriting 4 KiB."""
    fsync_p99_ms: float
    fsync_growing_p50_ms: float
    """fdatasync after appending 4 KiB."""
    load: float
    """Load average of one minute before the run: above the benches' own, figures are low."""


def data_root() -> Path:
    """Directory on the disk that is measured: SITEWARDEN_BENCH_DATA, or `build/bench` in the working directory."""
    root = Path(os.environ.get("SITEWARDEN_BENCH_DATA", "build/bench")).absolute()
    root.mkdir(parents=True, exist_ok=True)
    return root


@contextmanager
def workspace(name: str) -> Iterator[Path]:
    """Give an empty directory on the measured disk, and remove it."""
    path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=data_root()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def measure_fsync(count: int = 100, *, grow: bool) -> list[float]:
    """Return milliseconds of writing 4 KiB and fdatasync, in a file that grows or in one whose blocks stand already."""
    taken: list[float] = []
    with workspace("fsync") as path:
        handle = os.open(path / "file", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            if not grow:
                os.write(handle, bytes(4096 * count))
                os.fsync(handle)
                os.lseek(handle, 0, os.SEEK_SET)
            for _ in range(count):
                started = time.perf_counter()
                os.write(handle, bytes(4096))
                os.fdatasync(handle)
                taken.append((time.perf_counter() - started) * 1000)
        finally:
            os.close(handle)
    return taken


def processor() -> str:
    """Return the processor's model."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.lower().startswith(("model name", "cpu model"))]
    return models[0] if models else platform.machine()


def machine() -> Machine:
    """Measure the machine and the disk."""
    fixed, growing = measure_fsync(grow=False), measure_fsync(grow=True)
    return Machine(
        processor=processor(),
        cores=len(os.sched_getaffinity(0)),
        kernel=platform.release(),
        python=platform.python_version(),
        data=str(data_root()),
        fsync_p50_ms=round(statistics.median(fixed), 3),
        fsync_p99_ms=round(percentile(fixed, 0.99), 3),
        fsync_growing_p50_ms=round(statistics.median(growing), 3),
        load=os.getloadavg()[0],
    )
