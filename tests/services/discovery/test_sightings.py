"""Sightings become rows: one a device, cameras first, nothing taken from a stranger's word for another."""

from __future__ import annotations

from typing import Any

from sitewarden.services.discovery.sightings import MOST, PER_ADDRESS, Sighting, Sightings, suggest
from sitewarden.wire.httpplace import HttpPlace
from sitewarden.wire.upnp_description import Description
from sitewarden.wire.wsdiscovery import DEVICE, SCOPE, TRANSMITTER, Target

CAMERA = Target(
    types=(TRANSMITTER,), scopes=(f"{SCOPE}name/Yard%1b[2J", f"{SCOPE}hardware/P1"), places=("http://10.0.0.5/onvif",)
)


def seen(how: Any, address: str, uuid: str, time: int = 1, **more: Any) -> Sighting:
    return Sighting(how=how, address=address, uuid=uuid, first=time, last=time, **more)


def held(*sightings: Sighting) -> Sightings:
    made = Sightings()
    assert all(made.put(each) for each in sightings)
    return made


def test_both_ways_to_the_same_device_are_one_row() -> None:
    described = Description(name="P1 - 42", maker="AXIS", model="P1", serial="42", page="/")
    place = HttpPlace(False, "10.0.0.5", 80, "/d")
    [row] = held(
        seen("upnp", "10.0.0.5", "other-uuid", 5, description=described, location=place),
        seen("onvif", "10.0.0.5", "u", 9, target=CAMERA),
    ).rows({"10.0.0.5": ["camera:yard"]})
    assert (row.kind, row.maker, row.model, row.name, row.serial) == ("camera", "AXIS", "P1", "Yard [2J", "42")
    assert (row.found, row.first, row.last, row.site) == (("onvif", "upnp"), 5, 9, ("camera:yard",))
    assert (row.page, row.services) == ("http://10.0.0.5/", ("http://10.0.0.5/onvif",))
    assert (row.suggestion.name, row.suggestion.onvif) == ("Yard [2J", True)


def test_several_devices_at_one_address_stay_apart() -> None:
    rows = held(
        seen("onvif", "10.0.0.5", "a", target=CAMERA),
        seen("onvif", "10.0.0.5", "b", target=CAMERA),
        seen("upnp", "10.0.0.5", "b"),
        seen("upnp", "10.0.0.5", "c"),
    ).rows({})
    assert sorted(row.found for row in rows) == [("onvif",), ("onvif", "upnp"), ("upnp",)]


def test_a_uuid_taken_from_another_address_changes_nothing_there() -> None:
    found = held(seen("onvif", "10.0.0.5", "u", target=CAMERA), seen("onvif", "10.0.0.66", "u", target=Target(types=(DEVICE,))))
    assert [row.address for row in found.rows({})] == ["10.0.0.5", "10.0.0.66"]
    found.forget("onvif", "10.0.0.66", "u")
    assert [row.address for row in found.rows({})] == ["10.0.0.5"]


def test_what_leads_elsewhere_is_not_shown() -> None:
    liar = Target(types=(TRANSMITTER,), places=("http://10.0.0.9/onvif", "javascript:alert(1)"))
    [row] = held(
        seen("onvif", "10.0.0.5", "u", target=liar),
        seen("upnp", "10.0.0.5", "u", description=Description(page="http://evil.example/")),
    ).rows({})
    assert (row.services, row.page) == ((), "")


def test_cameras_come_first_then_doors_then_addresses_as_numbers() -> None:
    rows = held(
        seen("upnp", "10.0.0.1", "r", description=Description(name="Router")),
        seen("onvif", "10.0.0.3", "d", target=Target(types=(DEVICE,), scopes=(f"{SCOPE}Profile/C",))),
        seen("onvif", "10.0.0.20", "c", target=CAMERA),
        seen("upnp", "10.0.0.9", "n", description=Description(model_description="Network Camera")),
    ).rows({})
    assert [(row.kind, row.address) for row in rows] == [
        ("camera", "10.0.0.9"),
        ("camera", "10.0.0.20"),
        ("access", "10.0.0.3"),
        ("other", "10.0.0.1"),
    ]


def test_a_later_answer_keeps_what_an_earlier_one_told() -> None:
    made = held(seen("upnp", "10.0.0.5", "u", 1, problem="Not fetched."), seen("upnp", "10.0.0.5", "u", 2))
    assert made.rows({})[0].problems == ("Not fetched.",)
    made.put(seen("upnp", "10.0.0.5", "u", 3, description=Description(name="n")))
    made.put(seen("upnp", "10.0.0.5", "u", 4))
    [row] = made.rows({})
    assert (row.name, row.problems, row.first, row.last) == ("n", (), 1, 4)
    assert made.row(row.id, {}) == row
    assert made.row("found-0", {}) is None


def test_no_liar_pushes_others_out() -> None:
    made = held(seen("onvif", "10.0.0.5", "u", target=CAMERA))
    taken = [made.put(seen("upnp", "10.0.0.66", str(number))) for number in range(1000)]
    assert sum(taken) == PER_ADDRESS
    assert len(made) == PER_ADDRESS + 1
    made.forget("upnp", "10.0.0.66", "0")
    assert made.put(seen("upnp", "10.0.0.66", "new"))
    assert not made.put(seen("upnp", "10.0.0.66", "newer"))


def test_the_list_is_bounded_and_the_oldest_go() -> None:
    made = Sightings()
    for number in range(MOST + 10):
        made.put(seen("upnp", f"10.1.{number // 250}.{number % 250}", "u"))
    assert len(made) == MOST
    assert "10.1.0.0" not in {row.address for row in made.rows({})}


def test_a_device_is_asked_over_onvif_or_a_person_gives_the_address() -> None:
    asked, told = suggest("10.0.0.5", "", onvif=True), suggest("10.0.0.5", "Yard", onvif=False)
    assert (asked.name, asked.onvif, told.name, told.onvif) == ("Camera 10.0.0.5", True, "Yard", False)
    assert "rtsp" not in asked.note + told.note and "from its manual" in told.note
    [row] = held(seen("upnp", "10.0.0.5", "u", description=Description(name="P1", maker="AXIS"))).rows({})
    assert not row.suggestion.onvif


def test_cameras_that_share_an_address_are_known_by_their_services() -> None:
    here = "http://10.0.0.5:8001/onvif/device_service"
    target = Target(address="urn:uuid:1", types=(TRANSMITTER,), places=(here,))
    made = held(seen("onvif", "10.0.0.5", "1", target=target))
    site = {"10.0.0.5": ["camera:other", "camera:old"], "http://10.0.0.5:8002/onvif/device_service": ["camera:other"]}
    assert made.rows(site)[0].site == ("camera:old",), "the other one's services answer elsewhere"
    assert not made.rows(site)[0].known
    row = made.rows(site | {here: ["camera:yard"]})[0]
    assert (row.site, row.known) == (("camera:yard",), True)
