"""`sitewarden init`: what an installer decides, asked for or taken from flags, checked on the spot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import msgspec
from rich.prompt import Prompt

from sitewarden.app import show
from sitewarden.app.homes import open_homes, server_of
from sitewarden.app.places import Places
from sitewarden.app.platform import Platform
from sitewarden.config import Database, Settings, write_settings
from sitewarden.config.checks import check
from sitewarden.config.database import is_postgres
from sitewarden.domain.errors import Conflict, Invalid, Refusal
from sitewarden.domain.site import Site
from sitewarden.kit.clock import SystemClock
from sitewarden.net.loop import new_event_loop
from sitewarden.net.network import LocalNetwork
from sitewarden.ports import number_of
from sitewarden.store.interfaces import Change

DEFAULT_FILE = Path("sitewarden.toml")


def init(settings_path: Path | None, given: Mapping[str, Any], *, ask: bool, json: bool) -> None:
    """Write the settings file, make the stores and the first administrator; say the password once."""
    path = settings_path or DEFAULT_FILE
    if path.exists():
        raise Conflict("there is a settings file already", where=str(path), remedy="Edit it, or name another with --settings.")
    choose = _asking(given) if ask else _taking(given)
    data_dir = Path(choose("data_dir", "Directory of all data", "data")).expanduser()
    bind = choose("bind", "Address to listen on (0.0.0.0 is every one, 127.0.0.1 this machine only)", "0.0.0.0")  # noqa: S104
    site_name = choose("site_name", "Name of the site", "My site")
    timezone = choose("timezone", "Time zone of the site", local_timezone())
    port = int(choose("timeseries_port", "Port of the time-series service", str(number_of("timeseries", {}) or "")))
    url = choose("database", 'Database ("sqlite": files in the directory; postgresql://user@host:5432/name)', "sqlite")
    database = database_of(
        url, given.get("database_password_file"), given.get("database_tls") or "auto", given.get("database_ca")
    )
    admin = choose("admin", "Sign-in name of the first administrator", "admin")
    settings = make_settings(data_dir, bind, port, database)
    check_timezone(timezone)
    make_directory(settings.data)
    check_port(settings, port)
    check_database(settings)
    password = create(settings, site_name, timezone, admin, given.get("admin_password"), demo=False)
    write_settings(path, settings)
    if json:
        show.as_json({"settings": str(path), "data_dir": str(data_dir), "admin": admin, "password": password})
        return
    show.out.print(f"Settings: {path}")
    show.out.print(f"Sign in as {admin} with password {password} (shown this once).", soft_wrap=True)
    show.out.print("Start the server with: sitewarden run", soft_wrap=True)


def database_of(url: str, password_file: Path | None, tls: str, ca: Path | None) -> Database:
    """Return the settings of a database as flags name it; its files by their whole paths. Raises Invalid for an unknown mode."""
    values = {"url": url, "tls": tls}
    values |= {name: str(path.resolve()) for name, path in (("password_file", password_file), ("ca", ca)) if path is not None}
    try:
        return msgspec.convert(values, Database)
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.", where="database", remedy="See docs/generated/settings.md.") from None


def make_settings(data_dir: Path, bind: str, timeseries_port: int | None = None, database: Database | None = None) -> Settings:
    """Return checked settings; raises Refusal with the field."""
    ports = {} if timeseries_port is None or timeseries_port == number_of("timeseries", {}) else {"timeseries": timeseries_port}
    settings = Settings(bind=bind, data_dir=str(data_dir.resolve()), ports=ports, database=database or Database())
    check(settings, lambda key: key)
    return settings


def create(settings: Settings, site_name: str, timezone: str, admin: str, password: str | None, *, demo: bool) -> str:
    """Make the stores of a new node with its site and first administrator; return the password."""
    places = Places.of(settings)
    if places.set_up:
        raise Conflict("this node has data already", where=str(places.data), remedy="Choose another data directory.")
    make_directory(places.data)

    async def work() -> str:
        network = LocalNetwork(settings, "core")
        try:
            homes = await open_homes(settings, network, SystemClock())
            if homes.state.version or homes.log.head():
                await homes.state.close()
                await homes.log.close()
                raise Conflict(
                    "there is a site in this database already",
                    where=settings.database.url,
                    remedy="Name an empty database; one of a node that was set up before is used with its data directory.",
                )
            return await fill(Platform(settings, None, homes))
        finally:
            await network.close()

    async def fill(platform: Platform) -> str:
        try:
            chosen = await platform.identity.create_first_administrator(admin, password)
            site = Site(id="site", name=site_name, timezone=timezone, demo=demo)
            await platform.state.apply([Change(kind="site", id="site", entity=site, revision=0)])
            return chosen
        finally:
            await platform.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work())


def make_directory(path: Path) -> None:
    """Make the data directory, this user's alone; refuse with what to do where that is not permitted."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refusal(
            f"the data directory cannot be made: {error.strerror}",
            where=str(path),
            remedy="Name one that you may write to with --data-dir, or make it with the right owner.",
        ) from None


def check_timezone(name: str) -> None:
    """Refuse a name that is no IANA zone."""
    if name not in available_timezones():
        raise Invalid(f"there is no time zone {name!r}", where="timezone", remedy="Name one such as Europe/Berlin or UTC.")


def check_port(settings: Settings, number: int) -> None:
    """Try the time-series port now, since others like it too; refuse with the name of who holds it."""

    async def work() -> None:
        network = LocalNetwork(settings, "web")
        try:
            network.listen_socket("timeseries", number=number).close()
        finally:
            await network.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work())


def check_database(settings: Settings) -> None:
    """Reach the database now, where one is named; refuse with what its server says."""
    if not is_postgres(settings.database.url):
        return
    from sitewarden.store.postgres.server import describe

    async def work() -> None:
        network = LocalNetwork(settings, "core")
        try:
            server = server_of(settings, network)
            connection = await server.connect()
            try:
                await describe(connection, server.where)
            finally:
                await connection.close()
        finally:
            await network.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(work())


def local_timezone() -> str:
    """Return this machine's IANA zone, UTC where it cannot be told."""
    try:
        target = Path("/etc/localtime").resolve(strict=True)
    except OSError:
        return "UTC"
    name = str(target).partition("zoneinfo/")[2]
    return name if name in available_timezones() else "UTC"


def _taking(given: Mapping[str, Any]) -> Callable[[str, str, str], str]:
    def choose(name: str, question: str, default: str) -> str:
        value = given.get(name)
        return default if value is None else str(value)

    return choose


def _asking(given: Mapping[str, Any]) -> Callable[[str, str, str], str]:
    def choose(name: str, question: str, default: str) -> str:
        value = given.get(name)
        return Prompt.ask(question, default=default, console=show.out) if value is None else str(value)

    return choose
