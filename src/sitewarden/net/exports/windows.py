"""Rules for the firewall of Windows, as a PowerShell script; for computers that run clients or nodes there. Pure."""

from __future__ import annotations

from sitewarden.config import Settings
from sitewarden.net.exports.lines import Line
from sitewarden.net.exports.said import comment

LONGEST = 200


def rules(settings: Settings, lines: list[Line]) -> str:
    """Return New-NetFirewallRule commands in one group, which a second run replaces."""
    text = f"# Ports of Sitewarden node {settings.node}; run in an elevated PowerShell.\n"
    text += "Remove-NetFirewallRule -Group 'Sitewarden' -ErrorAction SilentlyContinue\n"
    for line in lines:
        if not line.first or line.local:
            continue
        ports = f"{line.first}-{line.last}" if line.first != line.last else str(line.first)
        inbound = line.way == "in"
        text += (
            f"New-NetFirewallRule -Group 'Sitewarden' -DisplayName 'Sitewarden {line.name} ({line.way})'"
            f" -Description '{comment(line, LONGEST)}' -Direction {'Inbound' if inbound else 'Outbound'} -Action Allow"
            f" -Protocol {line.transport.upper()} {'-LocalPort' if inbound else '-RemotePort'} {ports}{_ends(line)}\n"
        )
    return text


def _ends(line: Line) -> str:
    if line.way == "out":
        remote = line.peers or ((line.group,) if line.group else ())
        return f" -RemoteAddress {','.join(remote)}" if remote else ""
    here = f" -LocalAddress {line.group or line.address}" if line.group or line.address else ""
    return here + (f" -RemoteAddress {','.join(line.peers)}" if line.peers else "")
