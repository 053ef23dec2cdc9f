"""The driver of calculated points: it follows the house, and says what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from sitewarden.domain.commands import Command, Result
from sitewarden.domain.errors import Invalid
from sitewarden.domain.points.expression import evaluating
from sitewarden.domain.points.expression.tree import Input
from sitewarden.domain.status import Status
from sitewarden.drivers.virtual.config import AddressConfig, DeviceConfig, EndpointConfig
from sitewarden.drivers.virtual.manifest import MANIFEST
from sitewarden.drivers.virtual.mapping import Sheet
from sitewarden.kit.config import load
from sitewarden.kit.context import Context
from sitewarden.kit.driver import EndpointSpec
from sitewarden.kit.errors import LocalMisuse
from sitewarden.kit.house import Reading, Source

CONSTANT: Final = 60.0
"""Seconds between two samples of a point without inputs, so that it does not look dead."""


class VirtualEndpoint:
    """A group of calculated points."""

    def __init__(self, spec: EndpointSpec) -> None:
        self._spec = spec
        load(EndpointConfig, spec.config, f"{spec.reference}.config")
        for device in spec.devices:
            load(DeviceConfig, device.config, device.reference)
        points = [point for device in spec.devices for point in device.points]
        self._sheet = Sheet((one, load(AddressConfig, one.address, f"point:{one.id}.address").tree) for one in points)

    async def run(self, ctx: Context) -> None:
        """Calculate whenever an input changes, until cancelled."""
        house = ctx.house
        if house is None:
            raise LocalMisuse("calculated points need the house")

        def changed(news: Sequence[tuple[Source, Reading]]) -> None:
            # What is still read comes again every few seconds, and so does what is calculated of it.
            results = (
                (Input(source.ref, source.member), evaluating.Result(reading.value, reading.quality), reading.time)
                for source, reading in news
            )
            samples = self._sheet.put(results, ctx.clock.now())
            if len(samples):
                ctx.samples(samples)

        end = house.follow([Source(one.ref, one.member) for one in self._sheet.inputs], changed)
        try:
            now = ctx.clock.now()
            for reference in (self._spec.reference, *(device.reference for device in self._spec.devices)):
                ctx.status(Status(ref=reference, state="online", since=now))
            constant = self._sheet.constant()
            while constant:
                ctx.samples(self._sheet.samples(constant, ctx.clock.now()))
                await asyncio.sleep(CONSTANT)
            await asyncio.Event().wait()
        finally:
            end()

    async def execute(self, command: Command) -> Result:
        """A calculated point takes no value."""
        raise Invalid(f"{command.entity} is calculated.", where=command.entity, remedy="Write the points that it is made of.")


class VirtualDriver:
    """Makes endpoints."""

    manifest = MANIFEST

    def endpoint(self, spec: EndpointSpec) -> VirtualEndpoint:
        """Return the endpoint; raise Misconfigured where an expression does not fit."""
        return VirtualEndpoint(spec)


DRIVER: Final = VirtualDriver()
