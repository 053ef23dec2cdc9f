"""One search for devices: UPnP (answers come to 8660) and WS-Discovery (3702), on every chosen interface at once.

A search needs a network and nothing else, so the command line runs it on a laptop with no server. Its ports are open for as long
as it lasts.
"""

from __future__ import annotations

import asyncio
import ipaddress
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from sitewarden import __version__
from sitewarden.config import Settings
from sitewarden.domain.clock import Clock
from sitewarden.domain.errors import Invalid, Refusal
from sitewarden.net.interfaces import Network
from sitewarden.net.interfaces_table import Interface, reached
from sitewarden.services.discovery.fetch import FetchRefused, fetch
from sitewarden.services.discovery.sightings import Sighting, Sightings
from sitewarden.services.surface.devices import SearchState
from sitewarden.wire import ssdp, wsdiscovery
from sitewarden.wire.httpplace import HttpPlace, PlaceError, read_place
from sitewarden.wire.plain import plain

AGENT: Final = f"Linux UPnP/2.0 Sitewarden/{__version__}"
MOST_DATAGRAMS: Final = 10_000
"""Of one search; later ones are counted and not read, so that a flood costs core little."""
DATAGRAMS_PER_ADDRESS: Final = 200
MOST_FETCHES: Final = 256
"""Descriptions of one search; the devices whose turn does not come keep what their answer said."""
FETCHES_PER_ADDRESS: Final = 8
AT_ONCE: Final = 8
"""Descriptions fetched at the same time."""
ASKED: Final = (0.0, 0.3, 1.0)
"""Seconds after the start when each question is sent: UDP loses datagrams."""
PROBED: Final = (wsdiscovery.TRANSMITTER, wsdiscovery.DEVICE)

Place = tuple[str, str]
"""Interface: name and IPv4 address."""


def places(asked: Sequence[str], found: Sequence[Interface], settings: Settings) -> tuple[list[Place], list[str]]:
    """Return where to search, and what a person should know about that. `asked` are names or addresses of interfaces.

    Raises Invalid for an interface that is not there or has no IPv4 address. Pure.
    """
    if not asked:
        chosen = [(each.name, each.ipv4[0]) for each in reached(found, settings) if each.ipv4]
        if not settings.loopback:
            return chosen, [] if chosen else ["No interface with multicast and an IPv4 address is up: connect this computer."]
        return chosen, [
            f"This node is bound to {settings.bind}, so only this computer was searched; name an interface to search its network."
        ]
    chosen = []
    for wanted in asked:
        here = next((each for each in found if each.ipv4 and (wanted == each.name or wanted in each.ipv4)), None)
        if here is None:
            there = ", ".join(each.name for each in found if each.ipv4) or "none"
            raise Invalid(
                f"{plain(wanted)!r} is no interface with an IPv4 address here.", where="interfaces", remedy=f"There are: {there}."
            )
        place = (here.name, wanted if wanted in here.ipv4 else here.ipv4[0])
        if place not in chosen:
            chosen.append(place)
    return chosen, []


class Search:
    """One run; `state` tells how far it is while it runs."""

    def __init__(
        self,
        network: Network,
        clock: Clock,
        sightings: Sightings,
        places: Iterable[Place],
        seconds: float,
        problems: Iterable[str] = (),
        near: Iterable[ipaddress.IPv4Network] = (),
    ) -> None:
        """`near` are the networks of this computer: nothing beyond them is asked, since sources are easily forged."""
        self._network = network
        self._clock = clock
        self._sightings = sightings
        self._places = tuple(places)
        self._seconds = seconds
        self._near = tuple(near)
        self._probes = [f"urn:uuid:{uuid.uuid4()}" for _ in PROBED]
        self._heard: Counter[str] = Counter()
        self._datagrams = self._answers = self._refused = 0
        self._problems = dict.fromkeys(problems)
        self._fetched: dict[str, set[str]] = {}
        self._fetches: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._open: list[asyncio.DatagramTransport] = []
        self._started = clock.now()
        self._ended: int | None = None

    @property
    def state(self) -> SearchState:
        """How far the search is."""
        return SearchState(
            running=self._ended is None,
            started=self._started,
            ended=self._ended,
            interfaces=tuple(f"{name} ({address})" for name, address in self._places),
            answers=self._answers,
            refused=self._refused,
            problems=tuple(self._problems),
        )

    async def run(self) -> None:
        """Search until the time is over and all descriptions are there or refused. Raises nothing but cancellation."""
        try:
            asking = [await self._begin(name, address) for name, address in self._places]
            ends = self._clock.monotonic() + self._seconds
            waited = 0.0
            for moment in ASKED:
                if moment < self._seconds:
                    await asyncio.sleep(moment - waited)
                    waited = moment
                    for ask in asking:
                        ask()
            await asyncio.sleep(max(0.0, ends - self._clock.monotonic()))
            while self._fetches:
                await asyncio.wait(self._fetches)
        finally:
            for task in self._fetches:
                task.cancel()
            await asyncio.gather(*self._fetches, return_exceptions=True)
            for transport in self._open:
                transport.close()
            self._ended = self._clock.now()

    async def _begin(self, name: str, address: str) -> Callable[[], None]:
        """Open what one interface needs and return what asks there. What cannot be opened is told, the rest goes on."""
        sends: list[tuple[asyncio.DatagramTransport, bytes, tuple[str, int]]] = []
        try:
            transport, _ = await self._network.datagram("upnp", lambda: _Ear(self._ssdp), host=address)
            self._open.append(transport)
            sends.append((transport, ssdp.search(wait=2, agent=AGENT), (ssdp.GROUP, ssdp.PORT)))
        except Refusal as refusal:
            self._tell(f"No UPnP search on {name}: {refusal}")
        try:
            transport, _ = await self._network.datagram("ws-discovery-answers", lambda: _Ear(self._onvif), host=address)
            self._open.append(transport)
            to = (wsdiscovery.GROUP, wsdiscovery.PORT)
            sends += [(transport, wsdiscovery.probe(id_, type_), to) for id_, type_ in zip(self._probes, PROBED, strict=True)]
        except Refusal as refusal:
            self._tell(f"No ONVIF search on {name}: {refusal}")
        for row, take in (("ssdp", self._ssdp), ("ws-discovery", self._onvif)):
            try:
                transport, _ = await self._network.join(row, lambda take=take: _Ear(take), interface=address)  # type: ignore[misc]
                self._open.append(transport)
            except Refusal as refusal:
                self._tell(f"Notices of devices that start now are not heard on {name}: {refusal}")

        def ask() -> None:
            for transport, datagram, to in sends:
                try:
                    transport.sendto(datagram, to)
                except OSError as fault:
                    self._tell(f"A question could not be sent on {name}: {fault.strerror or fault}")

        return ask

    def _tell(self, problem: str) -> None:
        if len(self._problems) < 32:
            self._problems[problem] = None

    def _room(self, address: str) -> bool:
        if self._datagrams >= MOST_DATAGRAMS or self._heard[address] >= DATAGRAMS_PER_ADDRESS:
            self._refused += 1
            return False
        self._datagrams += 1
        self._heard[address] += 1
        return True

    def _ssdp(self, data: bytes, address: str) -> None:
        if not self._room(address):
            return
        try:
            message = ssdp.read_ssdp(data)
        except ssdp.SsdpError:
            self._refused += 1
            return
        if message.kind == "search":
            return
        self._answers += 1
        if message.kind == "byebye":
            self._sightings.forget("upnp", address, message.uuid)
            return
        now = self._clock.now()
        location, problem = None, ""
        if message.location:
            try:
                location = read_place(message.location)
            except PlaceError as error:
                problem = f"Its description was not fetched: {error}."
            if not any(ipaddress.ip_address(address) in network for network in self._near):
                location, problem = None, "Its description was not fetched: its address is on no network of this computer."
        sighting = Sighting(
            how="upnp",
            address=address,
            uuid=message.uuid or message.location,
            first=now,
            last=now,
            server=message.server[:200],
            location=location if location is not None and location.host == address else None,
            problem=problem,
        )
        if not self._sightings.put(sighting):
            self._refused += 1
        elif location is not None:
            self._fetch(location, sighting)

    def _onvif(self, data: bytes, address: str) -> None:
        if not self._room(address):
            return
        try:
            message = wsdiscovery.read_wsdiscovery(data)
        except wsdiscovery.DiscoveryError:
            self._refused += 1
            return
        if message.kind == "probe":
            return
        if message.kind == "matches" and message.relates not in self._probes:
            self._refused += 1
            return
        self._answers += 1
        now = self._clock.now()
        for target in message.targets:
            key = target.uuid[:200]
            if message.kind == "bye":
                self._sightings.forget("onvif", address, key)
            elif not self._sightings.put(Sighting(how="onvif", address=address, uuid=key, first=now, last=now, target=target)):
                self._refused += 1

    def _fetch(self, location: HttpPlace, sighting: Sighting) -> None:
        """Fetch a description once in a search, in a task of its own."""
        done = self._fetched.setdefault(sighting.address, set())
        if str(location) in done:
            return
        if len(done) >= FETCHES_PER_ADDRESS or sum(map(len, self._fetched.values())) >= MOST_FETCHES:
            self._tell("More devices answered than descriptions are fetched in one search; search once more for the rest.")
            return
        done.add(str(location))
        task = asyncio.get_running_loop().create_task(self._describe(location, sighting))
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)

    async def _describe(self, location: HttpPlace, sighting: Sighting) -> None:
        async with self._slots:
            try:
                description = await fetch(self._network, location, sighting.address, AGENT)
            except FetchRefused as refusal:
                problem = f"Its description was not fetched: {refusal}."
                self._sightings.put(msgspec.structs.replace(sighting, problem=problem))
                return
        self._sightings.put(msgspec.structs.replace(sighting, description=description))


class _Ear(asyncio.DatagramProtocol):
    """Passes on each datagram with the address that it came from."""

    def __init__(self, take: Callable[[bytes, str], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data, addr[0])

    def error_received(self, exc: Exception) -> None:
        """A port that nobody answers on, told by ICMP: nothing is lost."""
