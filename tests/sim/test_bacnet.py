"""The simulated unit alone, as a process: it answers who asks, and its faults are those of the command line."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench._simulator import simulated
from sitewarden.wire.bacnet import apdu, names, network, services
from sitewarden.wire.bacnet.apdu import Answer, Apdu, Error
from sitewarden.wire.bacnet.network import Station
from sitewarden.wire.bacnet.services import Property

SUPPLY = Property(names.object_from("analog-input,2"), 85)


@contextmanager
def asking(host: str, *options: str) -> Iterator[tuple[socket.socket, Station]]:
    with simulated("sim.bacnet", "--host", host, "--port", "0", *options) as port, socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(60.0)
        sock.bind((host, 0))
        yield sock, Station(host, port)


def answered(sock: socket.socket, to: Station) -> Apdu:
    written = apdu.request(1, apdu.Confirmed.READ_PROPERTY, services.read_property(SUPPLY))
    sock.sendto(network.unicast(to, written, reply=True), (to.host, to.port))
    data, sender = sock.recvfrom(1500)
    return apdu.read(network.read(data, sender).apdu)


def test_it_answers_and_its_supply_is_near_the_set_point(host: str) -> None:
    with asking(host) as (sock, to):
        found = answered(sock, to)
        assert isinstance(found, Answer)
        values = services.read_read_property_ack(found.data).values
        assert values is not None and 10.0 < values[0][1] < 25.0


@pytest.mark.parametrize(("option", "code"), [("--error=31", 31)])
def test_faults_are_asked_for_on_the_command_line(host: str, option: str, code: int) -> None:
    with asking(host, option) as (sock, to):
        found = answered(sock, to)
        assert isinstance(found, Error) and found.code == code
