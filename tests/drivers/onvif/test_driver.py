from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sitewarden.domain.commands import Command
from sitewarden.kit.clock import SystemClock
from tests.drivers.onvif.rig import REF, Rig

Make = Callable[..., Rig]
SECOND = 1_000_000


@pytest.mark.parametrize("profile", ["S", "T"])
@pytest.mark.parametrize("proof", ["token", "digest"])
async def test_a_camera_says_what_it_is_and_can(make: Make, profile: str, proof: str) -> None:
    rig = make(profile=profile, proof=proof)
    await rig.begin()
    await rig.subscribed()
    data = rig.statuses[-1].data
    assert (data["manufacturer"], data["model"], data["serial"]) == ("Sitewarden", f"Simulated camera {profile}", "SIM-gate")
    assert data["profiles"] == 2
    assert data["ptz"] == {
        "continuous": True,
        "absolute": True,
        "relative": True,
        "zoom": True,
        "pan_tilt": True,
        "home": True,
        "presets": 16,
        "tours": 4,
    }
    assert [one["token"] for one in data["relays"]] == ["relay-1", "relay-2"]
    assert data["inputs"] == [{"token": "input-1", "name": "", "active": False}]
    assert {line.port for line in rig.net.ledger()} <= {"onvif"}
    assert [event.type for event in rig.events] == ["camera-control.online"]
    assert rig.events[0].entity == "camera:gate"


@pytest.mark.parametrize("offset", [-3 * 365 * 86_400.0, 7200.0])
async def test_a_wrong_clock_is_no_wrong_password(make: Make, offset: float) -> None:
    rig = make(clock_offset=offset)
    await rig.begin()
    await rig.subscribed()
    assert rig.statuses[-1].data["clock_offset"] == pytest.approx(offset, abs=2)
    rig.camera.properties.set_motion(True)
    event = await rig.told("camera.motion")
    assert abs(event.time - SystemClock().now()) < 30 * SECOND, "its time is ours, not the camera's"


async def test_a_camera_whose_clock_is_set_while_it_runs_is_asked_on(rig: Rig) -> None:
    rig.camera.clock_offset = 86_400
    result = await rig.command("camera.preset.list")
    assert result.ok, result.what
    rig.camera.properties.set_motion(True)
    await rig.told("camera.motion")
    assert not [event for event in rig.events if event.type == "camera-control.offline"]


async def test_a_wrong_password_stops(make: Make) -> None:
    rig = make()
    await rig.begin(password="no")
    await rig.told("camera-control.misconfigured")
    asked = len(rig.camera.asked)
    assert "refuses the user" in rig.statuses[-1].detail
    await asyncio.sleep(0.5)
    assert len(rig.camera.asked) == asked, "a wrong password is not tried again"
    assert asked < 8


async def test_each_change_is_one_event(rig: Rig) -> None:
    properties = rig.camera.properties
    for _ in range(3):
        properties.set_input("input-1", True)
    properties.set_motion(True)
    properties.set_motion(True)
    properties.set_tampered(True)
    properties.set_motion(False)
    properties.set_tampered(False)
    properties.set_input("input-1", False)
    await rig.told("camera.input", 2)
    assert [event.type for event in rig.events[1:]] == [
        "camera.input",
        "camera.motion",
        "camera.tamper",
        "camera.motion-ended",
        "camera.tamper-cleared",
        "camera.input",
    ]
    assert {event.entity for event in rig.events} == {"camera:gate"}
    assert rig.events[1].text == "Input input-1 of Gate is active"
    assert len({event.key for event in rig.events}) == len(rig.events)


async def test_a_dropped_subscription_is_made_anew_and_nothing_is_told_twice(rig: Rig) -> None:
    rig.camera.properties.set_motion(True)
    await rig.told("camera.motion")
    before = list(rig.camera.asked).count("CreatePullPointSubscription")
    rig.camera.properties.forget_subscriptions()
    await rig.until(lambda: list(rig.camera.asked).count("CreatePullPointSubscription") > before)
    rig.camera.properties.set_input("input-1", True)
    await rig.told("camera.input")
    assert [event.type for event in rig.events] == ["camera-control.online", "camera.motion", "camera.input"]


async def test_what_ended_while_the_camera_was_away_ends_here(rig: Rig) -> None:
    rig.camera.properties.set_motion(True)
    await rig.told("camera.motion")
    await rig.server.stop()
    await rig.told("camera-control.offline")
    rig.camera.properties.motion = False
    rig.camera.properties.forget_subscriptions()
    await rig.server.start(rig.host, rig.server.port)
    await rig.told("camera.motion-ended")
    await rig.told("camera-control.online", 2)


async def test_a_camera_that_tells_states_only_when_asked_is_asked_after_a_subscription_was_lost(make: Make) -> None:
    rig = make()
    await rig.begin()
    await rig.subscribed()
    assert "SetSynchronizationPoint" not in rig.camera.asked
    rig.camera.properties.tells_states = False
    await rig.server.stop()
    await rig.told("camera-control.offline")
    rig.camera.properties.motion = True
    rig.camera.properties.inputs["input-1"] = True
    rig.camera.properties.forget_subscriptions()
    await rig.server.start(rig.host, rig.server.port)
    await rig.told("camera.motion")
    await rig.told("camera.input")
    # One that does not know the request is followed all the same.
    rig.camera.refused = {"SetSynchronizationPoint"}
    rig.camera.properties.forget_subscriptions()
    await rig.until(lambda: len(rig.camera.properties.subscriptions) == 1)
    rig.camera.properties.set_tampered(True)
    await rig.told("camera.tamper")


@pytest.mark.parametrize("profile", ["S", "T"])
async def test_a_key_frame_is_asked_of_the_profile_that_streams_from_an_address(make: Make, profile: str) -> None:
    rig = make(profile=profile)
    await rig.begin()
    await rig.online()
    asked = rig.camera.picture.synchronised
    assert (await rig.command("camera.picture.sync", url="rtsp://198.51.100.7:8554/gate-sub")).value == {"profile": "sub"}
    assert (await rig.command("camera.picture.sync", url="rtsp://127.0.0.1:554/gate")).value == {"profile": "main"}
    assert (await rig.command("camera.picture.sync", url="rtsp://127.0.0.1/written-by-hand")).value == {"profile": "main"}
    streams = list(rig.camera.asked).count("GetStreamUri")
    assert (await rig.command("camera.picture.sync", url="rtsp://127.0.0.1/written-by-hand")).ok
    assert asked == ["sub", "main", "main", "main"] and list(rig.camera.asked).count("GetStreamUri") == streams
    rig.camera.refused = {"SetSynchronizationPoint"}
    assert (await rig.command("camera.picture.sync", url="rtsp://127.0.0.1:554/gate")).code == "conflict"


async def test_a_camera_without_events_is_still_commanded(make: Make) -> None:
    rig = make()
    rig.camera.refused = {"CreatePullPointSubscription"}
    await rig.begin()
    await rig.until(lambda: rig.statuses and rig.statuses[-1].data.get("events") is False)
    assert (await rig.command("camera.preset.goto", preset="1")).ok


async def test_a_restarted_camera_comes_back(rig: Rig) -> None:
    for _ in range(3):
        await rig.server.restart()
        rig.camera.properties.set_relay("relay-1", not rig.camera.properties.relays["relay-1"])
    rig.camera.properties.set_relay("relay-1", True)
    await rig.until(lambda: rig.statuses[-1].data.get("relays", [{}])[0].get("active") is True)


async def test_presets_tours_positions(rig: Rig) -> None:
    head = rig.camera.head
    found = await rig.command("camera.preset.list")
    assert found.value == {"presets": [{"token": "1", "name": "Gate"}, {"token": "2", "name": "Car park"}]}
    assert (await rig.command("camera.preset.goto", preset="2")).ok
    assert head.position == {"pan": 0.6, "tilt": -0.2, "zoom": 0.0}
    assert (await rig.command("camera.ptz.absolute", pan=0.25, tilt=-0.5, zoom=1)).ok
    assert (await rig.command("camera.ptz.status")).value == {"position": {"pan": 0.25, "tilt": -0.5, "zoom": 1.0}}
    assert (await rig.command("camera.ptz.relative", pan=-0.25, tilt=0.5)).ok
    assert head.position == {"pan": 0.0, "tilt": 0.0, "zoom": 1.0}
    kept = await rig.command("camera.preset.set", name="Över <here> & there")
    assert kept.value == {"preset": "3"}
    assert head.presets["3"][0] == "Över <here> & there"
    assert (await rig.command("camera.preset.remove", preset="3")).ok
    assert (await rig.command("camera.ptz.home")).ok
    assert head.position["zoom"] == 0


async def test_tours_are_made_changed_run_and_removed(rig: Rig) -> None:
    rounds, head = rig.camera.rounds, rig.camera.head
    stops = [
        {"preset": "2", "stay": 300, "speed": 0.5},
        {"home": True, "stay": 2.5},
        {"place": {"pan": 0.5, "tilt": -0.25}, "stay": 1},
    ]
    made = await rig.command("camera.tour.set", name="Night <1>", stops=stops, auto_start=True)
    assert made.value == {"tour": "tour-2"}
    kept = rounds.tours["tour-2"]
    assert (kept.name, kept.auto_start, kept.recurring) == ("Night <1>", True, "")
    assert kept.spots[0].speed == {"pan": 0.5, "tilt": 0.5, "zoom": 0.5} and kept.spots[1].home and not kept.spots[1].speed
    told = (await rig.command("camera.tour.list")).value["tours"]
    assert [one["token"] for one in told] == ["tour-1", "tour-2"]
    assert [(one["preset"], one["home"], one["stay"], one["speed"]) for one in told[1]["stops"]] == [
        ("2", False, 300.0, 0.5),
        ("", True, 2.5, 0.0),
        ("", False, 1.0, 0.0),
    ]
    assert told[1]["stops"][2]["place"] == {"pan": 0.5, "tilt": -0.25, "zoom": 0.0} and told[1]["whole"]

    assert (await rig.command("camera.tour.operate", tour="tour-2", operation="start")).ok
    assert (await rig.command("camera.ptz.status")).value["position"] == {"pan": 0.6, "tilt": -0.2, "zoom": 0.0}
    assert rounds.tours["tour-2"].state == "Touring" and head.position["pan"] == 0.6
    for name in ("set", "remove"):
        busy = await rig.command(f"camera.tour.{name}", tour="tour-2", **({"stops": stops} if name == "set" else {}))
        assert (busy.code, busy.remedy) == ("conflict", "Stop it first.")
    assert (await rig.command("camera.tour.operate", tour="tour-2", operation="stop")).ok

    # What is not edited here, how it repeats, stays as it was.
    assert (await rig.command("camera.tour.set", tour="tour-1", name="Rounds", stops=stops[:1])).value == {"tour": "tour-1"}
    assert (rounds.tours["tour-1"].recurring, len(rounds.tours["tour-1"].spots)) == ("3", 1)
    assert (await rig.command("camera.tour.remove", tour="tour-2")).ok
    assert list(rounds.tours) == ["tour-1"]
    assert (await rig.command("camera.tour.remove", tour="tour-2")).code == "not-found"


async def test_a_tour_that_the_camera_refuses_leaves_none_behind(rig: Rig) -> None:
    rounds = rig.camera.rounds
    refused = await rig.command("camera.tour.set", stops=[{"preset": "99"}])
    assert "it does not take such a tour" in refused.what and list(rounds.tours) == ["tour-1"]
    for stop in ({}, {"preset": "1", "home": True}, {"place": {}}, {"place": {"pan": 1}}):
        assert (await rig.command("camera.tour.set", stops=[stop])).code == "invalid"
    for _ in range(3):
        assert (await rig.command("camera.tour.set", stops=[{"home": True}])).ok
    full = await rig.command("camera.tour.set", stops=[{"home": True}])
    assert "it has no room for another tour" in full.what
    rounds.tours["tour-1"].spots[0].stay = 7200
    strange = await rig.command("camera.tour.set", tour="tour-1", stops=[{"home": True}])
    assert strange.code == "conflict" and len(rounds.tours["tour-1"].spots) == 2


async def test_imaging_focus_and_relays(rig: Rig) -> None:
    assert (await rig.command("camera.imaging.set", brightness=70, ir_cut="OFF")).ok
    found = (await rig.command("camera.imaging.get")).value
    assert found["settings"] == {
        **{"brightness": 70.0, "contrast": 50.0, "ir_cut": "OFF"},
        **{"focus": "AUTO", "exposure": "AUTO", "iris": 0.0},
    }
    assert found["options"]["brightness"] == [0.0, 100.0]
    assert found["options"]["ir_cut"] == ["ON", "OFF", "AUTO"]
    assert (await rig.command("camera.focus.move", speed=0.5, seconds=0.2)).ok
    assert rig.camera.picture.focus_speed == 0.5
    await rig.until(lambda: rig.camera.picture.focus_speed == 0)
    assert (await rig.command("camera.relay.set", relay="relay-2", active=True)).ok
    assert rig.camera.properties.relays == {"relay-1": False, "relay-2": True}
    assert (await rig.told("camera.relay")).data["relay"] == "relay-2"


@pytest.mark.parametrize(
    ("name", "args", "code", "words"),
    [
        ("camera.preset.goto", {"preset": "9"}, "conflict", "knows no such preset"),
        ("camera.ptz.move", {"pan": 2}, "invalid", "<= 1"),
        ("camera.ptz.absolute", {}, "invalid", "no place"),
        ("camera.ptz.absolute", {"pan": 1}, "invalid", "belong together"),
        ("camera.imaging.set", {"brightness": 500}, "conflict", "does not take these settings"),
        ("camera.imaging.set", {}, "invalid", "nothing is to be set"),
        ("camera.relay.set", {"relay": "x", "active": True}, "not-found", "no relay"),
        ("camera.dance", {}, "not-found", "does not know"),
    ],
)
async def test_what_cannot_be_done_is_said(rig: Rig, name: str, args: dict[str, object], code: str, words: str) -> None:
    result = await rig.command(name, **args)
    assert not result.ok
    assert result.code == code, result
    assert words in result.what


async def test_a_fixed_camera_cannot_be_moved(make: Make) -> None:
    rig = make(ptz=False)
    await rig.begin()
    status = await rig.online()
    assert status.data["ptz"] is None
    result = await rig.command("camera.ptz.move", pan=1)
    assert (result.ok, result.code) == (False, "invalid")


async def test_a_movement_ends_when_nobody_goes_on_with_it(rig: Rig) -> None:
    head = rig.camera.head
    assert (await rig.command("camera.ptz.move", pan=0.5, zoom=0.1, seconds=0.4)).ok
    assert head.velocity == {"pan": 0.5, "tilt": 0.0, "zoom": 0.1}
    moves = list(rig.camera.asked).count("ContinuousMove")
    for _ in range(4):
        await asyncio.sleep(0.1)
        assert (await rig.command("camera.ptz.move", pan=0.5, zoom=0.1, seconds=0.4)).ok
    assert head.moving
    assert list(rig.camera.asked).count("ContinuousMove") == moves, "what goes on unchanged is not sent again"
    await rig.until(lambda: not head.moving)
    assert (await rig.command("camera.ptz.move", tilt=-1)).ok
    assert (await rig.command("camera.ptz.stop")).ok
    assert not head.moving


async def test_a_lost_stop_is_sent_until_it_arrives(rig: Rig) -> None:
    head = rig.camera.head
    assert (await rig.command("camera.ptz.move", pan=1, seconds=0.2)).ok
    rig.camera.refused = {"Stop"}
    stops = list(rig.camera.asked).count("Stop")
    await rig.until(lambda: list(rig.camera.asked).count("Stop") >= stops + 2)
    assert head.moving
    rig.camera.refused = set()
    await rig.until(lambda: not head.moving)


async def test_a_stopped_endpoint_stops_its_camera(rig: Rig) -> None:
    assert (await rig.command("camera.ptz.move", pan=1, seconds=5)).ok
    await rig.supervisor.reconcile([])
    assert not rig.camera.head.moving


async def test_going_to_a_preset_is_not_ended_by_the_movement_before(rig: Rig) -> None:
    assert (await rig.command("camera.ptz.move", pan=1, seconds=0.3)).ok
    stops = list(rig.camera.asked).count("Stop")
    assert (await rig.command("camera.preset.goto", preset="1")).ok
    await asyncio.sleep(0.6)
    assert list(rig.camera.asked).count("Stop") == stops


async def test_addresses_of_a_camera_behind_a_translation_are_not_believed(make: Make) -> None:
    rig = make()
    rig.server.advertised = "10.255.255.1:81"
    await rig.begin()
    await rig.subscribed()
    assert (await rig.command("camera.preset.list")).ok


async def test_commands_without_a_connection_are_refused(make: Make) -> None:
    rig = make()
    await rig.supervisor.reconcile([("onvif", rig.spec(address=f"http://{rig.host}:9"))])
    result = await rig.supervisor.execute(Command(id="1", name="camera.ptz.stop", entity=REF))
    assert (result.ok, result.code) == (False, "unreachable")
