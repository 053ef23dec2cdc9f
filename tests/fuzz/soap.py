"""Any bytes are a SOAP message, a fault, or refused; whatever a message says is read into values within their limits."""

from __future__ import annotations

from pathlib import Path

from sitewarden.drivers.onvif import mapping, notices, wire
from sitewarden.drivers.onvif.client import sentence
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.soap import SoapError, SoapFault, envelope, fault, read_message, token_created, username_token

BASE = HttpPlace(False, "192.0.2.1", 80, "/onvif/device_service")
_GOLDEN = Path(__file__).parents[1] / "drivers" / "onvif" / "golden"
SEEDS = [
    envelope(wire.get_profiles("media2").body, username_token("ada", "pw", bytes(16), "2026-01-31T12:00:00Z"), wire.PREFIXES),
    fault("Sender", ("ter:InvalidArgVal", "ter:NoProfile"), "No <such> profile", wire.PREFIXES),
    *(path.read_bytes() for path in sorted(_GOLDEN.glob("*.xml"))),
]


def check(data: bytes) -> None:
    try:
        header, content = read_message(data)
    except SoapError:
        return
    except SoapFault as refused:
        assert sentence(refused).isprintable()
        assert len(refused.reason) <= 300
        return
    token_created(header, "ada", "pw")
    time = mapping.read_time(content)
    assert time is None or mapping.read_moment(mapping.show_moment(time)) is not None
    mapping.read_information(content)
    for place in mapping.read_services(content, BASE).values():
        assert place.host == BASE.host and not place.secure, "no camera sends us elsewhere"
    url = mapping.read_stream(content, BASE)
    assert not url or (url.startswith(("rtsp://192.0.2.1", "rtsps://192.0.2.1")) and url.isascii() and "@" not in url[:40])
    for service in ("media", "media2"):
        for profile in mapping.read_profiles(content, service):
            assert profile.token and len(profile.name) <= mapping.LONGEST and profile.name.isprintable()
    mapping.read_nodes(content)
    mapping.read_position(content)
    mapping.read_imaging(content)
    mapping.read_imaging_options(content)
    for name in ("Preset", "PresetTour", "RelayOutputs", "DigitalInputs"):
        assert len(mapping.read_named(content, name)) <= mapping.MOST
    for told in notices.read_notifications(content):
        change = notices.change(told)
        assert change is None or len(change.source) <= mapping.LONGEST
