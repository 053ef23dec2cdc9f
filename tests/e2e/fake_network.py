"""The network of the made-up site: the real manifest with a ledger of its own, doctor's findings, and probes. Pure."""

from __future__ import annotations

from typing import Any

from sitewarden.domain.portchange import movable
from sitewarden.net.exports.plan import place_of
from sitewarden.ports import MANIFEST
from tests.e2e.fake_documents import now

MISSING = "web"
"""The row that a process should hold and does not."""


def _entry(port: str, role: str, local: str, **more: Any) -> dict[str, Any]:
    base = {
        "port": port, "transport": "tcp", "direction": "in", "local": local, "remote": "", "role": role, "pid": 101,
        "since": now() - 3_600_000_000, "bytes_in": 123_456, "bytes_out": 9_876_543, "peers": 2, "last_error": "",
    }  # fmt: skip
    return base | more


def ledger() -> list[dict[str, Any]]:
    """Return what the processes hold: people, controllers, three cameras (one outside of its network), and a failing gateway."""
    dialled = [("10.1.0.5", ""), ("10.1.0.6", ""), ("192.168.7.9", "")]
    return [
        _entry("server", "web-0", "0.0.0.0:8600"),
        _entry("http-api", "web-0", "0.0.0.0:8601", peers=0, bytes_in=0, bytes_out=0, last_error="10.9.3.3 spoke no TLS"),
        _entry("timeseries", "web-0", "0.0.0.0:9090", peers=1),
        _entry("device-server", "core", "0.0.0.0:1480", peers=1),
        *(
            _entry("rtsp", "media-0", f"10.0.0.2:{40000 + n}", remote=f"{host}:554", direction="out", peers=1, last_error=error)
            for n, (host, error) in enumerate(dialled)
        ),
        _entry("media-input", "media-0", "0.0.0.0:3000", transport="udp", peers=1),
        _entry(
            "modbus",
            "iot",
            "10.0.0.2:42424",
            remote="10.3.0.9:502",
            direction="out",
            last_error="10.3.0.9 does not answer (timed out)",
        ),
        _entry("bus", "core", "/var/lib/sitewarden/run/core.sock", transport="unix"),
        *(
            _entry("bus", role, "", remote="/var/lib/sitewarden/run/core.sock", transport="unix", direction="out")
            for role in ("web-0", "media-0", "iot")
        ),
    ]


def ports() -> list[dict[str, Any]]:
    """Return every row of the manifest as the server shows it."""
    held: dict[str, list[dict[str, Any]]] = {}
    for entry in ledger():
        held.setdefault(entry["port"], []).append(entry)
    users = {"rtsp": [f"camera:cam-{n}" for n in range(4)], "modbus": ["endpoint:plant"], "device-udp": ["controller:ctl-1"]}
    found = []
    for row in MANIFEST:
        side = row.side("server")
        first, last = row.default if isinstance(row.default, tuple) else (row.default, None)
        state = "open" if row.name in held else "planned" if row.planned else "missing" if row.name == MISSING else "closed"
        found.append(
            {
                "row": row.name, "number": first, "last": last, "protocol": row.transport, "side": side.way if side else "",
                "purpose": row.purpose, "peer": row.peer, "place": place_of(row), "roles": list(row.roles),
                "users": users.get(row.name, []), "user_count": 12 if row.name == "rtsp" else len(users.get(row.name, [])),
                "tls": row.tls, "changeable": bool(side and side.change.possible), "change": side.change.who if side else "",
                "note": row.note or row.tls_reason, "state": state, "ledger": held.get(row.name, []),
                "movable": movable(row), "trial": None,
            }
        )  # fmt: skip
    return found


def _finding(level: str, check: str, what: str, why: str = "", remedy: str = "", command: str = "") -> dict[str, str]:
    return {"level": level, "check": check, "what": what, "why": why, "remedy": remedy, "command": command}


RESERVE = "sysctl -w net.ipv4.ip_local_reserved_ports=47808,48250,51110,56789,60001"


def findings(*, mended: bool = False) -> dict[str, Any]:
    """Return what doctor found; `mended` leaves what was fine."""
    bad = [
        _finding(
            "error", "ports", "80/tcp on 0.0.0.0 (web) is held by nginx (process 812, on 0.0.0.0)",
            "a service that cannot open its port does not start.",
            "Stop it, or give web another number in sitewarden.toml ([ports]).", "ss -lntp 'sport = :80'",
        ),
        _finding(
            "warning", "ports", "the kernel may give 47808,48250,51110,56789,60001 to other programs as source ports",
            "another program's outgoing connection may sit on the port just when the service starts, and it then cannot open it.",
            "Reserve them, and write the same line to /etc/sysctl.d/ to keep it.", RESERVE,
        ),
        _finding(
            "warning", "TLS", "clients in 10.9.0.0/16 may use the HTTP API without TLS",
            "passwords and video cross that network in clear.",
            "Take the network out of http_api_plain_networks once its clients speak TLS.",
        ),
    ]  # fmt: skip
    fine = [
        _finding("ok", "multicast", "multicast loops on eth0 (IGMP V3)"),
        _finding("ok", "clock", "the clock is kept; it is right within 12 ms"),
    ]
    return {"time": now() - 120_000_000 * (not mended), "took": 2.4, "items": fine if mended else bad + fine}


def probes() -> list[dict[str, Any]]:
    """Return three probes: one that has found trouble, one by key, and one that runs."""
    echo = [
        {"row": "media-input", "number": n, "state": "echo", "reason": "", "heard": heard, "answered": heard}
        for n, heard in ((3000, 1), (4000, 0), (5000, 4))
    ]
    busy = {"row": "device-udp", "number": 51110, "state": "busy", "reason": "a service shares it", "heard": 0, "answered": 0}
    seen = [
        ("server", "tcp", 8600, "open", "health answers", "open", "passes"),
        ("http-api", "tcp", 8601, "filtered", "a firewall or router rejects it (host unreachable)", "open", "blocked"),
        ("web", "tcp", 80, "other", "a web server that is not ours", "closed", "stranger"),
        ("device-server", "tcp", 1480, "open", "TLS 1.3 and the link's hello", "open", "passes"),
        ("media-input", "udp", 3000, "open", "the server's echo came back", "echo", "passes"),
        ("media-input", "udp", 4000, "filtered", "none of 4 questions came back", "echo", "blocked"),
        ("device-udp", "udp", 51110, "unproven", "the service in use shares it with nobody", "busy", "unproven"),
    ]
    verdicts = [
        {"row": row, "transport": kind, "number": n, "verdict": verdict, "detail": detail, "inside": inside, "judgement": both}
        for row, kind, n, verdict, detail, inside, both in seen
    ]

    def report(id_: str, actor: str, address: str, age: int, **more: Any) -> dict[str, Any]:
        started = now() - age * 1_000_000
        return {"id": id_, "actor": actor, "address": address, "started": started, "ended": started + 9_000_000, **more}

    return [
        report("c", "user:admin", "10.9.0.9", 5, ports=echo, verdicts=[]) | {"ended": None},
        report("b", "user:admin", "10.9.0.7", 300, ports=[*echo, busy], verdicts=verdicts),
        report("a", "system:cli", "10.1.0.5", 4000, ports=echo, verdicts=[]),
    ]
