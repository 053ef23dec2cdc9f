"""Commands, carried out at a connected camera."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from sitewarden.domain.clock import Clock
from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Conflict, Invalid, NotFound
from sitewarden.domain.video import control
from sitewarden.drivers.onvif import edge, mapping, wire
from sitewarden.drivers.onvif.camera import Known
from sitewarden.drivers.onvif.client import Client, sentence
from sitewarden.drivers.onvif.moving import OWN_TIMEOUT, Moving
from sitewarden.drivers.onvif.wire import Ask, Axes
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
            "camera.imaging.get": self._imaging,
            "camera.imaging.set": self._set_imaging,
            "camera.focus.move": self._focus,
            "camera.focus.stop": self._stop_focus,
            "camera.relay.set": self._relay,
            "camera.edge.find": self._edge,
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
        self._mover("tours")
        answer = await self._client.call(wire.get_tours(self._mover()))
        found = mapping.read_named(answer, "PresetTour")
        return {"tours": [{"token": one.token, "name": one.name, "state": one.state} for one in found]}

    async def _operate_tour(self, asked: control.Tour) -> dict[str, Any]:
        operation = {"start": "Start", "stop": "Stop", "pause": "Pause"}[asked.operation]
        return await self._once(wire.operate_tour(self._mover("tours"), asked.tour, operation))  # type: ignore[arg-type]

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


def _axes(asked: control.Place) -> Axes:
    axes = {name: value for name, value in msgspec.to_builtins(asked).items() if value is not None}
    if not axes:
        raise Invalid("no place is given", remedy="Give pan and tilt, or zoom.")
    if ("pan" in axes) != ("tilt" in axes):
        raise Invalid("pan and tilt belong together", remedy="Give both, or zoom alone.")
    return axes
