"""Connections that devices open to us: who may, how many, and for how long in silence."""

from __future__ import annotations

import asyncio
import ipaddress

from sitewarden.drivers.tcp.config import EndpointConfig
from sitewarden.drivers.tcp.mapping import framer
from sitewarden.drivers.tcp.session import Session
from sitewarden.drivers.tcp.stations import Stations, plain
from sitewarden.kit.errors import PeerViolation, Unavailable


class Server:
    """Makes the sessions of a listener and holds them."""

    def __init__(self, config: EndpointConfig, stations: Stations) -> None:
        self._config = config
        self._stations = stations
        self._networks = [ipaddress.ip_network(network) for network in config.networks]
        self._sessions: set[Session] = set()

    def session(self) -> Session:
        """Return the protocol of a new connection."""
        return Session(framer(self._config), self._stations.heard, made=self._made, gone=self._gone)

    def sweep(self) -> None:
        """Close what has been silent for too long."""
        now = asyncio.get_running_loop().time()
        for session in [one for one in self._sessions if now - one.last > self._config.idle]:
            session.end(Unavailable(f"nothing came for {self._config.idle:g} s"))

    def close(self) -> None:
        """Close all."""
        for session in list(self._sessions):
            session.end(Unavailable("the endpoint was stopped"))

    def _made(self, session: Session) -> None:
        why = ""
        if len(self._sessions) >= self._config.connections:
            why = f"{self._config.connections} connections stand already"
        elif not self._allowed(session.address):
            why = "it is in none of the endpoint's networks"
        elif not self._stations.admits(session.address):
            why = "no device has this address"
        if why:
            self._stations.refused(session.address, why)
            session.end(PeerViolation(why))
            return
        self._sessions.add(session)
        self._stations.connections = len(self._sessions)
        self._stations.accepted(session)

    def _gone(self, session: Session) -> None:
        self._sessions.discard(session)
        self._stations.connections = len(self._sessions)

    def _allowed(self, address: str) -> bool:
        if not self._networks:
            return True
        try:
            found = ipaddress.ip_address(plain(address))
        except ValueError:
            return False
        return any(found in network for network in self._networks)
