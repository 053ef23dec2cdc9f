"""What a settings file may not say, beyond the types of its fields. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from sitewarden import ports
from sitewarden.config.database import EXAMPLE, is_postgres, parse
from sitewarden.config.model import BackupSettings, Database, Settings
from sitewarden.config.volumes import VolumeSettings
from sitewarden.domain.backups import S3
from sitewarden.domain.errors import Refusal
from sitewarden.domain.portrow import Computer, check_number
from sitewarden.domain.refs import is_id
from sitewarden.domain.video.model import MAIN

Where = Callable[[str], str]
"""Gives the place of a dotted key as a person finds it: "sitewarden.toml:12: ports.web"."""

NODE_ROLES: dict[str, Computer] = {"controller": "device", "analytics": "node", "lpr": "node"}


def computer_of(roles: tuple[str, ...]) -> Computer:
    """Return which computer of the manifest a node with these roles is."""
    return NODE_ROLES.get(roles[0], "server") if len(roles) == 1 else "server"


def check(settings: Settings, where: Where) -> None:
    """Refuse settings that cannot work, at the first fault."""
    _check_addresses(settings, where)
    _check_ports(settings, where)
    _check_tls(settings, where)
    _check_database(settings.database, where)
    _check_volumes(settings, where)
    _check_backup(settings.backup, where)


def _check_addresses(settings: Settings, where: Where) -> None:
    try:
        address = ipaddress.ip_address(settings.bind)
    except ValueError:
        raise Refusal(
            f"{settings.bind!r} is not an address.",
            where=where("bind"),
            remedy="Give an IP address of this computer, or 0.0.0.0 for all.",
        ) from None
    if address.is_multicast:
        raise Refusal(f"{settings.bind} is a multicast group.", where=where("bind"), remedy="Give an address of this computer.")
    try:
        group = ipaddress.ip_address(settings.multicast_group)
    except ValueError:
        group = ipaddress.ip_address("0.0.0.0")  # noqa: S104
    if not group.is_multicast:
        raise Refusal(
            f"{settings.multicast_group!r} is not a multicast group.",
            where=where("multicast_group"),
            remedy="Give an address from 224.0.1.0 to 239.255.255.255.",
        )
    if group.version != 4:
        raise Refusal(
            f"{settings.multicast_group} is a group of IPv6.",
            where=where("multicast_group"),
            remedy="Give an address from 224.0.1.0 to 239.255.255.255; live video leaves over IPv4.",
        )
    interface = settings.multicast.interface
    try:
        usable = not interface or ipaddress.IPv4Address(interface).is_multicast is False
    except ValueError:
        usable = False
    if not usable:
        raise Refusal(
            f"{interface!r} is not an address of an interface.",
            where=where("multicast.interface"),
            remedy="Give an IPv4 address of this computer, or leave it empty.",
        )
    for one in settings.whep.addresses:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            raise Refusal(
                f"{one!r} is not an address.",
                where=where("whep.addresses"),
                remedy="Give the IP address that viewers reach this server on; browsers take no names here.",
            ) from None
    for key in ("http_api_plain_networks", "rtmp_plain_networks"):
        for network in getattr(settings, key):
            try:
                ipaddress.ip_network(network)
            except ValueError as fault:
                raise Refusal(
                    f"{network!r} is not a network ({fault}).", where=where(key), remedy="Write it as 10.1.0.0/16."
                ) from None


def _check_ports(settings: Settings, where: Where) -> None:
    computer = computer_of(settings.roles)
    for name, number in settings.ports.items():
        place = where(f"ports.{name}")
        try:
            row = ports.row(name)
        except Refusal as fault:
            raise Refusal(fault.what, where=place, remedy=fault.remedy) from None
        if row.span is not None:
            raise Refusal(f"{name} is a span of ports, which stays.", where=place, remedy="Remove the entry.")
        check_number(row, computer, number, where=place)
    taken: dict[tuple[str, int], str] = {}
    for row in ports.MANIFEST:
        side = row.side(computer)
        if side is None or not side.inbound or row.shared or not set(row.roles) & set(settings.roles):
            continue
        mine = ports.number_of(row.name, settings.ports)
        if not isinstance(mine, int):
            continue
        other = taken.setdefault((row.transport, mine), row.name)
        if other != row.name:
            changed = row.name if row.name in settings.ports else other
            raise Refusal(
                f"{row.name} and {other} would both use {mine}/{row.transport}.",
                where=where(f"ports.{changed}"),
                remedy="Give one of them another number.",
            )


def _check_tls(settings: Settings, where: Where) -> None:
    tls = settings.tls
    if bool(tls.certificate) != bool(tls.key):
        missing, given = ("key", "certificate") if tls.certificate else ("certificate", "key")
        raise Refusal(
            f"tls.{given} is set and tls.{missing} is not.",
            where=where(f"tls.{given}"),
            remedy="Set both, or neither for a certificate from this site's own CA.",
        )


def _check_database(database: Database, where: Where) -> None:
    if database.url == "sqlite":
        return
    scheme = database.url.partition(":")[0]
    if not is_postgres(database.url):
        named = scheme if "://" in database.url else "this"
        raise Refusal(
            f"{named} is not a database that this program knows.",
            where=where("database.url"),
            remedy=f'Set it to "sqlite", or to "{EXAMPLE}".',
        )
    address = parse(database.url, where("database.url"))
    if database.tls == "off" and not address.loopback:
        raise Refusal(
            f"Without TLS everything that the site stores would cross the network to {address.host} readable.",
            where=where("database.tls"),
            remedy='Set it to "verify-full", with database.ca where the authority is your own.',
        )


def _check_volumes(settings: Settings, where: Where) -> None:
    taken: dict[str, PurePath] = {} if MAIN in settings.volumes or not settings.volumes else {MAIN: settings.data / "media"}
    for id_, volume in settings.volumes.items():
        place = where(f"volumes.{id_}")
        if not is_id(id_):
            raise Refusal(
                f"{id_!r} is no id of a volume.",
                where=place,
                remedy="Use lower-case letters, digits and hyphens, such as disk-2.",
            )
        if volume.bucket:
            _check_bucket(volume, where, f"volumes.{id_}")
            continue
        if not volume.path and id_ != MAIN:
            raise Refusal(
                f"the volume {id_} has no path.", where=place, remedy='Write path = "…", a directory on a disk of its own.'
            )
        path = PurePath(volume.path or settings.data / "media")
        for other, held in taken.items():
            if path == held or path in held.parents or held in path.parents:
                raise Refusal(
                    f"the volumes {other} and {id_} lie in each other ({held}, {path}).",
                    where=where(f"volumes.{id_}.path"),
                    remedy="Give each volume a directory of its own.",
                )
        taken[id_] = path


SEALED: Final = "v1."
"""How a sealed secret begins (`services.secrets`)."""


def _check_backup(backup: BackupSettings, where: Where) -> None:
    if backup.destination.startswith(S3) and not backup.destination.removeprefix(S3).strip("/"):
        raise Refusal(
            "backup.destination names no bucket.", where=where("backup.destination"), remedy="Write s3://BUCKET/FOLDER."
        )
    keys = bool(backup.access_key_id), bool(backup.secret_access_key)
    if any(keys) if backup.credentials else any(keys) and not all(keys):
        said = "two sorts of credentials" if backup.credentials else "half of a key"
        raise Refusal(
            f"backup has {said}.",
            where=where("backup.access_key_id"),
            remedy='Write credentials = "…", a file or "environment"; or access_key_id and secret_access_key.',
        )
    if backup.secret_access_key and not backup.secret_access_key.startswith(SEALED):
        raise Refusal(
            "the secret_access_key of backup is not sealed.",
            where=where("backup.secret_access_key"),
            remedy="Take the line out, run `sitewarden seal backup`, and write what it prints. "
            "Change a key that stood here in clear.",
        )


def _check_bucket(volume: VolumeSettings, where: Where, name: str) -> None:
    if not volume.endpoint:
        raise Refusal(f"{name} has a bucket and no endpoint.", where=where(name), remedy='Write endpoint = "…".')
    keys = bool(volume.access_key_id), bool(volume.secret_access_key)
    if any(keys) if volume.credentials else not all(keys):
        said = "two sorts of credentials" if volume.credentials else "no credentials"
        raise Refusal(
            f"{name} has a bucket and {said}.",
            where=where(name),
            remedy='Write credentials = "…", a file or "environment"; or access_key_id and secret_access_key.',
        )
    if volume.secret_access_key and not volume.secret_access_key.startswith(SEALED):
        raise Refusal(
            f"the secret_access_key of {name} is not sealed.",
            where=where(f"{name}.secret_access_key"),
            remedy=f"Take the line out, run `sitewarden seal {name}`, and write what it prints. "
            "Change a key that stood here in clear.",
        )
    if volume.path:
        raise Refusal(f"{name} has a bucket and a path.", where=where(f"{name}.path"), remedy="Remove one of them.")
    if volume.tier != "archive":
        raise Refusal(f"{name} is a bucket.", where=where(f"{name}.tier"), remedy='Write tier = "archive".')
