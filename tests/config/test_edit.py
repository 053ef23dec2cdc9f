"""A port changed in a settings file: one value differs, and everything that a person wrote stays."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.config import SettingsFile
from sitewarden.config.edit import with_database, with_port
from sitewarden.domain.errors import Refusal


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[ports]\nweb = 81\n"),
        ('name = "x"', 'name = "x"\n\n[ports]\nweb = 81\n'),
        ("# c\n[ports]\nweb = 80 # door\n# end\n", "# c\n[ports]\nweb = 81 # door\n# end\n"),
        ('[ports]\n"web"=80', '[ports]\n"web"=81'),
        (
            "[ports]\nserver = 1 # s\n\n# l\n[limits]\nweb = 80\n",
            "[ports]\nserver = 1 # s\nweb = 81\n\n# l\n[limits]\nweb = 80\n",
        ),
        ("[limits]\nweb = 80\n[ports]\nweb = 0x50\n", "[limits]\nweb = 80\n[ports]\nweb = 81\n"),
        ("[ports]\r\nserver = 1\r\n", "[ports]\r\nserver = 1\r\nweb = 81\r\n"),
        ("ports.web = 80\n[limits]\n", "ports.web = 81\n[limits]\n"),
        ("ports.server = 1\n[limits]\n", "ports.server = 1\nports.web = 81\n[limits]\n"),
        ("ports = { server = 1, web = 80 } # p\n", "ports = { server = 1, web = 81 } # p\n"),
        ("ports = { server = 1 }\n", "ports = { server = 1, web = 81 }\n"),
        ("ports = {}\n", "ports = { web = 81 }\n"),
        ('name = """\n[ports]\nweb = 80\n"""\n', 'name = """\n[ports]\nweb = 80\n"""\n\n[ports]\nweb = 81\n'),
    ],
)
def test_the_text_keeps_what_a_person_wrote(before: str, after: str) -> None:
    assert with_port(before, "web", 81) == after


@given(
    st.dictionaries(st.sampled_from(["server", "device-server", "web", "name"]), st.integers(0, 9), max_size=4),
    st.dictionaries(st.sampled_from(["server", "device-server", "web"]), st.integers(0, 99999), max_size=3),
    st.booleans(),
)
def test_one_value_differs_and_comments_stay(top: dict[str, int], held: dict[str, int], last: bool) -> None:
    section = "".join(["[ports] # here\n", *(f"{row} = {number} # of {row}\n" for row, number in held.items())])
    rest = "[limits] # there\nweb = 1 # no port\n"
    text = "".join(f"{key} = {value}\n" for key, value in top.items()) + (rest + section if last else section + rest)
    made = with_port(text, "web", 12345)
    wanted = tomllib.loads(text)
    wanted["ports"]["web"] = 12345
    assert tomllib.loads(made) == wanted
    assert made.count("#") == text.count("#")


def test_what_is_not_understood_is_left_to_a_person() -> None:
    with pytest.raises(Refusal, match="does not edit"):
        with_port('"ports" = {server = 1}\n', "web", 81)
    with pytest.raises(Refusal, match="is not TOML"):
        with_port("= 1", "web", 81)


def test_the_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("# ours\n")
    real.chmod(0o640)
    link.symlink_to(real)
    SettingsFile(link, {}).set_port("web", 81)
    assert link.is_symlink() and real.read_text() == "# ours\n\n[ports]\nweb = 81\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"real.toml", "link.toml"}


@pytest.mark.parametrize(
    ("before", "database", "after"),
    [
        ('name = "x"', {"url": "postgresql://a@b/c"}, 'name = "x"\n\n[database]\nurl = "postgresql://a@b/c"\n'),
        ('# c\n[database]\nurl = "old" # o\ntls = "off"\n[limits]\nweb = 1 # l\n', {}, "# c\n[limits]\nweb = 1 # l\n"),
        (
            '[database]\r\nurl = "old"\r\n[limits]\r\n',
            {"url": "x", "tls": "require"},
            '[limits]\r\n\r\n[database]\r\nurl = "x"\r\ntls = "require"\r\n',
        ),
        ('database.url = "old"\n[limits]\n', {"url": "x"}, '[limits]\n\n[database]\nurl = "x"\n'),
        ('database = { url = "old" }\n', {}, ""),
    ],
)
def test_the_database_is_changed_and_all_else_stays(before: str, database: dict[str, str], after: str) -> None:
    assert with_database(before, database) == after


def test_a_database_that_is_written_in_another_way_is_left_to_a_person() -> None:
    with pytest.raises(Refusal, match="does not edit") as refused:
        with_database('"database" = { url = "old" }\n', {"url": "x"})
    assert 'url = "x"' in refused.value.remedy
    with pytest.raises(Refusal, match="not TOML"):
        with_database("a = [", {})
