"""THE port manifest: every port that any process of ours may open. `net` opens nothing else. Pure; no I/O.

A row tells for each computer (server, device, client, node) the way of new traffic, the default and who may change it.
`source` names the page of facts that a side comes from: access control ("biostar"), video ("digifort"), industrial
("iiot"), or ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import Change, Numbers, PortRow, Side, covers

CONSOLE = Change(True, "an administrator, in sitewarden.toml ([ports]) or from the console")
SETTINGS = Change(True, "an administrator, in sitewarden.toml ([ports])")
INSTALL = Change(True, "the installer: `sitewarden init` asks for it and checks it")
PER_DEVICE = Change(True, "whoever configures the device; its entry here names the same number")
PER_ENDPOINT = Change(True, "an administrator, in the configuration of each endpoint")
RTSP = Change(True, "an administrator: of each camera in its address, of RTSP out in sitewarden.toml ([ports])")
FOLLOWS = Change(True, "follows the server's number")
FIXED_FOUND = Change(False, "it is fixed so that peers find it with no configuration.")
FIXED_API = Change(False, "it is fixed because third-party systems and mobile apps expect it there.")
FIXED_CAMERA = Change(False, "the span is fixed so that firewalls between cameras and server need one rule.")
CAMERA_NAMES = Change(False, "the camera's own settings say group and ports, and its answer names them.")
FIXED_RTP = Change(False, "the span is fixed so that firewalls between server and players need one rule.")
FIXED_STANDARD = Change(False, "the protocol's standard fixes it; devices send to no other port.")
GROUP = Change(True, "an administrator changes the group, one for each server; the ports stay")
VIEWER = Change(True, "whoever starts the viewer, with --port")
LOCAL = Change(False, "it is a file of this machine, not a port.")

NO_TLS_RTP = "RTP over UDP carries no TLS; keep cameras on a network of their own, or take RTSP over TCP with TLS."
NO_TLS_GROUP = "multicast has no session to protect; messages are signed where it matters, video stays on trusted networks."
NO_TLS_FIELD = "the field protocol has none; keep its devices on a network of their own."

MANIFEST: tuple[PortRow, ...] = (
    PortRow(
        name="server", transport="tcp", default=8600, roles=("web",), standing=True, tls="default-on",
        purpose="Administration and surveillance: console, CLI and clients",
        peer="every client",
        sides=(
            Side("server", "in", 8600, CONSOLE, "digifort"),
            Side("client", "out", 8600, FOLLOWS, "digifort"),
        ),
    ),
    PortRow(
        name="http-api", transport="tcp", default=8601, roles=("web",), standing=True, tls="default-on",
        purpose="HTTP interface for third-party systems and mobile apps",
        peer="third-party systems, mobile apps",
        note="may be plain for the networks listed in http_api_plain_networks, since clients exist that speak nothing else",
        sides=(
            Side("server", "in", 8601, FIXED_API, "digifort"),
            Side("client", "out", 8601, FIXED_API, "digifort"),
        ),
    ),
    PortRow(
        name="web", transport="tcp", default=80, roles=("web",), standing=True, tls="redirect-only",
        purpose="The page in a browser; off loopback it redirects to TLS on the server port and serves the CA certificate",
        peer="browsers",
        sides=(
            Side("server", "in", 80, CONSOLE, "digifort"),
            Side("client", "out", 80, FOLLOWS, "digifort"),
        ),
    ),
    PortRow(
        name="media-input", transport="udp", default=(3000, 5000), driver=True, roles=("media",),
        tls="protocol-has-none", tls_reason=NO_TLS_RTP,
        purpose="RTP and RTCP from cameras that send over UDP, an even and odd pair for each track",
        peer="cameras",
        note="named ports inside the span (3702, 4840) are never leased",
        sides=(
            Side("server", "in", (3000, 5000), FIXED_CAMERA, "digifort"),
            Side("device", "out", (3000, 5000), FIXED_CAMERA, "digifort"),
        ),
    ),
    PortRow(
        name="viewer", transport="tcp", default=8690, roles=("cli",), tls="default-on",
        purpose="The console on a workstation, with live video from multicast: `sitewarden viewer` feeds its own browser",
        peer="the browser of the same computer",
        note="on loopback alone; `--port` changes it",
        sides=(Side("client", "in", 8690, VIEWER, "ours"),),
    ),
    PortRow(
        name="announcement", transport="udp", default=8650, group="225.0.0.100", shared=True,
        roles=("core", "analytics", "lpr", "cli"), tls="protocol-has-none", tls_reason=NO_TLS_GROUP,
        purpose="Announcement of services: servers, analytics and LPR nodes tell where they are",
        peer="servers, analytics and LPR nodes, clients",
        note="switches must pass multicast, or nodes are found by address only",
        sides=(
            Side("server", "both", 8650, FIXED_FOUND, "digifort"),
            Side("node", "both", 8650, FIXED_FOUND, "digifort"),
            Side("client", "in", 8650, FIXED_FOUND, "digifort"),
        ),
    ),
    PortRow(
        name="announcement-ipv6", transport="udp", default=8650, group="ff15::e100:64", shared=True,
        roles=("core", "analytics", "lpr", "cli"), tls="protocol-has-none", tls_reason=NO_TLS_GROUP,
        purpose="Announcement of services over IPv6, site-local: the twin of announcement",
        peer="servers, analytics and LPR nodes, clients",
        note="the group's last 32 bits are those of 225.0.0.100; it is sent to where the node serves IPv6",
        sides=(
            Side("server", "both", 8650, FIXED_FOUND, "ours"),
            Side("node", "both", 8650, FIXED_FOUND, "ours"),
            Side("client", "in", 8650, FIXED_FOUND, "ours"),
        ),
    ),
    PortRow(
        name="node-check", transport="tcp", default=8600, roles=("core", "cli"), tls="default-on",
        purpose="Reachability of found and registered servers and nodes: one TLS handshake, which shows their certificate",
        peer="servers, analytics and LPR nodes",
        note="the announcement or the registration names the port; found ones are asked only on networks of this computer",
        sides=(
            Side("server", "out", 8600, PER_DEVICE, "ours"),
            Side("client", "out", 8600, PER_DEVICE, "ours"),
            Side("node", "in", 8600, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="media-multicast", transport="udp", default=(1025, 65534), group="225.5.10.1",
        roles=("media",), tls="protocol-has-none", tls_reason=NO_TLS_GROUP,
        purpose="Live video to many clients at once: one port a stream, +1, wraps at 65534 and skips ports still in use",
        peer="clients",
        note="servers on the same network need different groups",
        sides=(
            Side("server", "out", (1025, 65534), GROUP, "digifort"),
            Side("client", "in", (1025, 65534), GROUP, "digifort"),
        ),
    ),
    PortRow(
        name="upnp", transport="udp", default=8660, roles=("core", "cli"), broadcast=True,
        tls="protocol-has-none", tls_reason="SSDP (UPnP Device Architecture 1.1) has none.",
        purpose="Answers of UPnP devices to a search that is sent to 239.255.255.250:1900",
        peer="UPnP devices",
        note="open only while a search runs; also when it runs from an administrator's laptop",
        sides=(
            Side("server", "in", 8660, FIXED_FOUND, "digifort"),
            Side("client", "in", 8660, FIXED_FOUND, "digifort"),
            Side("device", "out", 8660, FIXED_FOUND, "digifort"),
        ),
    ),
    PortRow(
        name="analytics", transport="tcp", default=8610, driver=True, planned=True,
        roles=("core", "media", "analytics"), tls="always",
        purpose="Administration of an analytics node, and pictures for it to process",
        peer="analytics nodes",
        sides=(
            Side("server", "out", 8610, CONSOLE, "digifort"),
            Side("node", "in", 8610, CONSOLE, "digifort"),
            Side("client", "out", 8610, FOLLOWS, "digifort"),
        ),
    ),
    PortRow(
        name="lpr", transport="tcp", default=8611, driver=True, planned=True, roles=("core", "media", "lpr"), tls="always",
        purpose="Administration of an LPR node, and pictures for it to read plates in",
        peer="LPR nodes",
        sides=(
            Side("server", "out", 8611, CONSOLE, "digifort"),
            Side("node", "in", 8611, CONSOLE, "digifort"),
            Side("client", "out", 8611, FOLLOWS, "digifort"),
        ),
    ),
    PortRow(
        name="device-direct-station", transport="tcp", default=1470, driver=True,
        roles=("core", "cli", "controller"), tls="always",
        purpose="Direct mode to controllers of the station family; for commissioning and diagnosis",
        peer="controllers",
        note="while one peer holds the device, no other sees it",
        sides=(
            Side("server", "out", 1470, PER_DEVICE, "biostar"),
            Side("client", "out", 1470, PER_DEVICE, "biostar"),
            Side("device", "in", 1470, PER_DEVICE, "biostar"),
        ),
    ),
    PortRow(
        name="device-direct-reader", transport="tcp", default=1471, driver=True,
        roles=("core", "cli", "controller"), tls="always",
        purpose="Direct mode to controllers of the reader family; for commissioning and diagnosis",
        peer="controllers",
        note="while one peer holds the device, no other sees it",
        sides=(
            Side("server", "out", 1471, PER_DEVICE, "biostar"),
            Side("client", "out", 1471, PER_DEVICE, "biostar"),
            Side("device", "in", 1471, PER_DEVICE, "biostar"),
        ),
    ),
    PortRow(
        name="device-server", transport="tcp", default=1480, roles=("core", "controller"), tls="always",
        purpose="Server mode: controllers dial in, upload their log and take commands",
        peer="controllers",
        note="asks for a certificate and accepts none: a device that is not paired may only pair",
        sides=(
            Side("server", "in", 1480, CONSOLE, "biostar"),
            Side("device", "out", 1480, PER_DEVICE, "biostar"),
        ),
    ),
    PortRow(
        name="device-udp", transport="udp", default=51110, roles=("core", "cli", "controller"),
        shared=True, broadcast=True, tls="protocol-has-none",
        tls_reason="broadcast has none; network changes and resets carry a keyed MAC with a replay window.",
        purpose="Search for controllers, change of their network settings, reset",
        peer="controllers",
        note="always from and to 51110, since a firewall does not take answers to a broadcast as established",
        sides=(
            Side("server", "both", 51110, FIXED_FOUND, "biostar"),
            Side("client", "both", 51110, FIXED_FOUND, "biostar"),
            Side("device", "both", 51110, FIXED_FOUND, "biostar"),
        ),
    ),
    PortRow(
        name="bacnet", transport="udp", default=47808, driver=True, roles=("iot",), broadcast=True,
        tls="protocol-has-none", tls_reason="BACnet/IP (ASHRAE 135 Annex J) has none; " + NO_TLS_FIELD,
        purpose="The port used by BACnet devices and the server to communicate",
        peer="BACnet devices",
        sides=(
            Side("server", "both", 47808, CONSOLE, "iiot"),
            Side("device", "both", 47808, FIXED_STANDARD, "iiot"),
        ),
    ),
    PortRow(
        name="modbus", transport="tcp", default=502, driver=True, roles=("iot",),
        tls="protocol-has-none", tls_reason="Modbus TCP has none; " + NO_TLS_FIELD,
        purpose="Communication with Modbus devices; in for our own Modbus server",
        peer="Modbus devices and masters",
        sides=(
            Side("server", "both", 502, PER_ENDPOINT, "iiot"),
            Side("device", "in", 502, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="opcua-lds", transport="tcp", default=4840, driver=True, planned=True, roles=("iot",), tls="default-on",
        tls_reason="OPC UA secures its own channel (Part 6, UA Secure Conversation) in place of TLS.",
        purpose="Local discovery service: FindServers and GetEndpoints",
        peer="OPC UA discovery servers",
        sides=(
            Side("server", "out", 4840, PER_ENDPOINT, "iiot"),
            Side("device", "in", 4840, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="opcua-lds-udp", transport="udp", default=4840, driver=True, group="224.0.2.14", shared=True, planned=True,
        roles=("iot",),
        tls="protocol-has-none", tls_reason="OPC UA Part 14 discovery announcements have none.",
        purpose="Discovery of OPC UA devices (OPC UA Part 14 discovery announcements)",
        peer="OPC UA servers",
        sides=(
            Side("server", "both", 4840, PER_ENDPOINT, "iiot"),
            Side("device", "both", 4840, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="mdns", transport="udp", default=5353, driver=True, group="224.0.0.251", shared=True, planned=True,
        roles=("iot", "core"),
        tls="protocol-has-none", tls_reason="mDNS (RFC 6762) has none.",
        purpose="Discovery of OPC UA servers with the multicast extension (OPC UA Part 12)",
        peer="OPC UA servers",
        sides=(
            Side("server", "both", 5353, FIXED_STANDARD, "ours"),
            Side("device", "both", 5353, FIXED_STANDARD, "ours"),
        ),
    ),
    PortRow(
        name="opcua", transport="tcp", default=48250, driver=True, roles=("iot",), tls="default-on",
        tls_reason="OPC UA secures its own channel (Part 6, UA Secure Conversation) in place of TLS.",
        purpose="Command and control communication with OPC UA servers; in for our own server",
        peer="OPC UA servers and clients",
        sides=(
            Side("server", "both", 48250, PER_ENDPOINT, "iiot"),
            Side("device", "in", 48250, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="opcua-second", transport="tcp", default=48255, driver=True, roles=("iot",), tls="default-on",
        tls_reason="OPC UA secures its own channel (Part 6, UA Secure Conversation) in place of TLS.",
        purpose="Second port of an OPC UA server",
        peer="OPC UA servers",
        note="the page of facts does not say transport and use; TCP for communication is assumed",
        sides=(
            Side("server", "out", 48255, PER_ENDPOINT, "iiot"),
            Side("device", "in", 48255, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="snmp", transport="udp", default=161, driver=True, roles=("iot",),
        tls="protocol-has-none", tls_reason="SNMP v1 and v2c have none; v3 secures its own messages (RFC 3414).",
        purpose="Poll objects on SNMP devices to get latest values and states",
        peer="SNMP agents",
        note="sent from the ports of snmp-source where that is set",
        sides=(
            Side("server", "out", 161, PER_ENDPOINT, "iiot"),
            Side("device", "in", 161, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="snmp-source", transport="udp", default=None, driver=True, roles=("iot",),
        tls="protocol-has-none", tls_reason="SNMP v1 and v2c have none; v3 secures its own messages (RFC 3414).",
        purpose="Range of source ports that polls are spread over, to increase polling performance",
        peer="SNMP agents",
        sides=(Side("server", "both", None, PER_ENDPOINT, "iiot"),),
    ),
    PortRow(
        name="snmp-trap", transport="udp", default=162, driver=True, roles=("iot",),
        tls="protocol-has-none", tls_reason="SNMP v1 and v2c have none; v3 secures its own messages (RFC 3414).",
        purpose="Listen for notifications (SNMP traps and informs) from SNMP devices",
        peer="SNMP agents",
        sides=(
            Side("server", "in", 162, FIXED_STANDARD, "iiot"),
            Side("device", "out", 162, FIXED_STANDARD, "iiot"),
        ),
    ),
    PortRow(
        name="http-server", transport="tcp", default=56789, driver=True, roles=("iot",), tls="default-on",
        tls_reason="an endpoint may turn it off for devices that speak plain HTTP alone; keep those on a network of their own.",
        purpose="Listen for objects with latest values and states that HTTP devices send; out to devices that serve them",
        peer="HTTP devices",
        sides=(
            Side("server", "both", 56789, PER_ENDPOINT, "iiot"),
            Side("device", "both", 56789, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="tcp-server", transport="tcp", default=None, driver=True, roles=("iot",), tls="protocol-has-none",
        tls_reason="devices that push bytes seldom can; an endpoint may turn TLS on.",
        purpose="Listen for devices that push bytes with latest values and states",
        peer="TCP devices",
        sides=(
            Side("server", "in", None, PER_ENDPOINT, "iiot"),
            Side("device", "out", None, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="tcp-client", transport="tcp", default=42000, driver=True, roles=("iot",), tls="protocol-has-none",
        tls_reason="devices that serve bytes seldom can; an endpoint may turn TLS on.",
        purpose="Read bytes from devices that serve them",
        peer="TCP devices",
        note="42000 is a suggestion",
        sides=(
            Side("server", "out", 42000, PER_ENDPOINT, "iiot"),
            Side("device", "in", 42000, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="mqtt", transport="tcp", default=8883, driver=True, roles=("iot",), tls="default-on",
        purpose="Topics from an MQTT broker, and values written to it",
        peer="MQTT brokers",
        note="8883 is a suggestion; there is no default",
        sides=(
            Side("server", "out", 8883, PER_ENDPOINT, "iiot"),
            Side("device", "out", 8883, PER_DEVICE, "iiot"),
            Side("node", "in", 8883, PER_DEVICE, "iiot"),
        ),
    ),
    PortRow(
        name="timeseries", transport="tcp", default=9090, standing=True, roles=("web",), tls="default-on",
        purpose="Time series for Grafana and Prometheus clients: PromQL over points' history",
        peer="Grafana, Prometheus clients",
        note="Prometheus and Cockpit like this port too; callers show an API token",
        sides=(
            Side("server", "in", 9090, INSTALL, "iiot"),
            Side("client", "out", 9090, FOLLOWS, "iiot"),
        ),
    ),
    PortRow(
        name="postgresql", transport="tcp", default=5432, roles=("core", "iot", "web"), tls="default-on",
        purpose="The database, where one is used in place of the built-in files",
        peer="PostgreSQL",
        note="out only where database.url names one; plain is for this computer alone",
        sides=(
            Side("server", "out", 5432, INSTALL, "iiot"),
            Side("node", "in", 5432, INSTALL, "iiot"),
        ),
    ),
    PortRow(
        name="rtsp", transport="tcp", default=554, driver=True, roles=("media", "web"), tls="protocol-has-none",
        tls_reason="plain RTSP has none; rtsps is its own row.",
        purpose="Video from cameras, with RTP inside the same connection; in for RTSP out",
        peer="cameras, players",
        note="in only where rtsp_out.enabled and rtsp_out.plain are set",
        sides=(
            Side("server", "both", 554, RTSP, "ours"),
            Side("device", "in", 554, PER_DEVICE, "ours"),
            Side("client", "out", 554, FOLLOWS, "ours"),
        ),
    ),
    PortRow(
        name="rtsps", transport="tcp", default=322, driver=True, roles=("media", "web"), tls="always",
        purpose="Video from cameras over TLS (RFC 7826); in for RTSP out",
        peer="cameras, players",
        note="in only where rtsp_out.enabled is set",
        sides=(
            Side("server", "both", 322, RTSP, "ours"),
            Side("device", "in", 322, PER_DEVICE, "ours"),
            Side("client", "out", 322, FOLLOWS, "ours"),
        ),
    ),
    PortRow(
        name="rtmp", transport="tcp", default=1935, driver=True, roles=("media",), tls="default-on",
        purpose="Video that cameras and encoders publish (RTMP); with TLS (RTMPS) and without on the same number",
        peer="cameras and encoders that publish",
        note="open only while a camera of the driver rtmp is enabled; without TLS, where the stream key is readable on its way, "
        "only for the networks listed in rtmp_plain_networks, since many encoders have none",
        sides=(
            Side("server", "in", 1935, SETTINGS, "ours"),
            Side("device", "out", 1935, FOLLOWS, "ours"),
        ),
    ),
    PortRow(
        name="rtsp-out-rtp", transport="udp", default=(6970, 7097), driver=True, roles=("web",),
        tls="protocol-has-none", tls_reason="RTP over UDP carries no TLS; take rtsps where that matters.",
        purpose="RTSP out over UDP: video to clients that ask for it, their reports back; one even and odd pair a web process",
        peer="other systems, players",
        note="open only where rtsp_out.enabled, rtsp_out.plain and rtsp_out.udp are set; players open the way by sending first",
        sides=(
            Side("server", "in", (6970, 7097), FIXED_RTP, "ours"),
            Side("client", "out", (6970, 7097), FIXED_RTP, "ours"),
        ),
    ),
    PortRow(
        name="whep", transport="udp", default=8602, roles=("web",), tls="always", tls_reason="DTLS-SRTP (RFC 8827).",
        purpose="Live video by WebRTC (WHEP): connectivity checks, DTLS and SRTP of all viewers on one port",
        peer="browsers, players",
        note="open only where whep.enabled is set; what is not signed with a viewer's own key gets no answer",
        sides=(
            Side("server", "in", 8602, SETTINGS, "ours"),
            Side("client", "out", 8602, FOLLOWS, "ours"),
        ),
    ),
    PortRow(
        name="camera-multicast", transport="udp", default=(1025, 65534), group="224.0.0.0/4", driver=True, shared=True,
        roles=("media",), tls="protocol-has-none", tls_reason=NO_TLS_RTP,
        purpose="RTP and RTCP from cameras that send to a multicast group, as the camera names group and ports",
        peer="cameras",
        note="joined only while a camera is set to multicast; packets of other senders than that camera are passed over",
        sides=(
            Side("server", "in", (1025, 65534), CAMERA_NAMES, "ours"),
            Side("device", "out", (1025, 65534), CAMERA_NAMES, "ours"),
        ),
    ),
    PortRow(
        name="camera-http", transport="tcp", default=80, driver=True, roles=("media",), tls="protocol-has-none",
        tls_reason="plain HTTP; camera-https is its own row.",
        purpose="Motion JPEG from cameras over HTTP",
        peer="cameras",
        sides=(
            Side("server", "out", 80, PER_DEVICE, "ours"),
            Side("device", "in", 80, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="camera-https", transport="tcp", default=443, driver=True, roles=("media",), tls="always",
        purpose="Motion JPEG from cameras over HTTP with TLS",
        peer="cameras",
        sides=(
            Side("server", "out", 443, PER_DEVICE, "ours"),
            Side("device", "in", 443, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="camera-stream", transport="tcp", default=1935, driver=True, roles=("media",), tls="protocol-has-none",
        tls_reason="rtmp:// and http:// have none; rtmps:// and https:// are TLS.",
        purpose="Video that FFmpeg fetches in a child process: RTMP, HLS, and transport streams over HTTP",
        peer="cameras and servers of streams",
        note="each camera's address names the number; the child connects by itself, and an HLS playlist may name further hosts",
        sides=(
            Side("server", "out", 1935, PER_DEVICE, "ours"),
            Side("device", "in", 1935, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="onvif", transport="tcp", default=80, driver=True, roles=("media", "core"), tls="protocol-has-none",
        tls_reason="plain HTTP with WS-Security digests; onvif-tls is its own row.",
        purpose="ONVIF web services of cameras and door controllers",
        peer="ONVIF devices",
        sides=(
            Side("server", "out", 80, PER_ENDPOINT, "ours"),
            Side("device", "in", 80, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="onvif-tls", transport="tcp", default=443, driver=True, roles=("media", "core"), tls="always",
        purpose="ONVIF web services over TLS",
        peer="ONVIF devices",
        sides=(
            Side("server", "out", 443, PER_ENDPOINT, "ours"),
            Side("device", "in", 443, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="ws-discovery", transport="udp", default=3702, group="239.255.255.250", shared=True,
        roles=("media", "core", "cli"), tls="protocol-has-none", tls_reason="WS-Discovery has none.",
        purpose="Searches for ONVIF devices (answers come to ws-discovery-answers), and their hellos",
        peer="ONVIF devices",
        note="open only while a search runs",
        sides=(
            Side("server", "both", 3702, FIXED_STANDARD, "ours"),
            Side("client", "both", 3702, FIXED_STANDARD, "ours"),
            Side("device", "both", 3702, FIXED_STANDARD, "ours"),
        ),
    ),
    PortRow(
        name="ws-discovery-answers", transport="udp", default=3702, shared=True, broadcast=True, roles=("core", "cli"),
        tls="protocol-has-none", tls_reason="WS-Discovery has none.",
        purpose="Answers of ONVIF devices to a search that is sent to 239.255.255.250:3702",
        peer="ONVIF devices",
        note="open only while a search runs; a firewall does not take answers to a group as established",
        sides=(
            Side("server", "in", 3702, FIXED_STANDARD, "ours"),
            Side("client", "in", 3702, FIXED_STANDARD, "ours"),
            Side("device", "out", 3702, FIXED_STANDARD, "ours"),
        ),
    ),
    PortRow(
        name="ssdp", transport="udp", default=1900, group="239.255.255.250", shared=True, roles=("core", "cli"),
        tls="protocol-has-none", tls_reason="SSDP (UPnP Device Architecture 1.1) has none.",
        purpose="Searches for UPnP devices (answers come to upnp), and their notices",
        peer="UPnP devices",
        note="open only while a search runs",
        sides=(
            Side("server", "both", 1900, FIXED_STANDARD, "ours"),
            Side("client", "both", 1900, FIXED_STANDARD, "ours"),
            Side("device", "both", 1900, FIXED_STANDARD, "ours"),
        ),
    ),
    PortRow(
        name="upnp-description", transport="tcp", default=None, roles=("core", "cli"), tls="protocol-has-none",
        tls_reason="UPnP devices describe themselves over plain HTTP (UPnP Device Architecture 2.0, clause 2).",
        purpose="Descriptions of UPnP devices that answered a search, fetched from the address that answered and from no other",
        peer="UPnP devices",
        note="the device names the port in its answer",
        sides=(
            Side("server", "out", None, PER_DEVICE, "ours"),
            Side("client", "out", None, PER_DEVICE, "ours"),
            Side("device", "in", None, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="nats", transport="tcp", default=4222, planned=True, roles=("core",), tls="default-on",
        purpose="Transport between machines, where a site is larger than one server",
        peer="NATS servers",
        sides=(Side("server", "out", 4222, SETTINGS, "ours"), Side("node", "in", 4222, SETTINGS, "ours")),
    ),
    PortRow(
        name="smtp", transport="tcp", default=587, planned=True, roles=("core",), tls="always",
        tls_reason="STARTTLS is demanded (RFC 8314).",
        purpose="Messages by mail",
        peer="mail servers",
        sides=(Side("server", "out", 587, SETTINGS, "ours"),),
    ),
    PortRow(
        name="webhooks", transport="tcp", default=443, planned=True, roles=("core",), tls="default-on",
        purpose="Events sent to other systems",
        peer="HTTPS servers",
        sides=(Side("server", "out", 443, PER_ENDPOINT, "ours"),),
    ),
    PortRow(
        name="ntp", transport="udp", default=123, planned=True, roles=("core", "cli"), tls="protocol-has-none",
        tls_reason="NTP (RFC 5905) has none; the clock itself is the operating system's business.",
        purpose="Check of this clock and of devices' clocks",
        peer="time servers",
        sides=(Side("server", "out", 123, SETTINGS, "ours"),),
    ),
    PortRow(
        name="path-mtu", transport="udp", default=33434, roles=("core", "cli"), tls="protocol-has-none",
        tls_reason="it carries zeros.",
        purpose="One datagram of full size to each configured device: its refusal shows that such packets pass",
        peer="devices",
        note="sent by `sitewarden doctor` alone, at most three to a device; the number is traceroute's",
        sides=(Side("server", "out", 33434, FIXED_STANDARD, "ours"),),
    ),
    PortRow(
        name="dns", transport="udp", default=53, roles=("core", "web", "media", "iot", "cli", "controller", "analytics", "lpr"),
        tls="protocol-has-none", tls_reason="the operating system's resolver asks; its settings decide.",
        purpose="Names of devices, where a device is configured by name; asked by the operating system's resolver",
        peer="name servers",
        sides=(Side("server", "out", 53, FIXED_STANDARD, "ours"),),
    ),
    PortRow(
        name="s3", transport="tcp", default=443, driver=True, roles=("media", "web", "core", "cli"), tls="default-on",
        purpose="Recordings moved to a bucket, and read from there; backups",
        peer="S3 servers",
        note="where a volume or the place of backups is a bucket; media processes send and delete, web processes read, "
        "and the process that makes a backup sends",
        sides=(Side("server", "out", 443, SETTINGS, "ours"),),
    ),
    PortRow(
        name="remote-write", transport="tcp", default=None, driver=True, roles=("iot",), tls="default-on",
        purpose="Samples sent to a time-series database (Prometheus remote write)",
        peer="Prometheus-like databases",
        note="the number is in the address of each target",
        sides=(Side("server", "out", None, PER_ENDPOINT, "ours"),),
    ),
    PortRow(
        name="osdp", transport="serial", default=None, driver=True,
        roles=("controller",), tls="protocol-has-none",
        tls_reason="OSDP secures its own channel (IEC 60839-11-5, Secure Channel).",
        purpose="Readers on RS-485 (OSDP)",
        peer="readers",
        sides=(Side("device", "both", None, PER_DEVICE, "ours"),),
    ),
    PortRow(
        name="osdp-tcp", transport="tcp", default=None, driver=True,
        roles=("controller",), tls="protocol-has-none",
        tls_reason="OSDP secures its own channel (IEC 60839-11-5, Secure Channel).",
        purpose="Readers behind a serial converter on the network (OSDP)",
        peer="converters and readers",
        sides=(Side("device", "out", None, PER_DEVICE, "ours"),),
        note="The controller dials; the number is the converter's.",
    ),
    PortRow(
        name="uhppote", transport="udp", default=60000, driver=True, roles=("core", "cli"), broadcast=True,
        tls="protocol-has-none", tls_reason=NO_TLS_FIELD,
        purpose="Commands to UHPPOTE door controllers",
        peer="UHPPOTE controllers",
        note="boards prove nothing, and ask for no proof: whoever reaches this port commands them",
        sides=(
            Side("server", "out", 60000, PER_DEVICE, "ours"),
            Side("client", "out", 60000, PER_DEVICE, "ours"),
            Side("device", "in", 60000, PER_DEVICE, "ours"),
        ),
    ),
    PortRow(
        name="uhppote-event", transport="udp", default=60001, driver=True, roles=("core",),
        tls="protocol-has-none", tls_reason=NO_TLS_FIELD,
        purpose="Events from UHPPOTE door controllers",
        peer="UHPPOTE controllers",
        sides=(Side("server", "in", 60001, SETTINGS, "ours"), Side("device", "out", 60001, PER_DEVICE, "ours")),
    ),
    PortRow(
        name="bus", transport="unix", default=None, roles=("core", "web", "media", "iot", "cli"),
        tls="protocol-has-none", tls_reason="it never leaves this machine; the file's mode 0600 guards it.",
        purpose="The bus between this machine's processes: core.sock in the run directory",
        peer="processes of this node",
        sides=(Side("server", "both", None, LOCAL, "ours"),),
    ),
    PortRow(
        name="live", transport="unix", default=None, roles=("media", "web", "cli"),
        tls="protocol-has-none", tls_reason="it never leaves this machine; the file's mode 0600 guards it.",
        purpose="Live video from a media worker to the web workers and `sitewarden snapshot`: media-N.sock in the run directory",
        peer="processes of this node",
        sides=(Side("server", "both", None, LOCAL, "ours"),),
    ),
)  # fmt: skip

BY_NAME: Mapping[str, PortRow] = {row.name: row for row in MANIFEST}


def row(name: str) -> PortRow:
    """Return the row of that name; refuse a name that is not in the manifest, with the nearest that is."""
    found = BY_NAME.get(name)
    if found is None:
        near = difflib.get_close_matches(name, BY_NAME, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise Refusal(f"{name} is not in the port manifest.", remedy=f"{hint}`sitewarden ports` lists every row.")
    return found


def number_of(name: str, changes: Mapping[str, int]) -> Numbers:
    """Return a row's number on this server with the node's changes applied; None for a template without one."""
    found = row(name)
    return changes.get(name, found.default)


def reserved_in(first: int, last: int, transport: str, changes: Mapping[str, int]) -> frozenset[int]:
    """Return the ports inside a span that single rows name, by default or by change; they are never leased from it."""
    taken: set[int] = set()
    for each in MANIFEST:
        if each.transport != transport or each.span is not None:
            continue
        for number in (each.default, changes.get(each.name)):
            if isinstance(number, int) and covers((first, last), number):
                taken.add(number)
    return frozenset(taken)
