"""Commands, carried out at a connected camera."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.video import control
from sitewarden.drivers.onvif import edge, mapping, tours, wire
from sitewarden.drivers.onvif.camera import Known, read_stream
from sitewarden.drivers.onvif.client import Client, sentence
from sitewarden.drivers.onvif.moving import OWN_TIMEOUT, Moving
from sitewarden.drivers.onvif.wire import Ask, Axes
from sitewarden.kit.errors import DriverError, PeerViolation
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.xmltree import Element

STALE: Final = ("NoProfile", "NoPTZProfile", "NoEntity")
"""Faults by which a camera says that it is not any more what it described."""


class Orders:
    """What one connected camera can be told. `stale` is called where the camera has changed under us."""

    def __init__(self, client: Client, known: Known, clock: Clock, stale: Callable[[], None]) -> None:
        self._client = client
        self._known = known
        self._stale = stale
        self._clock = clock
        self._streams: dict[str, mapping.Profile] = {}
        """Profiles by the path that they stream from; a camera has two addresses and its profiles, so it stays small."""
        self.moving: Moving[tuple[float, float, float]] = Moving(clock, self._start, self._halt)
        self.focusing: Moving[float] = Moving(clock, self._start_focus, self._halt_focus)
        self._do: dict[str, Callable[[Any], Awaitable[dict[str, Any]]]] = {
            "camera.ptz.move": self._move,
            "camera.ptz.stop": self._stop,
            "camera.ptz.absolute": self._absolute,
            "camera.ptz.relative": self._relative,
            "camera.ptz.home": self._home,
            "camera.ptz.set-home": self._set_home,
            "camera.ptz.status": self._status,
            "camera.preset.list": self._presets,
            "camera.preset.goto": self._go_to_preset,
            "camera.preset.set": self._set_preset,
            "camera.preset.remove": self._remove_preset,
            "camera.tour.list": self._tours,
            "camera.tour.operate": self._operate_tour,
            "camera.tour.set": self._set_tour,
            "camera.tour.remove": self._remove_tour,
            "camera.imaging.get": self._imaging,
            "camera.imaging.set": self._set_imaging,
            "camera.focus.move": self._focus,
            "camera.focus.stop": self._stop_focus,
            "camera.relay.set": self._relay,
            "camera.edge.find": self._edge,
            "camera.picture.sync": self._sync,
        }

    async def execute(self, command: Command) -> Result:
        """Carry out a command; raise a Refusal or a DriverError."""
        do, model = self._do.get(command.name), control.COMMANDS.get(command.name)
        if do is None or model is None:
            raise NotFound(f"a camera does not know {command.name}", where=command.entity)
        try:
            args = msgspec.convert(command.args, model)
        except msgspec.ValidationError as error:
            raise Invalid(str(error), where=command.name) from None
        try:
            return Result(ok=True, value=await do(args))
        except SoapFault as fault:
            if fault.says(*STALE):
                self._stale()
            raise Conflict(f"the camera refuses: {sentence(fault)}", where=command.entity) from fault

    async def close(self) -> None:
        """Stop what moves."""
        await self.moving.close()
        await self.focusing.close()

    # -- moving -------------------------------------------------------------------------------------------------------

    def _mover(self, able: str = "") -> str:
        ptz = self._known.ptz
        if ptz is None:
            raise Invalid("this camera cannot be moved", remedy="It has no PTZ, or none of its media profiles has.")
        if able and not getattr(ptz, able):
            raise Invalid("this camera does not move in this way", remedy="Its page shows what it can do.")
        return self._known.mover

    async def _start(self, wanted: tuple[float, float, float]) -> None:
        ptz = self._known.ptz
        pan, tilt, zoom = wanted
        axes: Axes = {"pan": pan, "tilt": tilt} if ptz is None or ptz.pan_tilt else {}
        if ptz is None or ptz.zoom:
            axes["zoom"] = zoom
        await self._client.call(wire.continuous_move(self._mover(), axes, OWN_TIMEOUT))

    async def _halt(self) -> None:
        await self._client.call(wire.ptz_stop(self._mover()))

    async def _move(self, asked: control.Move) -> dict[str, Any]:
        self._mover("continuous")
        wanted = (asked.pan, asked.tilt, asked.zoom)
        await (self.moving.move(wanted, asked.seconds) if any(wanted) else self.moving.stop())
        return {}

    async def _stop(self, asked: control.Nothing) -> dict[str, Any]:
        self._mover()
        await self.moving.stop()
        return {}

    async def _once(self, ask: Ask) -> dict[str, Any]:
        """Do what ends by itself: a stop of the movement before it must not end it too."""
        self.moving.forget()
        await self._client.call(ask)
        return {}

    async def _absolute(self, asked: control.Place) -> dict[str, Any]:
        return await self._once(wire.absolute_move(self._mover("absolute"), _axes(asked)))

    async def _relative(self, asked: control.Place) -> dict[str, Any]:
        return await self._once(wire.relative_move(self._mover("relative"), _axes(asked)))

    async def _home(self, asked: control.Nothing) -> dict[str, Any]:
        return await self._once(wire.go_home(self._mover("home")))

    async def _set_home(self, asked: control.Nothing) -> dict[str, Any]:
        await self._client.call(wire.set_home(self._mover("home")))
        return {}

    async def _status(self, asked: control.Nothing) -> dict[str, Any]:
        return {"position": mapping.read_position(await self._client.call(wire.ptz_status(self._mover())))}

    # -- presets and tours --------------------------------------------------------------------------------------------

    async def _presets(self, asked: control.Nothing) -> dict[str, Any]:
        answer = await self._client.call(wire.get_presets(self._mover()))
        return {"presets": [{"token": one.token, "name": one.name} for one in mapping.read_named(answer, "Preset")]}

    async def _go_to_preset(self, asked: control.Preset) -> dict[str, Any]:
        return await self._once(wire.go_to_preset(self._mover(), asked.preset))

    async def _set_preset(self, asked: control.KeepPreset) -> dict[str, Any]:
        answer = await self._client.call(wire.set_preset(self._mover(), asked.name, asked.preset))
        return {"preset": answer.said("PresetToken") or asked.preset}

    async def _remove_preset(self, asked: control.Preset) -> dict[str, Any]:
        await self._client.call(wire.remove_preset(self._mover(), asked.preset))
        return {}

    async def _tours(self, asked: control.Nothing) -> dict[str, Any]:
        return {"tours": [one.told() for one in await self._read_tours()]}

    async def _read_tours(self) -> tuple[tours.PresetTour, ...]:
        return tours.read_tours(await self._client.call(tours.get_tours(self._mover("tours"))))

    async def _operate_tour(self, asked: control.Tour) -> dict[str, Any]:
        operation = {"start": "Start", "stop": "Stop", "pause": "Pause"}[asked.operation]
        return await self._once(tours.operate_tour(self._mover("tours"), asked.tour, operation))  # type: ignore[arg-type]

    async def _set_tour(self, asked: control.KeepTour) -> dict[str, Any]:
        for number, stop in enumerate(asked.stops, 1):
            if bool(stop.preset) + stop.home + (stop.place is not None) != 1:
                raise Invalid(
                    f"stop {number} names no place, or several", where="stops", remedy="Give a preset, home or a place."
                )
            if stop.place is not None:
                _axes(stop.place)
        mover, ptz = self._mover("tours"), self._known.ptz
        assert ptz is not None
        kept = tours.PresetTour(token=asked.tour)
        if asked.tour:
            kept = await self._tour_at_rest(asked.tour)
            if not kept.whole:
                raise Conflict(
                    "this tour has stops that cannot be told here, and would lose them",
                    where="tour",
                    remedy="Change it at the camera, or make a new one.",
                )
        made = asked.tour or mapping.token((await self._client.call(tours.create_tour(mover))).said("PresetTourToken"))
        if not made:
            raise PeerViolation("the camera makes a tour, and does not say which")
        tour = msgspec.structs.replace(kept, token=made, name=asked.name, stops=asked.stops, auto_start=asked.auto_start)
        try:
            await self._client.call(tours.modify_tour(mover, tour, pan_tilt=ptz.pan_tilt, zoom=ptz.zoom))
        except (SoapFault, DriverError):
            if not asked.tour:
                # What was refused leaves no empty tour behind.
                with contextlib.suppress(SoapFault, DriverError):
                    await self._client.call(tours.remove_tour(mover, made))
            raise
        return {"tour": made}

    async def _remove_tour(self, asked: control.DropTour) -> dict[str, Any]:
        await self._tour_at_rest(asked.tour)
        await self._client.call(tours.remove_tour(self._mover("tours"), asked.tour))
        return {}

    async def _tour_at_rest(self, token: str) -> tours.PresetTour:
        found = next((one for one in await self._read_tours() if one.token == token), None)
        if found is None:
            raise NotFound(f"the camera has no tour {token!r}", where="tour", remedy="Its list of tours shows those that it has.")
        if found.state not in ("", tours.IDLE):
            raise Conflict(f"the tour {found.name or token} is running", where="tour", remedy="Stop it first.")
        return found

    # -- picture ------------------------------------------------------------------------------------------------------

    def _source(self) -> str:
        if not self._known.source:
            raise Invalid("the picture of this camera cannot be set over ONVIF")
        return self._known.source

    async def _imaging(self, asked: control.Nothing) -> dict[str, Any]:
        source = self._source()
        settings = mapping.read_imaging(await self._client.call(wire.get_imaging(source)))
        options: Element | None = None
        try:
            options = await self._client.call(wire.get_imaging_options(source))
        except SoapFault:
            # Some cameras tell the settings and not their limits.
            pass
        return {"settings": settings, "options": mapping.read_imaging_options(options) if options is not None else {}}

    async def _set_imaging(self, asked: control.Imaging) -> dict[str, Any]:
        values = {name: value for name, value in msgspec.to_builtins(asked).items() if value is not None}
        if not values:
            raise Invalid(
                "nothing is to be set",
                remedy="Give brightness, contrast, saturation, sharpness, ir_cut, focus, exposure or iris.",
            )
        await self._client.call(wire.set_imaging(self._source(), values))
        return {}

    async def _start_focus(self, speed: float) -> None:
        await self._client.call(wire.move_focus(self._source(), speed))

    async def _halt_focus(self) -> None:
        await self._client.call(wire.stop_focus(self._source()))

    async def _focus(self, asked: control.Focus) -> dict[str, Any]:
        self._source()
        await (self.focusing.move(asked.speed, asked.seconds) if asked.speed else self.focusing.stop())
        return {}

    async def _stop_focus(self, asked: control.Nothing) -> dict[str, Any]:
        self._source()
        await self.focusing.stop()
        return {}

    async def _sync(self, asked: control.Sync) -> dict[str, Any]:
        """Ask for a key frame of a stream: of the profile that streams from its address, of the largest where none does."""
        wanted = _path(asked.url)
        if wanted not in self._streams:
            for profile in self._known.profiles:
                self._streams.setdefault(_path(await read_stream(self._client, profile)), profile)
        found = self._streams.get(wanted) or next(iter(self._known.profiles), None)
        if found is None:
            raise Invalid("this camera tells no media profile")
        # A camera may give another address each time; what was asked for is remembered, so that it is looked for once.
        self._streams[wanted] = found
        await self._client.call(wire.sync_picture(found.service, found.token))
        return {"profile": found.token}

    # -- outputs ------------------------------------------------------------------------------------------------------

    async def _relay(self, asked: control.Relay) -> dict[str, Any]:
        if asked.relay not in {one.token for one in self._known.relays}:
            known = ", ".join(one.token for one in self._known.relays) or "none"
            raise NotFound(f"the camera has no relay {asked.relay!r}", where="relay", remedy=f"It has: {known}.")
        await self._client.call(wire.set_relay(asked.relay, active=asked.active))
        return {}

    # -- recordings at the edge ---------------------------------------------------------------------------------------

    async def _edge(self, asked: control.EdgeSpan) -> dict[str, Any]:
        if self._known.edge is None:
            raise Invalid("this camera does not say what it recorded itself", remedy="It needs ONVIF profile G, and a card.")
        profiles = tuple(one.token for one in self._known.profiles)
        return await edge.find(self._client, self._clock.now(), asked.start, asked.end, profiles)


def _path(url: str) -> str:
    """Return what of an address the camera chose: host and port may be those of a way to it."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _axes(asked: control.Place) -> Axes:
    axes = {name: value for name, value in msgspec.to_builtins(asked).items() if value is not None}
    if not axes:
        raise Invalid("no place is given", remedy="Give pan and tilt, or zoom.")
    if ("pan" in axes) != ("tilt" in axes):
        raise Invalid("pan and tilt belong together", remedy="Give both, or zoom alone.")
    return axes
