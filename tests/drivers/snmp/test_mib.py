"""MIB files of either age, and those that net-snmp ships, become names with numbers; what is missing is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.app.mib import names
from sitewarden.domain.errors import Refusal
from sitewarden.drivers.snmp.mib import MibError, compile_

NEW = """
ACME-UPS-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, OBJECT-TYPE, enterprises FROM SNMPv2-SMI
        DisplayString FROM SNMPv2-TC;
acme MODULE-IDENTITY
    LAST-UPDATED "202601010000Z" -- a comment with "quotes" -- ORGANIZATION "Acme"
    CONTACT-INFO "nobody" DESCRIPTION "What ::= { is } in a text -- counts for nothing"
    ::= { enterprises 99998 }
objects OBJECT IDENTIFIER ::= { acme 1 }
battery OBJECT-TYPE SYNTAX Gauge32 (0..100) UNITS "percent" MAX-ACCESS read-only STATUS current
    DESCRIPTION "Charge of
                 the battery." DEFVAL { 0 } ::= { objects 2 }
cells OBJECT-TYPE SYNTAX SEQUENCE OF CellEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= { objects 3 }
cellEntry OBJECT-TYPE SYNTAX CellEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" INDEX { cell } ::= { cells 1 }
CellEntry ::= SEQUENCE { cell INTEGER, volts INTEGER }
volts OBJECT-TYPE SYNTAX INTEGER { low(1), high(2) } MAX-ACCESS read-write STATUS current DESCRIPTION "x" ::= { cellEntry 2 }
empty NOTIFICATION-TYPE OBJECTS { battery } STATUS current DESCRIPTION "Empty." ::= { acme 0 7 }
whole OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99998 9 }
END
"""
OLD = """
ACME-OLD-MIB DEFINITIONS ::= BEGIN
IMPORTS enterprises FROM RFC1155-SMI OBJECT-TYPE FROM RFC-1212 TRAP-TYPE FROM RFC-1215;
old OBJECT IDENTIFIER ::= { enterprises 99997 }
level OBJECT-TYPE SYNTAX Gauge ACCESS read-only STATUS mandatory DESCRIPTION "Level" ::= { old 1 }
full TRAP-TYPE ENTERPRISE old VARIABLES { level } DESCRIPTION "Full" ::= 4
END
"""


def test_objects_and_notifications_of_both_ages() -> None:
    found, missing = compile_([NEW, OLD])
    assert missing == []
    assert {one.name: one.oid for one in found} == {
        "old": "1.3.6.1.4.1.99997",
        "full": "1.3.6.1.4.1.99997.0.4",
        "level": "1.3.6.1.4.1.99997.1",
        "acme": "1.3.6.1.4.1.99998",
        "empty": "1.3.6.1.4.1.99998.0.7",
        "objects": "1.3.6.1.4.1.99998.1",
        "battery": "1.3.6.1.4.1.99998.1.2",
        "cells": "1.3.6.1.4.1.99998.1.3",
        "cellEntry": "1.3.6.1.4.1.99998.1.3.1",
        "volts": "1.3.6.1.4.1.99998.1.3.1.2",
        "whole": "1.3.6.1.4.1.99998.9",
    }
    battery = next(one for one in found if one.name == "battery")
    assert (battery.module, battery.syntax, battery.unit, battery.access) == ("ACME-UPS-MIB", "Gauge32", "percent", "read-only")
    assert battery.text == "Charge of the battery."


def test_a_name_of_a_file_that_was_not_given_is_missing() -> None:
    found, missing = compile_([NEW.replace("enterprises 99998", "acmeRoot 1")])
    assert [one.name for one in found] == ["whole"]
    assert missing == ["acmeRoot, which ACME-UPS-MIB::acme stands below"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "no MIB file"),
        ("X DEFINITIONS ::= BEGIN a OBJECT IDENTIFIER ::= 7 END", "no value in braces"),
        ("X DEFINITIONS ::= BEGIN a OBJECT IDENTIFIER ::= { b", "no value that can be followed"),
        ("X DEFINITIONS ::= BEGIN a OBJECT IDENTIFIER ::= { iso 9999999999 } END", "no object identifier"),
        ("X DEFINITIONS ::= BEGIN a TRAP-TYPE ENTERPRISE b ::= c END", "a trap has no number"),
    ],
)
def test_what_is_no_mib_file_is_refused(text: str, says: str) -> None:
    with pytest.raises(MibError, match=says):
        compile_([text])


@given(st.lists(st.sampled_from([*NEW.split(), *OLD.split(), '"', "--", "{", "}", "(", ")", "::=", "0", "'"]), max_size=60))
def test_any_words_are_a_mib_file_or_refused(words: list[str]) -> None:
    try:
        found, _ = compile_(["X DEFINITIONS ::= BEGIN " + " ".join(words)])
    except MibError:
        return
    assert all(one.oid for one in found)


def test_files_that_net_snmp_ships() -> None:
    folder = Path("/usr/share/snmp/mibs")
    files = [folder / f"{name}.txt" for name in ("UCD-SNMP-MIB", "NET-SNMP-MIB", "NET-SNMP-EXAMPLES-MIB", "LM-SENSORS-MIB")]
    if not all(file.is_file() for file in files):
        pytest.skip("needs libsnmp-base (scripts/system-packages.sh)")
    found, missing = compile_([file.read_text() for file in files])
    numbers = {one.name: one.oid for one in found}
    assert numbers["laLoadFloat"] == "1.3.6.1.4.1.2021.10.1.6"
    assert numbers["memTotalReal"] == "1.3.6.1.4.1.2021.4.5"
    assert numbers["netSnmpExampleHeartbeatNotification"] == "1.3.6.1.4.1.8072.2.3.0.1"
    assert numbers["lmTempSensorsValue"] == "1.3.6.1.4.1.2021.13.16.2.1.3"
    assert missing == [] and len(found) > 200


def test_the_command_shows_what_is_looked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ACME.mib"
    file.write_text(NEW)
    names([file], "batt", json=True)
    assert '"oid": "1.3.6.1.4.1.99998.1.2"' in capsys.readouterr().out
    names([file], "", json=False)
    assert "ACME-UPS-MIB::" in capsys.readouterr().out
    file.write_text("no mib")
    with pytest.raises(Refusal, match="no MIB file"):
        names([file], "", json=False)
    with pytest.raises(Refusal, match="cannot be read"):
        names([tmp_path / "none"], "", json=False)
