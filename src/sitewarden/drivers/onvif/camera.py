"""What is known of a camera that answered: who it is, its streams, what it can do. Asks; keeps no connection."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sitewarden.drivers.onvif import edge, mapping, wire
from sitewarden.drivers.onvif.client import Client
from sitewarden.drivers.onvif.mapping import Abilities, Information, Named, Profile
from sitewarden.drivers.onvif.wire import Ask
from sitewarden.wire.soap import SoapFault
from sitewarden.wire.xmltree import Element


class Known(Struct, kw_only=True):
    """A camera, as it described itself at the beginning of a connection."""

    information: Information
    profiles: tuple[Profile, ...]
    ptz: Abilities | None = None
    mover: str = ""
    """Token of the profile that moves the camera."""
    source: str = ""
    """Token of the video source that imaging is set on; empty where the camera has no imaging."""
    relays: tuple[Named, ...] = ()
    inputs: tuple[Named, ...] = ()
    events: bool = False
    edge: edge.Summary | None = None
    """What it records itself; None where it has no profile G."""

    def told(self) -> dict[str, Any]:
        """Return what a status says of it."""
        ptz = self.ptz
        return {
            "manufacturer": self.information.manufacturer,
            "model": self.information.model,
            "firmware": self.information.firmware,
            "serial": self.information.serial,
            "profiles": len(self.profiles),
            "events": self.events,
            "imaging": bool(self.source),
            "edge": None if self.edge is None else {"recordings": self.edge.recordings, "start": self.edge.start},
            "ptz": None if ptz is None else {name: getattr(ptz, name) for name in ptz.__struct_fields__ if name != "node"},
        }


async def describe(client: Client) -> Known:
    """Ask the camera all that does not change while it runs; raise a DriverError. What it does not know of is left out."""
    information = await client.learn()
    profiles = await read_profiles(client)
    moving = next((one for one in profiles if one.ptz), None)
    ptz = await _abilities(client, moving) if moving is not None and "ptz" in client.services else None
    relays = await _optional(client, wire.get_relays())
    inputs = await _optional(client, wire.get_inputs()) if "deviceio" in client.services else None
    return Known(
        information=information,
        profiles=profiles,
        ptz=ptz,
        mover=moving.token if moving is not None and ptz is not None else "",
        source=next((one.source for one in profiles if one.source), "") if "imaging" in client.services else "",
        relays=mapping.read_named(relays, "RelayOutputs") if relays is not None else (),
        inputs=mapping.read_named(inputs, "DigitalInputs") if inputs is not None else (),
        events="events" in client.services,
        edge=await edge.summary(client),
    )


async def read_profiles(client: Client) -> tuple[Profile, ...]:
    """Return the profiles, of profile T where the camera has it, of profile S otherwise."""
    if "media2" in client.services:
        answer = await _optional(client, wire.get_profiles("media2"))
        found = mapping.read_profiles(answer, "media2") if answer is not None else ()
        if found:
            return found
    answer = await _optional(client, wire.get_profiles("media")) if "media" in client.services else None
    return mapping.read_profiles(answer, "media") if answer is not None else ()


async def read_stream(client: Client, profile: Profile) -> str:
    """Return the RTSP address of a profile; empty where the camera tells none."""
    answer = await _optional(client, wire.get_stream(profile.service, profile.token))
    return mapping.read_stream(answer, client.base) if answer is not None else ""


async def _abilities(client: Client, profile: Profile) -> Abilities | None:
    answer = await _optional(client, wire.get_nodes())
    nodes = mapping.read_nodes(answer) if answer is not None else ()
    return next((node for node in nodes if node.node == profile.node), nodes[0] if nodes else None)


async def _optional(client: Client, ask: Ask) -> Element | None:
    try:
        return await client.call(ask)
    except SoapFault:
        return None
