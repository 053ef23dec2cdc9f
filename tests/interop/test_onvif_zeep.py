"""An ONVIF client that is not ours (onvif-zeep-async, which reads answers by ONVIF's own WSDL) against the simulated camera.

Our driver is tested against that camera, so this holds the camera to the standard, and with it the driver.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from lxml.etree import fromstring

from sim.onvif.camera import OnvifCamera
from sim.onvif.edge import Card, Kept
from sim.onvif.server import OnvifServer
from sim.rtsp_source import Source
from sitewarden.domain.video.control import Place, TourStop
from sitewarden.drivers.onvif import tours, wire
from sitewarden.wire.soap import envelope

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import onvif
    import zeep
    from onvif import ONVIFCamera
    from zeep.exceptions import Fault

SECOND = 1_000_000
pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]


@contextlib.asynccontextmanager
async def _asked(host: str, password: str = "pw") -> AsyncIterator[tuple[OnvifCamera, ONVIFCamera]]:
    card = Card(Source(12, ()), replay=f"rtsp://{host}:554/recordings/1")
    card.units.extend(Kept(1_763_700_000_000_000 + number * SECOND, True, (b"",)) for number in range(61))
    camera = OnvifCamera("gate", rtsp=f"rtsp://{host}:554", user="ada", password="pw", card=card)
    server = OnvifServer(camera)
    port = await server.start(host)
    client = ONVIFCamera(host, port, "ada", password)
    try:
        await client.update_xaddrs()
        yield camera, client
    finally:
        await client.close()
        await server.stop()


async def test_device_and_media(host: str) -> None:
    async with _asked(host) as (camera, client):
        device = await client.create_devicemgmt_service()
        assert (await device.GetDeviceInformation()).SerialNumber == "SIM-gate"
        when = await device.GetSystemDateAndTime()
        assert when.UTCDateTime.Date.Year >= 2024
        assert [relay.token for relay in await device.GetRelayOutputs()] == ["relay-1", "relay-2"]
        capabilities = await device.GetCapabilities({"Category": "All"})
        assert capabilities.PTZ.XAddr.endswith("/onvif/ptz_service")
        media = await client.create_media_service()
        profiles = await media.GetProfiles()
        main = profiles[0]
        assert (main.token, main.VideoEncoderConfiguration.Encoding) == ("main", "H264")
        assert (main.VideoEncoderConfiguration.Resolution.Width, main.PTZConfiguration.NodeToken) == (640, "node")
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri = await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": "sub"})
        assert uri.Uri == f"rtsp://{host}:554/gate-sub"
        await media.SetSynchronizationPoint({"ProfileToken": "sub"})
        assert camera.picture.synchronised == ["sub"]
        with pytest.raises(Fault):
            await media.GetStreamUri({"StreamSetup": setup, "ProfileToken": "none"})


async def test_moving_and_presets(host: str) -> None:
    async with _asked(host) as (camera, client):
        ptz = await client.create_ptz_service()
        (node,) = await ptz.GetNodes()
        assert node.SupportedPTZSpaces.ContinuousPanTiltVelocitySpace[0].XRange.Min == -1
        assert (node.HomeSupported, node.MaximumNumberOfPresets) == (True, 16)
        velocity = {"PanTilt": {"x": 0.5, "y": 0}, "Zoom": {"x": 0}}
        await ptz.ContinuousMove({"ProfileToken": "main", "Velocity": velocity})
        assert camera.head.moving
        await ptz.Stop({"ProfileToken": "main", "PanTilt": True, "Zoom": True})
        assert not camera.head.moving
        position = {"PanTilt": {"x": 0.25, "y": -0.5}, "Zoom": {"x": 1}}
        await ptz.AbsoluteMove({"ProfileToken": "main", "Position": position})
        status = await ptz.GetStatus({"ProfileToken": "main"})
        assert (status.Position.PanTilt.x, status.Position.PanTilt.y, status.Position.Zoom.x) == (0.25, -0.5, 1)
        assert [(one.token, one.Name) for one in await ptz.GetPresets({"ProfileToken": "main"})] == [
            ("1", "Gate"),
            ("2", "Car park"),
        ]
        assert await ptz.SetPreset({"ProfileToken": "main", "PresetName": "Here"}) == "3"
        (tour,) = await ptz.GetPresetTours({"ProfileToken": "main"})
        assert (tour.token, tour.Status.State, tour.StartingCondition.RecurringTime) == ("tour-1", "Idle", 3)
        assert [(one.PresetDetail.PresetToken, one.StayTime) for one in tour.TourSpot] == [
            ("1", timedelta(seconds=5)),
            ("2", timedelta(seconds=5)),
        ]


async def test_tours(host: str) -> None:
    async with _asked(host) as (camera, client):
        ptz = await client.create_ptz_service()
        profile = {"ProfileToken": "main"}
        token = await ptz.CreatePresetTour(profile)
        spots = [
            {"PresetDetail": {"PresetToken": "2"}, "Speed": {"PanTilt": {"x": 0.5, "y": 0.5}}, "StayTime": timedelta(minutes=1)},
            {"PresetDetail": {"Home": True}, "StayTime": timedelta(seconds=5)},
        ]
        fields = {"Status": {"State": "Idle"}, "AutoStart": False, "StartingCondition": {}}
        await ptz.ModifyPresetTour({**profile, "PresetTour": {"token": token, "Name": "Night", **fields, "TourSpot": spots}})
        tour = camera.rounds.tours[token]
        assert (tour.name, tour.spots[0].stay, tour.spots[0].speed, tour.spots[1].home) == (
            "Night",
            60.0,
            {"pan": 0.5, "tilt": 0.5},
            True,
        )
        await ptz.OperatePresetTour({**profile, "PresetTourToken": token, "Operation": "Start"})
        assert (await ptz.GetPresetTours(profile))[1].Status.State == "Touring"
        await ptz.OperatePresetTour({**profile, "PresetTourToken": token, "Operation": "Stop"})
        await ptz.RemovePresetTour({**profile, "PresetTourToken": token})
        assert list(camera.rounds.tours) == ["tour-1"]


def test_what_we_send_of_a_tour_fits_the_schema() -> None:
    """Our own request, read by the WSDL's types: what a strict camera would take."""
    ptz = zeep.Client(str(Path(onvif.__file__).parent / "wsdl" / "ptz.wsdl"))
    place = TourStop(place=Place(pan=0.5, tilt=-0.25, zoom=1), stay=0.5, speed=1)
    kept = tours.PresetTour(token="t", name="Night", stops=(TourStop(preset="1", speed=0.25), TourStop(home=True), place))
    kept = msgspec.structs.replace(kept, condition=(("RecurringTime", "3"), ("Direction", "Forward")), shuffled=True)
    sent = fromstring(envelope(tours.modify_tour("main", kept, pan_tilt=True, zoom=True).body, "", wire.PREFIXES))
    read = ptz.get_element(f"{{{wire.SPACES['ptz']}}}ModifyPresetTour").parse(sent[1][0], ptz.wsdl.types)
    assert (read.ProfileToken, read.PresetTour.token, read.PresetTour.Name) == ("main", "t", "Night")
    assert (read.PresetTour.StartingCondition.RecurringTime, read.PresetTour.StartingCondition.Direction) == (3, "Forward")
    spots = read.PresetTour.TourSpot
    assert (spots[0].PresetDetail.PresetToken, spots[0].Speed.Zoom.x, spots[1].PresetDetail.Home) == ("1", 0.25, True)
    assert (spots[2].PresetDetail.PTZPosition.PanTilt.y, spots[2].StayTime) == (-0.25, timedelta(seconds=0.5))


async def test_picture_and_outputs(host: str) -> None:
    async with _asked(host) as (camera, client):
        imaging = await client.create_imaging_service()
        settings = await imaging.GetImagingSettings({"VideoSourceToken": "source"})
        assert (settings.Brightness, settings.IrCutFilter, settings.Focus.AutoFocusMode) == (50, "AUTO", "AUTO")
        options = await imaging.GetOptions({"VideoSourceToken": "source"})
        assert (options.Brightness.Max, options.IrCutFilterModes) == (100, ["ON", "OFF", "AUTO"])
        await imaging.SetImagingSettings({"VideoSourceToken": "source", "ImagingSettings": {"Brightness": 60}})
        assert camera.picture.imaging["Brightness"] in ("60", "60.0")
        assert (settings.Exposure.Mode, settings.Exposure.Iris, options.Exposure.Iris.Min) == ("AUTO", 0, -20)
        manual = {"Exposure": {"Mode": "MANUAL", "Iris": -6}}
        await imaging.SetImagingSettings({"VideoSourceToken": "source", "ImagingSettings": manual})
        assert (camera.picture.imaging["Exposure"], float(camera.picture.imaging["Iris"])) == ("MANUAL", -6)
        device = await client.create_devicemgmt_service()
        await device.SetRelayOutputState({"RelayOutputToken": "relay-1", "LogicalState": "active"})
        assert camera.properties.relays["relay-1"]


async def test_events(host: str) -> None:
    async with _asked(host) as (camera, client):
        manager = await client.create_pullpoint_manager(timedelta(seconds=60), lambda: None)
        pull = manager.get_service()
        first = await pull.PullMessages({"Timeout": timedelta(seconds=2), "MessageLimit": 100})
        assert len(first.NotificationMessage) == 5
        await pull.SetSynchronizationPoint()
        again = await pull.PullMessages({"Timeout": timedelta(seconds=2), "MessageLimit": 100})
        assert len(again.NotificationMessage) == 5
        camera.properties.set_motion(True)
        second = await asyncio.wait_for(pull.PullMessages({"Timeout": timedelta(seconds=5), "MessageLimit": 100}), 60)
        (message,) = second.NotificationMessage
        assert message.Topic._value_1 == "tns1:RuleEngine/CellMotionDetector/Motion"
        item = message.Message._value_1.Data.SimpleItem[0]
        assert (item.Name, item.Value) == ("IsMotion", "true")
        await manager.shutdown()


async def test_recordings_at_the_edge(host: str) -> None:
    async with _asked(host) as (_, client):
        search = await client.create_search_service()
        summary = await search.GetRecordingSummary()
        assert (summary.NumberRecordings, (summary.DataUntil - summary.DataFrom).total_seconds()) == (1, 60)
        token = await search.FindRecordings({"Scope": {}, "MaxMatches": 10, "KeepAliveTime": timedelta(seconds=10)})
        asked = {"SearchToken": token, "MinResults": 1, "MaxResults": 10, "WaitTime": timedelta(seconds=1)}
        found = await search.GetRecordingSearchResults(asked)
        (recording,) = found.RecordingInformation
        assert (found.SearchState, recording.RecordingStatus) == ("Completed", "Recording")
        assert (recording.Source.SourceId, recording.Track[0].TrackType) == ("main", "Video")
        assert await search.EndSearch({"SearchToken": token}) == summary.DataUntil
        replay = await client.create_replay_service()
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        uri = await replay.GetReplayUri({"StreamSetup": setup, "RecordingToken": recording.RecordingToken})
        assert uri == f"rtsp://{host}:554/recordings/1"
        with pytest.raises(Fault):
            await replay.GetReplayUri({"StreamSetup": setup, "RecordingToken": "none"})


async def test_a_wrong_password_is_refused(host: str) -> None:
    with pytest.raises(Fault):
        async with _asked(host, "no") as (_, client):
            await (await client.create_devicemgmt_service()).GetDeviceInformation()
