from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sitewarden.domain.clock import DAY, HOUR, SECOND
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from sitewarden.domain.identity.lockout import FAILURES, FIRST, RATE
from sitewarden.domain.identity.model import Grant
from sitewarden.services.invoke import Credentials
from sitewarden.services.passwords import WAITING
from sitewarden.services.sessions import IDLE, PER_USER, Sessions, digest
from sitewarden.services.surface.entities import MESSAGES
from sitewarden.wire.rtsp_auth import Challenge, authorization
from sitewarden.wire.rtsp_login import REALM, first_hash, read
from tests.services.house import PASSWORD, House
from tests.services.memory import TestClock

USER, ROLE, GROUP, TOKEN = (MESSAGES[kind] for kind in ("user", "role", "group", "token"))


async def test_signing_in_is_told_and_audited(house: House) -> None:
    assert house.told[-1].type == "session.opened"
    assert (house.memory.audited[-1].actor, house.memory.audited[-1].outcome) == ("user:ada", "done")


async def test_lockout_grows_and_tells_the_same_of_users_that_do_not_exist(house: House) -> None:
    for user in ("ada", "nobody"):
        messages = []
        for _ in range(FAILURES):
            with pytest.raises(Unauthenticated) as refused:
                await house.sign_in(user, "wrong wrong", "198.51.100.1")
            messages.append(str(refused.value))
        with pytest.raises(TooMany) as locked:
            await house.sign_in(user, PASSWORD, "198.51.100.1")
        assert (set(messages), str(locked.value)) == (
            {"User name or password is wrong. Check both and try again."},
            f"Too many sign-ins from 198.51.100.1. Try again in {int(FIRST) + 1} s.",
        )
    assert house.told[-1].type == "session.locked-out"
    await house.sign_in("ada", remote="203.0.113.5")
    house.clock.seconds += 61
    await house.sign_in("ada", remote="198.51.100.1")


async def test_an_address_that_tries_many_users_is_slowed(house: House) -> None:
    for number in range(RATE):
        with pytest.raises(Unauthenticated):
            await house.sign_in(f"user-{number}", "wrong wrong", "198.51.100.2")
    with pytest.raises(TooMany):
        await house.sign_in("user-x", "wrong wrong", "198.51.100.2")


async def test_both_roads_of_a_refused_sign_in_hash_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    hasher = house.passwords._hasher
    assert house.passwords._decoy.startswith("$argon2id$")

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            counted.append(hashed)
            return hasher.verify(hashed, password)

    monkeypatch.setattr(house.passwords, "_hasher", Counting())
    await house.memory.put("user", USER.model(id="blank", name="No password"))
    for user in ("ada", "nobody", "blank"):
        with pytest.raises(Unauthenticated):
            await house.sign_in(user, "wrong wrong", "198.51.100.3")
    assert len(counted) == 3
    assert all(text.startswith("$argon2id$") for text in counted)


async def test_sign_ins_do_not_queue_without_end(house: House) -> None:
    house.passwords._pending = WAITING
    with pytest.raises(TooMany):
        await house.sign_in("ada", remote="198.51.100.4")


async def test_a_changed_password_ends_the_other_sessions(house: House) -> None:
    other = await house.sign_in("ada")
    with pytest.raises(Invalid):
        await house.ask("session.password", old="wrong wrong", new="another fine one")
    with pytest.raises(Invalid):
        await house.ask("session.password", old=PASSWORD, new="ADA" * 1)
    await house.ask("session.password", old=PASSWORD, new="another fine one")
    await house.ask("session.get")
    with pytest.raises(Unauthenticated):
        await house.ask("session.get", other)
    with pytest.raises(Unauthenticated):
        await house.sign_in("ada", PASSWORD)
    await house.sign_in("ada", "another fine one")


async def test_a_password_set_by_an_administrator_ends_the_sessions(house: House) -> None:
    person = await house.person("bob", Grant(action="door.list"))
    await house.ask("user.update", id="bob", body=USER.patch(password="brand new password"))
    with pytest.raises(Unauthenticated):
        await house.ask("session.get", person)
    with pytest.raises(Invalid):
        await house.ask("user.update", id="bob", body=USER.patch(password="short"))


async def test_the_first_administrator_is_made_once(house: House) -> None:
    with pytest.raises(Conflict):
        await house.identity.create_first_administrator("eve")
    fresh = House()
    chosen = await fresh.identity.create_first_administrator("root-1")
    assert len(chosen) >= 12
    await fresh.sign_in("root-1", chosen)
    with pytest.raises(Invalid):
        await House().identity.create_first_administrator("Not An Id")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("user.delete", {"id": "ada"}),
        ("user.update", {"id": "ada", "body": USER.patch(enabled=False)}),
        ("user.update", {"id": "ada", "body": USER.patch(roles=())}),
        ("user.update", {"id": "ada", "body": USER.patch(password="")}),
        ("role.update", {"id": "administrator", "body": ROLE.patch(grants=())}),
    ],
)
async def test_the_last_administrator_stays(house: House, operation: str, params: dict[str, object]) -> None:
    with pytest.raises(Conflict):
        await house.ask(operation, **params)
    await house.ask("session.get")


async def test_the_first_administrator_may_go_when_there_is_another(house: House) -> None:
    await house.ask("user.create", body=USER.input(name="Eve", roles=("administrator",), password="long enough 1"))
    eve = await house.sign_in("eve", "long enough 1")
    await house.ask("user.delete", eve, id="ada")
    with pytest.raises(Unauthenticated):
        await house.ask("session.get")
    with pytest.raises(Conflict):
        await house.ask("user.delete", eve, id="eve")


async def test_nobody_gives_or_takes_over_more_than_they_hold(house: House) -> None:
    staff = [Grant(action=f"{kind}.*") for kind in ("user", "role", "group", "token", "door")]
    hr = await house.person("hr", *staff)
    await house.ask("role.create", hr, body=ROLE.input(name="Doors", grants=(Grant(action="door.release", selector="area:lab"),)))
    await house.ask("user.create", hr, body=USER.input(name="New", roles=("doors",), password="long enough 1"))
    attempts = [
        ("role.create", {"body": ROLE.input(name="All", grants=(Grant(action="*"),))}),
        ("role.update", {"id": "doors", "body": ROLE.patch(grants=(Grant(action="camera.live"),))}),
        ("user.update", {"id": "hr", "body": USER.patch(roles=("administrator",))}),
        ("user.update", {"id": "ada", "body": USER.patch(password="taken over now")}),
        ("user.delete", {"id": "ada"}),
        ("group.create", {"body": GROUP.input(name="Admins", roles=("administrator",))}),
        ("token.create", {"body": TOKEN.input(name="Steal", user="ada")}),
    ]
    for operation, params in attempts:
        with pytest.raises(Forbidden):
            await house.ask(operation, hr, **params)


async def test_a_token_acts_within_its_actions_until_it_ends(house: House) -> None:
    expires = house.clock.now() + HOUR
    made = await house.ask("token.create", body=TOKEN.input(name="Script", user="ada", actions=("door.*",), expires=expires))
    token = Credentials(token=made.value.token)
    assert (await house.ask("door.list", token)).value.total == 2
    with pytest.raises(Forbidden):
        await house.ask("user.list", token)
    held = house.memory.get("token", "script")
    assert held is not None
    assert held.entity.token_hash == digest(made.value.token)  # type: ignore[attr-defined]
    house.clock.seconds += 3600
    with pytest.raises(Unauthenticated):
        await house.ask("door.list", token)


async def test_a_token_is_proven_by_digest_and_is_not_kept_in_clear(house: House) -> None:
    made = await house.ask("token.create", body=TOKEN.input(name="Recorder", user="ada", actions=("door.*",)))
    for algorithm in ("MD5", "SHA-256"):
        challenge = Challenge(scheme="digest", realm=REALM, nonce="n", algorithm=algorithm, qop=True)
        right = read(authorization(challenge, "DESCRIBE", "rtsp://h/", "ada", made.value.token, 1, "c"), "DESCRIBE", secure=False)
        wrong = read(authorization(challenge, "DESCRIBE", "rtsp://h/", "ada", PASSWORD, 1, "c"), "DESCRIBE", secure=False)
        assert right is not None and wrong is not None
        assert (await house.ask("door.list", Credentials(proof=right.proof))).value.total == 2
        with pytest.raises(Forbidden):
            await house.ask("user.list", Credentials(proof=right.proof))
        with pytest.raises(Unauthenticated):
            await house.ask("door.list", Credentials(proof=wrong.proof))
    held = house.memory.get("token", "recorder")
    assert held is not None
    kept = msgspec.json.encode(held.entity)
    assert made.value.token.encode() not in kept
    assert first_hash("MD5", "ada", made.value.token).encode() not in kept
    assert "digest_hashes" not in (await house.ask("token.get", id="recorder")).value.__struct_fields__
    await house.ask("token.update", id="recorder", body=TOKEN.patch(enabled=False))
    with pytest.raises(Unauthenticated):
        await house.ask("door.list", Credentials(proof=right.proof))


async def test_a_token_of_a_disabled_user_is_worth_nothing(house: House) -> None:
    await house.person("bot", Grant(action="door.list"))
    made = await house.ask("token.create", body=TOKEN.input(name="Bot", user="bot"))
    token = Credentials(token=made.value.token)
    await house.ask("door.list", token)
    await house.ask("user.update", id="bot", body=USER.patch(enabled=False))
    with pytest.raises(Unauthenticated):
        await house.ask("door.list", token)


async def test_name_and_password_are_hashed_once_a_minute_and_not_kept_after_a_change(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    verify = house.passwords._verify
    monkeypatch.setattr(house.passwords, "_verify", lambda *a: counted.append("") or verify(*a))
    basic = Credentials(username="ada", password=PASSWORD)
    for _ in range(5):
        await house.ask("door.list", basic)
    assert len(counted) == 1
    await house.identity.reset_password("ada", "quite different")
    with pytest.raises(Unauthenticated):
        await house.ask("door.list", basic)


def test_sessions_end_when_idle_when_old_and_when_there_are_many() -> None:
    clock = TestClock()
    sessions = Sessions(clock)
    idle, used = sessions.open("ada", ""), sessions.open("ada", "")
    for _ in range(6 * 24):
        clock.seconds += 3600
        assert sessions.get(used)
        if clock.seconds - 1_800_000_000 >= IDLE / SECOND:
            assert sessions.get(idle) is None
    clock.seconds += DAY / SECOND
    assert sessions.get(used) is None
    many = [sessions.open("ada", "") for _ in range(PER_USER + 1)]
    assert sum(sessions.get(id_) is not None for id_ in many) == PER_USER


def test_sessions_outlive_a_restart_and_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions"
    clock = TestClock()
    id_ = Sessions(clock, path).open("ada", "")
    assert id_ not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    found = Sessions(clock, path).get(id_)
    assert found is not None
    assert found.user == "ada"
    path.write_bytes(b"\xff{")
    assert Sessions(clock, path).get(id_) is None
