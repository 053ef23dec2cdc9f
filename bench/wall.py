"""The live wall in Debian's Chromium: what a person sees of 16 cameras, and whose processor time that takes.

A node serves simulated cameras of 1080p30 at 4 Mbit/s. First each has a second stream (640x360, 15 frames a second, 0.5 Mbit/s),
which the wall takes for small tiles; then none has. The page itself is asked, tile by tile. The browser decodes and draws in
software on the cores that node and cameras run on, so the rows of processor time tell what bounds the others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench._rig import HOST, Rig, beside
from bench.combined import online, wait
from bench.harness import Row, percentile, workspace
from sitewarden.domain.video.model import Camera

TITLE = "a wall of live cameras in Chromium, decoded and drawn in software beside node and cameras"
COUNT = int(os.environ.get("SITEWARDEN_BENCH_WALL", "16"))
SECONDS = float(os.environ.get("SITEWARDEN_BENCH_SECONDS", "20"))
SETTLE = float(os.environ.get("SITEWARDEN_BENCH_SETTLE", "40"))
"""Seconds that the page has to find what this computer can show."""
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
MAIN, SECOND = 8554, 8564
PASSWORD_FIELD = "input[type=password]"
FORMS = (1, 4, 9, 16)

METER = """async seconds => {
  const long = [], frames = [], late = [];
  const watch = new PerformanceObserver(list => list.getEntries().forEach(one => long.push(one.duration)));
  watch.observe({ type: "longtask" });
  const tiles = [...document.querySelectorAll("main article")].flatMap(cell => {
    const video = cell.querySelector("video");
    if (!video) return [];
    const { totalVideoFrames: total, droppedVideoFrames: dropped } = video.getVideoPlaybackQuality();
    const tile = { cell, video, total, dropped, shown: 0, stalls: 0, behind: [], width: video.videoWidth };
    const count = () => { tile.shown++; tile.handle = video.requestVideoFrameCallback(count); };
    tile.handle = video.requestVideoFrameCallback(count);
    tile.wait = () => tile.stalls++;
    video.addEventListener("waiting", tile.wait);
    return [tile];
  });
  const begun = performance.now();
  let last = begun, asked = begun;
  await new Promise(done => {
    const step = now => {
      frames.push(now - last);
      last = now;
      if (now - asked > 500) {
        asked = now;
        for (const { video, behind } of tiles) {
          const { buffered } = video;
          if (buffered.length) behind.push(buffered.end(buffered.length - 1) - video.currentTime);
        }
      }
      if (now - begun < seconds * 1000) requestAnimationFrame(step); else done();
    };
    requestAnimationFrame(step);
  });
  watch.disconnect();
  const passed = (performance.now() - begun) / 1000;
  return { passed, long, frames: frames.slice(1), tiles: tiles.map(tile => {
    const { totalVideoFrames: total, droppedVideoFrames: dropped } = tile.video.getVideoPlaybackQuality();
    tile.video.cancelVideoFrameCallback(tile.handle);
    tile.video.removeEventListener("waiting", tile.wait);
    return { shown: tile.shown / passed, decoded: (total - tile.total) / passed, dropped: (dropped - tile.dropped) / passed,
      stalls: tile.stalls, behind: tile.behind, width: tile.video.videoWidth,
      keys: tile.cell.querySelector("[data-pictures=keys]") !== null };
  }) };
}"""


def run() -> list[Row]:
    """Return the figures of a wall with second streams, and of one without."""
    rows: list[Row] = []
    for second in (True, False):
        with workspace("wall") as base:
            rows += _measure(base, second=second)
    return rows


def _measure(base: Path, *, second: bool) -> list[Row]:
    rig = Rig(base / "data")
    rig.put(
        Camera(
            id=f"cam-{n}",
            name=f"Camera {n}",
            url=f"rtsp://{HOST}:{MAIN}/cam-{n}",
            sub_url=f"rtsp://{HOST}:{SECOND}/cam-{n}" if second else "",
        )
        for n in range(COUNT)
    )
    small = ["--size", "640x360", "--fps", "15", "--bitrate", "500000"]
    fleets = [["sim.camera_fleet", "--host", HOST, "--port", str(MAIN), "--count", str(COUNT)]]
    fleets.append(["sim.camera_fleet", "--host", HOST, "--port", str(SECOND), "--count", str(COUNT), *small])
    with beside(*fleets), _running(rig), _chromium() as browser:
        with rig.client() as client:
            wait(lambda: online(client, "camera") == COUNT, 90, "every camera")
        page = _wall(browser, rig.url)
        time.sleep(SETTLE)
        before, begun = _used(rig), time.monotonic()
        found = page.evaluate(METER, SECONDS)
        passed = time.monotonic() - begun
        used = {name: (spent - before.get(name, 0.0)) / passed for name, spent in _used(rig).items()}
    return _rows(f"{COUNT} with a second stream" if second else f"{COUNT} of 1080p alone", 15 if second else 30, found, used)


def _rows(what: str, rate: int, found: dict[str, Any], used: dict[str, float]) -> list[Row]:
    tiles = found["tiles"]
    moving = [one for one in tiles if not one["keys"]]
    behind = [seconds for one in moving for seconds in one["behind"]]
    total = sum(used.values())
    shares = ", ".join(f"{name} {spent:.2f}" for name, spent in sorted(used.items(), key=lambda one: -one[1]))
    widths = sorted({one["width"] for one in tiles})
    rows = [
        Row(
            name=f"{what}: tiles with a picture",
            value=sum(one["width"] > 0 for one in tiles),
            unit="tiles",
            note=f"{widths} wide",
        ),
        Row(
            name=f"{what}: moving with every frame",
            value=len(moving),
            unit="tiles",
            note=_others([one["shown"] for one in tiles if one["keys"]]),
        ),
        Row(
            name=f"{what}: shown of what cameras send, slowest moving tile",
            value=100 * min((one["shown"] for one in moving), default=0.0) / rate,
            unit="%",
            note=f"median {100 * percentile([one['shown'] for one in moving] or [0.0], 0.5) / rate:.0f} %",
        ),
        Row(
            name=f"{what}: decoded too late to be shown",
            value=100 * sum(one["dropped"] for one in moving) / max(1e-9, sum(one["decoded"] for one in moving)),
            unit="% of frames",
            better="lower",
        ),
        Row(
            name=f"{what}: stalls",
            value=60 * sum(one["stalls"] for one in moving) / found["passed"],
            unit="a minute",
            better="lower",
        ),
        Row(
            name=f"{what}: behind the newest frame, p50",
            value=percentile(behind or [0.0], 0.5),
            unit="s",
            better="lower",
            note=f"p99 {percentile(behind or [0.0], 0.99):.2f} s",
        ),
        Row(
            name=f"{what}: the page's own long tasks",
            value=sum(found["long"]) / found["passed"],
            unit="ms a second",
            better="lower",
            note=f"{len(found['long'])} of 50 ms and more",
        ),
        Row(name=f"{what}: frame time of the page, p99", value=percentile(found["frames"], 0.99), unit="ms", better="lower"),
        Row(name=f"{what}: processor, all", value=total, unit="cores", better="lower", note=f"of {os.cpu_count()}: {shares}"),
    ]
    return rows


def _others(shown: list[float]) -> str:
    if not shown:
        return ""
    return f"the page brought {len(shown)} to key frames, and says so: each shows {min(shown):.2f} a second and more"


@contextmanager
def _running(rig: Rig) -> Iterator[None]:
    rig.start()
    try:
        yield
    finally:
        rig.stop()


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def _wall(browser: Browser, url: str) -> Page:
    from bench._rig import PASSWORD

    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.get_by_label("User name").fill("admin")
    page.locator(PASSWORD_FIELD).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#main").wait_for(state="attached")
    form = next(size for size in FORMS if size >= COUNT)
    page.evaluate("form => localStorage.setItem('sitewarden-wall-form', JSON.stringify(form))", str(form))
    page.goto(f"{url}/wall")
    page.wait_for_function(
        "count => [...document.querySelectorAll('video')].filter(one => one.videoWidth).length === count", arg=COUNT
    )
    return page


def _used(rig: Rig) -> dict[str, float]:
    """Return the processor seconds of the node's processes, of the browser's, and of the cameras."""
    found: dict[str, float] = {}
    node = {pid: name.rstrip("-0123456789") for name, pid in rig.pids().items()}
    for process in psutil.Process().children(recursive=True):
        try:
            times, command = process.cpu_times(), process.cmdline()
        except psutil.Error:
            continue
        if process.pid in node:
            name = node[process.pid]
        elif any("camera_fleet" in word for word in command):
            name = "cameras"
        elif command and "chrom" in command[0]:
            kind = next((word[7:] for word in command if word.startswith("--type=")), "main")
            name = f"browser {kind}"
        else:
            continue
        found[name] = found.get(name, 0.0) + times.user + times.system
    return found
