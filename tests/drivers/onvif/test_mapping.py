"""Answers as cameras send them, with what each means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.drivers.onvif import mapping, notices, wire
from sitewarden.drivers.onvif.client import sentence
from sitewarden.drivers.onvif.mapping import Named, Profile
from sitewarden.drivers.onvif.notices import Change
from sitewarden.drivers.onvif.states import A_MINUTE, States
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.soap import SoapFault, envelope, read_answer, read_message
from sitewarden.wire.xmltree import Element

GOLDEN = Path(__file__).parent / "golden"
BASE = HttpPlace(False, "192.0.2.64", 8080, "/onvif/device_service")
SECOND = 1_000_000
MORNING = 1_772_359_200 * SECOND


def _golden(name: str, answer: str) -> Element:
    return read_answer((GOLDEN / f"{name}.xml").read_bytes(), answer)


def test_services_lie_where_the_camera_is_reached() -> None:
    found = mapping.read_services(_golden("services-other-prefixes", "GetServicesResponse"), BASE)
    assert {name: (place.host, place.port, place.target) for name, place in found.items()} == {
        "device": ("192.0.2.64", 8080, "/onvif/device_service"),
        "media": ("192.0.2.64", 8080, "/onvif/Media"),
        "media2": ("192.0.2.64", 8080, "/onvif/Media2"),
        # Its own address is believed, with the port that it names.
        "events": ("192.0.2.64", 8899, "/onvif/Events"),
        "ptz": ("192.0.2.64", 8080, "/onvif/PTZ"),
    }


def test_services_of_an_old_camera() -> None:
    found = mapping.read_services(_golden("capabilities-old", "GetCapabilitiesResponse"), BASE)
    assert {name: place.target for name, place in found.items()} == {
        "device": "/onvif/device_service",
        "events": "/onvif/event_service",
        "media": "/onvif/media_service",
        "ptz": "/onvif/ptz_service",
        "deviceio": "/onvif/deviceIO_service",
    }


def test_profiles_of_profile_s() -> None:
    main, sub, bare = mapping.read_profiles(_golden("profiles-s", "GetProfilesResponse"), "media")
    assert main == Profile(
        token="Profile_1",
        name="mainStream",
        service="media",
        codec="h264",
        width=2688,
        height=1520,
        fps=20.5,
        source="VideoSource_1",
        ptz=True,
        node="PTZNODETOKEN",
    )
    assert (sub.token, sub.width, sub.bitrate, sub.ptz) == ("Profile_2", 640, 512, False)
    assert (bare.token, bare.name, bare.codec, bare.width) == ("bare", "bare", "", 0)


def test_profiles_of_profile_t() -> None:
    (only,) = mapping.read_profiles(_golden("profiles-t", "GetProfilesResponse"), "media2")
    assert (only.codec, only.width, only.fps, only.bitrate, only.ptz) == ("h265", 3840, 30.0, 0, False)


def test_changes_among_what_a_camera_tells() -> None:
    told = notices.read_notifications(_golden("pull-many", "PullMessagesResponse"))
    assert [(change.kind, change.source, change.active) if (change := notices.change(one)) else None for one in told] == [
        ("motion", "CellMotionDetector/Motion/VSC_1/VA_1/MyMotionDetectorRule", True),
        ("motion", "VideoSource/MotionAlarm/000", False),
        ("input", "1", True),
        ("relay", "R1", False),
        ("tamper", "TamperDetector/VSC_1", True),
        ("tamper", "ImageTooDark/0", False),
        None,
        None,
    ]
    assert [one.time for one in told[:5]] == [MORNING + 250_000, MORNING, MORNING + SECOND, None, None]


def test_a_camera_that_only_zooms() -> None:
    (node,) = mapping.read_nodes(_golden("nodes-fixed-zoom", "GetNodesResponse"))
    assert (node.continuous, node.pan_tilt, node.zoom, node.absolute, node.home, node.presets, node.tours) == (
        True,
        False,
        True,
        False,
        True,
        300,
        0,
    )


@pytest.mark.parametrize(
    ("name", "codes", "said"),
    [
        ("fault-not-authorized", ("Sender", "NotAuthorized"), "Sender not Authorized"),
        ("fault-soap11", ("Client",), "Method not implemented: method name or namespace not recognized"),
    ],
)
def test_faults(name: str, codes: tuple[str, ...], said: str) -> None:
    with pytest.raises(SoapFault) as refused:
        read_message((GOLDEN / f"{name}.xml").read_bytes())
    assert refused.value.codes == codes
    assert sentence(refused.value) == said


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("rtsp://10.0.0.64:554/Streaming/Channels/101?transportmode=unicast", "rtsp://192.0.2.64:554/Streaming/Channels/101?transportmode=unicast"),
        ("rtsp://admin:secret@192.0.2.64/live", "rtsp://192.0.2.64/live"),
        ("rtsp://[fe80::1]/live", "rtsp://192.0.2.64/live"),
        ("rtsps://camera.local:322", "rtsps://192.0.2.64:322/"),
        ("http://192.0.2.64/mjpeg", ""),
        ("rtsp://host:port/", ""),
        ("rtsp://host/a b", ""),
        ("", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("service", ["media", "media2"])
def test_stream_addresses(service: Literal["media", "media2"], said: str, read: str) -> None:
    uri = wire.el("tr2:Uri", text=said) if service == "media2" else wire.el("trt:MediaUri", wire.el("tt:Uri", text=said))
    body = wire.el("trt:GetStreamUriResponse", uri)
    assert mapping.read_stream(read_answer(envelope(body, "", wire.PREFIXES), "GetStreamUriResponse"), BASE) == read


def test_presets_without_a_token_are_left_out() -> None:
    inside = wire.el("tptz:Preset", wire.el("tt:Name", text="a\u0007b"), attributes={"token": "1"})
    body = wire.el("tptz:GetPresetsResponse", inside, wire.el("tptz:Preset", wire.el("tt:Name", text="x")))
    with_bell = envelope(body.replace("\u0007", " "), "", wire.PREFIXES)
    assert mapping.read_named(read_answer(with_bell, "GetPresetsResponse"), "Preset") == (Named(token="1", name="a b"),)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-03-01T10:00:00Z", MORNING),
        ("2026-03-01T10:00:00", MORNING),
        ("2026-03-01T11:30:00+01:30", MORNING),
        ("2026-03-01T05:00:00.5-05:00", MORNING + SECOND // 2),
        ("1970-01-01T00:00:00Z", 0),
        ("2026-02-30T10:00:00Z", None),
        ("2026-03-01 10:00:00", None),
        ("٢٠٢٦-03-01T10:00:00Z", None),
        ("", None),
    ],
)
def test_moments(said: str, read: int | None) -> None:
    assert mapping.read_moment(said) == read


@given(st.integers(0, 4_000_000_000))
def test_moments_round_trip(seconds: int) -> None:
    assert mapping.read_moment(mapping.show_moment(seconds * SECOND)) == seconds * SECOND


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_motion_of_a_camera_is_that_of_any_region(told: list[tuple[str, bool]]) -> None:
    states, now = States("gate", "Gate"), 10**12
    regions: dict[str, bool] = {}
    seen = False
    for source, active in told:
        regions[source] = active
        event = states.take(Change(kind="motion", source=source, active=active), now, now)
        any_ = any(regions.values())
        assert (event.type if event else None) == (None if any_ == seen else "camera.motion" if any_ else "camera.motion-ended")
        seen = any_
    assert states.active("motion") == seen


@given(st.lists(st.tuples(st.sampled_from(["input", "relay"]), st.booleans()), max_size=40))
def test_inputs_tell_changes_alone(told: list[tuple[Literal["input", "relay"], bool]]) -> None:
    states = States("gate", "Gate")
    known: dict[str, bool] = {}
    for kind, active in told:
        event = states.take(Change(kind=kind, source="1", active=active), 0, 0)
        assert (event is not None) == (active != known.get(kind, False))
        known[kind] = active


def test_a_flood_is_followed_and_not_written_down() -> None:
    states = States("gate", "Gate")
    told = [states.take(Change(kind="input", source="1", active=number % 2 == 0), 0, 0) for number in range(1000)]
    assert sum(event is not None for event in told) == A_MINUTE
    assert states.dropped == 1000 - A_MINUTE
    assert states.take(Change(kind="input", source="1", active=True), 0, 61 * SECOND) is not None


def test_times_far_from_now_are_not_believed() -> None:
    states, now = States("gate", "Gate"), 10**15
    times = (now - 1800 * SECOND, now - 7200 * SECOND, now + 60 * SECOND)
    events = [states.take(Change(kind="input", source=str(time), active=True), time, now) for time in times]
    assert [event.time for event in events if event] == [times[0], now, now]
