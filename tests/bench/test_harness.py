import json
import sys
import types
from pathlib import Path

import pytest

import bench.__main__ as command
from bench.harness import Row, data_root, machine, percentile, workspace


@pytest.fixture(autouse=True)
def measured_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITEWARDEN_BENCH_DATA", str(tmp_path / "data"))


def test_a_ratio_above_one_is_good_in_both_directions() -> None:
    assert Row(name="a", value=300, unit="x/s", plain=100).ratio == 3
    assert Row(name="a", value=2, unit="ms", better="lower", plain=10).ratio == 5
    assert Row(name="a", value=2, unit="ms").ratio is None


def test_percentiles() -> None:
    assert percentile(range(1, 101), 0.5) == 51
    assert percentile([7.0], 0.99) == 7.0


def test_every_bench_of_the_package_is_found() -> None:
    assert {"events", "samples", "state"} <= set(command.names())


def test_figures_stand_beside_the_machines_own_in_the_table_and_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> list[Row]:
        with workspace("sham") as path:
            assert path.parent == data_root()
        return [Row(name="speed", value=1234.5, unit="things/s", plain=123.0, plain_name="slow way", note="once")]

    sham = types.SimpleNamespace(TITLE="a sham", run=run)
    monkeypatch.setitem(sys.modules, "bench.sham", sham)  # type: ignore[arg-type]
    monkeypatch.setattr(command, "names", lambda: ["sham"])
    monkeypatch.setattr(sys, "argv", ["bench", "sham", "--json", str(tmp_path / "out.json")])
    assert command.main() == 0
    shown = capsys.readouterr().out
    where = machine()
    for text in ("a sham", "speed", "1,234", "things/s", "10.0x", "fdatasync"):
        assert text in shown
    assert where.processor.split()[0] in shown
    written = json.loads((tmp_path / "out.json").read_bytes())
    assert written["benches"]["sham"][0]["ratio"] == pytest.approx(10.04, abs=0.01)
    assert written["machine"]["fsync_p50_ms"] > 0
    assert written["machine"]["processor"] == where.processor
    assert list((tmp_path / "data").iterdir()) == []


def test_an_unknown_bench_is_refused_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "nothing"])
    with pytest.raises(SystemExit):
        command.main()
    assert "events" in capsys.readouterr().err
