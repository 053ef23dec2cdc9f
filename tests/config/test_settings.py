from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import Limits, Settings, TlsSettings, load, write_settings
from sitewarden.config.keys import KEYS
from sitewarden.domain.errors import Refusal


def put(directory: Path, text: str) -> Path:
    file = directory / "sitewarden.toml"
    file.write_text(text)
    return file


REFUSED = [
    ('bnd = "x"', "1: bnd: bnd is not a setting. Did you mean bind?"),
    ("[limits]\nmax_bdy = 3", "2: limits.max_bdy: limits.max_bdy is not a setting. Did you mean limits.max_body?"),
    ("[limits]\nmax_body = 3", "2: limits.max_body: expected `int` >= 65536. Greatest body of a request, in bytes."),
    ("[limts]\na = 1", "1: limts: limts is not a setting. Did you mean limits?"),
    ("limits = 3", "1: limits: limits is a section. Write its settings below a line [limits]."),
    ("ports = 3", "1: ports: ports is a section. Write its settings below a line [ports]."),
    ("[[ports]]\nfoo = 3", "ports is a section."),
    ("\n[ports]\nhttp-api = 9000", "3: ports.http-api: http-api stays on 8601/tcp: it is fixed because third-party systems"),
    ('[ports]\nweb = "a"', "2: ports.web: expected `int`, got `str`."),
    ("[ports]\nweb = 70000", "2: ports.web: 70000 is not a port. Give a number from 1 to 65535."),
    ('[whep]\naddresses = ["here"]', "whep.addresses: 'here' is not an address"),
    ("[ports]\nserver = 8601", "2: ports.server: http-api and server would both use 8601/tcp."),
    ("[ports]\nmodbas = 8601", "2: ports.modbas: ports.modbas is not a setting. Did you mean ports.modbus?"),
    ("[ports]\nmedia-input = 3001", "2: ports.media-input: media-input is a span of ports, which stays."),
    ('bind = "here"', "1: bind: 'here' is not an address."),
    ("bind = 3", "1: bind: expected `str`, got `int`."),
    ('bind = "225.0.0.1"', "1: bind: 225.0.0.1 is a multicast group."),
    ('roles = ["core", "cor"]', "1: roles: invalid enum value 'cor'."),
    ("roles = []", "1: roles: expected `array` of length >= 1."),
    ('node = "Main Server"', "1: node: expected `str` matching regex"),
    ("a = [", "the settings file is not TOML"),
    ('[database]\nurl = "postgresql://ada:secret@db/x"', "2: database.url: A password stands in the address"),
    ('[database]\nurl = "postgresql://db/x"', "2: database.url: The address has no user."),
    ('[database]\nurl = "postgresql://ada@db"', "2: database.url: The address has no name of the database."),
    ('[database]\nurl = "postgresql://ada@a,b/x"', "2: database.url: The address must name one server"),
    ('[database]\nurl = "postgresql://ada@db:x/x"', "2: database.url: This is no address of a database."),
    ('[database]\nurl = "postgresql://ada@db/x?sslmode=disable"', "2: database.url: What stands after ? in the address"),
    ('[database]\nurl = "postgresql://ada@db/x"\ntls = "off"', "3: database.tls: Without TLS everything"),
    ('[database]\nurl = "mysql://ada:secret@db/x"', "2: database.url: mysql is not a database that this program knows."),
    ('[tls]\ncertificate = "a.pem"', "2: tls.certificate: tls.certificate is set and tls.key is not."),
    ('http_api_plain_networks = ["10.0.0.1/8"]', "1: http_api_plain_networks: '10.0.0.1/8' is not a network"),
    ('multicast_group = "10.0.0.1"', "1: multicast_group: '10.0.0.1' is not a multicast group."),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    file = put(tmp_path, text)
    with pytest.raises(Refusal) as refused:
        load(file, {})
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(str(file))
    assert "secret" not in str(refused.value)
    assert refused.value.remedy


def test_a_missing_or_foreign_file(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        load(tmp_path / "none.toml", {})
    (tmp_path / "latin.toml").write_bytes(b'name = "caf\xe9"')
    with pytest.raises(Refusal, match="not UTF-8"):
        load(tmp_path / "latin.toml", {})
    (tmp_path / "huge.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(Refusal, match="larger than"):
        load(tmp_path / "huge.toml", {})


def test_the_later_wins(tmp_path: Path) -> None:
    file = put(tmp_path, 'bind = "10.0.0.1"\nname = "North"\n[limits]\nmax_body = 100000\n[ports]\ntimeseries = 9191\n')
    environ = {"SITEWARDEN_BIND": "10.0.0.2", "SITEWARDEN_LIMITS_MAX_BODY": "200000", "SITEWARDEN_PORTS_TIMESERIES": "9292"}
    settings = load(file, environ, {"bind": "10.0.0.3", "name": None})
    assert (settings.bind, settings.name, settings.limits.max_body) == ("10.0.0.3", "North", 200_000)
    assert settings.ports == {"timeseries": 9292}
    assert settings.data == tmp_path / "data"


def test_lists_and_truth_in_the_environment(tmp_path: Path) -> None:
    environ = {"SITEWARDEN_ROLES": "core, web", "SITEWARDEN_DEMO": "true", "SITEWARDEN_SETTINGS": str(put(tmp_path, ""))}
    settings = load(None, environ)
    assert settings.roles == ("core", "web")
    assert settings.demo is True


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SITEWARDEN_BIN", "x", "the environment: SITEWARDEN_BIN is not a setting. Did you mean SITEWARDEN_BIND?"),
        ("SITEWARDEN_LIMITS_MAX_BODY", "many", "SITEWARDEN_LIMITS_MAX_BODY: 'many' is not a whole number."),
        ("SITEWARDEN_DEMO", "perhaps", "SITEWARDEN_DEMO: 'perhaps' is not true or false."),
        ("SITEWARDEN_PORTS_SNMP_TRAP", "1162", "SITEWARDEN_PORTS_SNMP_TRAP: snmp-trap stays on 162/udp"),
    ],
)
def test_a_fault_in_the_environment(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        load(put(tmp_path, ""), {variable: value})
    assert sentence in str(refused.value)


def test_a_fault_in_a_flag(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"--timeseries: '9x' is not a whole number\."):
        load(put(tmp_path, ""), {}, {"ports.timeseries": "9x"})


text = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@given(
    name=text,
    data_dir=text.filter(lambda each: "\0" not in each),
    days=st.integers(1, 36_500),
    hours=st.floats(0.01, 2000),
    certificate=text,
    timeseries=st.integers(10_000, 20_000),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    data_dir: str,
    days: int,
    hours: float,
    certificate: str,
    timeseries: int,
) -> None:
    file = tmp_path_factory.mktemp("settings") / "sitewarden.toml"
    settings = Settings(
        name=name,
        data_dir="/" + data_dir,
        limits=Limits(event_days=days, session_hours=hours),
        tls=TlsSettings(certificate=certificate, key=certificate),
        ports={"timeseries": timeseries},
        roles=("core", "web"),
        http_api_plain_networks=("10.0.0.0/8",),
    )
    write_settings(file, settings)
    assert load(file, {}) == settings


def test_every_setting_is_documented() -> None:
    for name, key in KEYS.items():
        assert key.meta is not None, name
        assert key.meta.description, name
        assert key.meta.description.endswith("."), name


def volumes(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "sitewarden.toml"
    file.write_text(text)
    return load(file, environ={})


def test_volumes_are_tables_by_id_and_their_paths_count_from_the_file(tmp_path: Path) -> None:
    found = volumes(tmp_path, '[volumes.nvme]\npath = "/srv/nvme"\ntier = "fast"\nkeep_days = 2\n[volumes.raid]\npath = "raid"\n')
    assert (found.volumes["nvme"].tier, found.volumes["nvme"].keep_days) == ("fast", 2.0)
    assert found.volumes["raid"].path == str(tmp_path / "raid")
    write_settings(tmp_path / "again.toml", found)
    assert load(tmp_path / "again.toml", environ={}).volumes == found.volumes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[volumes.raid]\npath = "r"\nteir = "fast"\n', "toml:3: volumes.raid.teir: volumes.raid.teir is not a setting. Did"),
        ('[volumes.a]\npath = "a"\n[volumes.raid]\npath = "r"\ntier = "slow"\n', "toml:5: volumes.raid.tier: invalid enum"),
        ("[volumes.raid]\nkeep_days = 2\n", "toml:1: volumes.raid: the volume raid has no path"),
        ('[volumes.Raid]\npath = "r"\n', "is no id of a volume"),
        (
            '[volumes.a]\npath = "/r"\n[volumes.b]\npath = "/r/b"\n',
            "toml:4: volumes.b.path: the volumes a and b lie in each other",
        ),
        ('[volumes.b]\npath = "data/media"\n', "the volumes main and b lie in each other"),
        ('volumes = "r"\n', "volumes"),
        ('[volumes]\npath = "r"\n', "volumes.path is not a volume"),
    ],
)
def test_a_volume_that_cannot_be_is_refused_at_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        volumes(tmp_path, text)
    assert told in str(refusal.value)
