"""A real RTSP server, run by the system's Python: GStreamer's, with a moving test picture. Prints its port.

Arguments: pipeline, user, password (empty: no authentication), folder, the address to serve at, then maybe "multicast=INTERFACE"
and "avpf" (RTCP feedback, RFC 4585). What passes elements named "sent0" and "sent1" is kept in
files of these names in the folder, each buffer behind its length of 4 bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402


def main() -> None:
    pipeline, user, password, folder, address, *options = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(address)
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline)
    factory.set_shared(True)
    interface = next((option.partition("=")[2] for option in options if option.startswith("multicast=")), "")
    if interface:
        pool = GstRtspServer.RTSPAddressPool()
        pool.add_range("239.77.1.1", "239.77.1.9", 5200, 5219, 1)
        factory.set_address_pool(pool)
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP_MCAST)
        factory.set_multicast_iface(interface)
    if "avpf" in options:
        factory.set_profiles(GstRtsp.RTSPProfile.AVPF)
    factory.connect("media-configure", lambda _, media: keep(media, folder))
    if user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_digest(user, password, token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/test", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


def keep(media: GstRtspServer.RTSPMedia, folder: str) -> None:
    """Write what passes the named elements."""
    for name in ("sent0", "sent1"):
        element = media.get_element().get_by_name(name)
        if element is not None:
            file = (Path(folder) / name).open("wb", buffering=0)
            element.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, passed, file)


def passed(pad: Gst.Pad, info: Gst.PadProbeInfo, file: IO[bytes]) -> Gst.PadProbeReturn:
    """Write one buffer."""
    data = info.get_buffer().extract_dup(0, info.get_buffer().get_size())
    file.write(len(data).to_bytes(4, "big") + data)
    return Gst.PadProbeReturn.OK


if __name__ == "__main__":
    main()
