from __future__ import annotations

import asyncio

import msgspec
import pytest

from sitewarden.domain.errors import Forbidden, Invalid, NotFound, Refusal, TimedOut, Unauthenticated
from sitewarden.domain.identity.model import Grant
from sitewarden.services.invoke import Answer, Credentials, Invoke
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.services.surface.identity import Nothing
from tests.services.house import House
from tests.services.samples import sample


async def test_every_operation_is_refused_and_audited_without_a_grant(house: House) -> None:
    nobody = await house.person("noone")
    for operation in house.operations:
        if operation.public or operation.signed_in:
            continue
        house.memory.audited.clear()
        with pytest.raises(Forbidden):
            await house.dispatcher.invoke(operation.name, sample(operation.params), nobody, "192.0.2.9")
        [entry] = house.memory.audited
        assert (entry.actor, entry.outcome, entry.remote) == ("user:noone", "refused: forbidden", "192.0.2.9"), operation.name


async def test_every_operation_is_refused_without_credentials(house: House) -> None:
    for operation in house.operations:
        if not operation.public:
            with pytest.raises(Unauthenticated):
                await house.dispatcher.invoke(operation.name, sample(operation.params), Credentials())


async def test_refusals_for_want_of_credentials_do_not_fill_the_audit_log(house: House) -> None:
    house.memory.audited.clear()
    for _ in range(50):
        with pytest.raises(Unauthenticated):
            await house.dispatcher.invoke("door.list", b"\x80", Credentials(token="swt_wrong"), "192.0.2.9")
    assert [entry.outcome for entry in house.memory.audited] == ["refused: unauthenticated"]


@pytest.mark.parametrize("selector", ["area:lab", "area:site", "door:lab-door"])
async def test_a_caller_sees_only_what_the_selector_covers(house: House, selector: str) -> None:
    grants = [Grant(action=action, selector=selector) for action in ("door.list", "door.get")]
    person = await house.person("guard", *grants)
    page = (await house.ask("door.list", person)).value
    assert ([item.id for item in page.items], page.total) == (["lab-door"], 1)
    assert (await house.ask("door.get", person, id="lab-door")).value.name == "Lab door"
    messages = []
    for id_ in ("gate", "no-such-door"):
        with pytest.raises(Forbidden) as refused:
            await house.ask("door.get", person, id=id_)
        messages.append(str(refused.value).replace(id_, "X"))
    assert messages[0] == messages[1], "what is out of reach and what does not exist are told apart"


async def test_a_tag_selects_and_the_page_counts_only_what_is_seen(house: House) -> None:
    person = await house.person("guard", Grant(action="door.*", selector="tag:outside"))
    page = (await house.ask("door.list", person)).value
    assert ([item.id for item in page.items], page.total) == (["gate"], 1)


async def test_a_thing_cannot_be_moved_out_of_reach_or_made_there(house: House) -> None:
    person = await house.person("guard", Grant(action="door.*", selector="area:lab"))
    patch, into = MESSAGES["door"].patch, MESSAGES["door"].input
    await house.ask("door.update", person, id="lab-door", body=patch(name="Laboratory"))
    with pytest.raises(Forbidden):
        await house.ask("door.update", person, id="lab-door", body=patch(area="yard"))
    with pytest.raises(Forbidden):
        await house.ask("door.create", person, body=into(name="Side", controller="c1", area="yard"))
    made = await house.ask("door.create", person, body=into(name="Back door", controller="c1", area="lab"))
    assert made.value.id == "back-door"


async def test_a_change_of_grants_counts_at_once(house: House) -> None:
    person = await house.person("guard", Grant(action="door.list"))
    await house.ask("door.list", person)
    await house.ask("role.update", id="guard-role", body=MESSAGES["role"].patch(grants=()))
    with pytest.raises(Forbidden):
        await house.ask("door.list", person)


async def test_a_disabled_user_is_out_at_once(house: House) -> None:
    person = await house.person("guard", Grant(action="door.list"))
    await house.ask("user.update", id="guard", body=MESSAGES["user"].patch(enabled=False))
    with pytest.raises(Unauthenticated):
        await house.ask("door.list", person)


async def test_an_operation_that_takes_too_long_is_ended_and_audited(house: House) -> None:
    async def never(caller: Caller, params: Nothing) -> None:
        await asyncio.Event().wait()

    house.operations.add([Operation("slow.run", "slow.run", Nothing, None, never, timeout=0.01)])
    with pytest.raises(TimedOut):
        await house.ask("slow.run")
    assert house.memory.audited[-1].outcome == "refused: timed-out"


async def test_a_defect_is_audited_as_one(house: House) -> None:
    async def broken(caller: Caller, params: Nothing) -> None:
        raise ZeroDivisionError

    house.operations.add([Operation("broken.run", "broken.run", Nothing, None, broken)])
    with pytest.raises(ZeroDivisionError):
        await house.ask("broken.run")
    assert house.memory.audited[-1].outcome == "failed: defect"


async def test_the_bus_form_gives_json_and_revision(house: House) -> None:
    request = Invoke(
        operation="door.get",
        params=msgspec.Raw(msgspec.msgpack.encode({"id": "gate"})),
        credentials=house.ada,
        remote="192.0.2.1",
    )
    answer = msgspec.msgpack.decode(await house.dispatcher.serve(msgspec.msgpack.encode(request)), type=Answer)
    assert msgspec.json.decode(answer.body)["name"] == "Gate"
    assert answer.revision == 1


@pytest.mark.parametrize(
    ("operation", "params", "refusal"),
    [
        ("no.such", b"\x80", NotFound),
        ("door.get", b"", Invalid),
        ("door.get", b"\xc1", Invalid),
        ("door.get", b"\x80", Invalid),
        ("door.get", msgspec.msgpack.encode({"id": "../../etc/passwd"}), Invalid),
        ("door.get", msgspec.msgpack.encode({"id": "gate", "extra": 1}), Invalid),
        ("door.get", b"\x91" * 5000 + b"\x80", Invalid),
        ("door.list", msgspec.msgpack.encode({"limit": 10**9}), Invalid),
    ],
)
async def test_hostile_parameters_are_refused(house: House, operation: str, params: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        await house.dispatcher.invoke(operation, params, house.ada)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b"\x93\x01\x02\x03", b"\x91" * 5000])
async def test_a_hostile_bus_request_is_refused(house: House, body: bytes) -> None:
    with pytest.raises(Invalid):
        await house.dispatcher.serve(body)
