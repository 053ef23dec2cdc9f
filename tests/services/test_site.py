from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from sitewarden.domain.access.model import AccessPoint, Area, Controller, Door
from sitewarden.domain.access.rights import AccessPolicy, AccessProfile, Schedule
from sitewarden.domain.entities import KINDS
from sitewarden.domain.entity import Entity, Secret
from sitewarden.domain.errors import Conflict, Forbidden, Invalid, Refusal, TooLarge
from sitewarden.domain.identity.model import ApiToken, Grant, Role, User
from sitewarden.domain.site import Site
from sitewarden.domain.video.model import Camera
from sitewarden.services.operations import Caller, system
from sitewarden.services.secrets import SecretBox
from sitewarden.services.site import SiteFiles
from sitewarden.store.interfaces import Change
from sitewarden.store.sqlite import SqliteStateStore
from tests.store.samples_of import StillClock

BOX = SecretBox(bytes(range(32)))
CLI = system("cli")
POLICY = AccessPolicy(schedule="always", access_point="in")
ENTITIES: dict[str, tuple[Entity, ...]] = {
    "site": (Site(id="site", name="House", timezone="Europe/Lisbon"),),
    "area": (Area(id="hall", name="Hall"), Area(id="lab", name="Lab", area="hall", tags=("no", "2026-01-01"))),
    "role": (Role(id="administrator", name="Administrator", grants=(Grant(action="*"),)),),
    "user": (User(id="ada", name="Ada", roles=("administrator",), password_hash="$argon2id$secret-hash"),),
    "token": (ApiToken(id="t1", name="T1", user="ada", token_hash="ab" * 32, created=77),),
    "camera": (
        Camera(id="yard", name="Yard", url="rtsp://10.0.0.1/s", username="u", password=BOX.seal("p", "camera:yard/password")),
    ),
    "controller": (Controller(id="c1", name="C1", fingerprint="ff" * 32),),
    "door": (Door(id="main", name="Main", controller="c1", camera="yard", release_time=4.5),),
    "access-point": (AccessPoint(id="in", name="In", door="main", area_to="hall"),),
    "schedule": (Schedule(id="always", name="Always"),),
    "access-profile": (AccessProfile(id="staff", name="Staff", policies=(POLICY,)),),
}


@pytest_asyncio.fixture
async def state(tmp_path: Path) -> AsyncIterator[SqliteStateStore]:
    opened = SqliteStateStore.open(tmp_path / "state.db", StillClock())
    await opened.apply([Change(kind=kind, id=one.id, entity=one) for kind, all_ in ENTITIES.items() for one in all_])
    yield opened
    await opened.close()


@pytest.fixture
def files(state: SqliteStateStore) -> SiteFiles:
    async def hashed(clear: str, id_: str) -> str:
        return f"hash of {clear} for {id_}"

    return SiteFiles(state, StillClock(), BOX, hashers={("user", "password_hash"): hashed})


async def test_an_export_carries_no_secret_and_applies_without_a_change(state: SqliteStateStore, files: SiteFiles) -> None:
    text = await files.export()
    camera = ENTITIES["camera"][0]
    assert isinstance(camera, Camera) and camera.password
    for secret in ("argon2id", "ab" * 32, "ff" * 32, camera.password.sealed):
        assert secret not in text
    content = yaml.safe_load(text)
    assert content["sitewarden"] == 1
    assert content["site"] == {"name": "House", "timezone": "Europe/Lisbon"}
    assert content["doors"]["main"] == {"name": "Main", "controller": "c1", "camera": "yard", "release_time": 4.5}
    assert content["roles"]["administrator"]["grants"] == [{"action": "*"}]
    assert content["cameras"]["yard"]["password"] == content["users"]["ada"]["password"] == "(kept)"
    version = state.version
    assert (await files.plan(text, CLI)).changes == ()
    assert (await files.apply(text, CLI)).changes == ()
    assert state.version == version


async def test_a_plan_shows_what_apply_then_does_in_one_transaction(state: SqliteStateStore, files: SiteFiles) -> None:
    text = """
    cameras:
      yard: {name: Front, url: "rtsp://10.0.0.1/s", username: u, password: new secret}
      gate: {name: Gate, url: "rtsp://10.0.0.2/s", password: (kept)}
    doors:
      side: {name: Side, controller: c1, camera: gate}
    access-points:
      in: {name: In, door: side, area_to: hall}
    """
    plan = await files.plan(text, CLI)
    assert [(one.action, one.kind, one.id, one.fields) for one in plan.changes] == [
        ("update", "camera", "yard", ("name", "password")),
        ("create", "camera", "gate", ()),
        ("create", "door", "side", ()),
        ("update", "access-point", "in", ("door",)),
        ("delete", "door", "main", ()),
    ]
    assert [(one.field, one.old, one.new) for one in plan.changes[0].differences] == [
        ("name", "Yard", "Front"),
        ("password", "(kept)", "(new)"),
    ]
    assert plan.warnings == ("cameras/gate/password: this server does not hold the secret; set it after applying.",)
    assert not plan.applied
    assert state.version == 1

    applied = await files.apply(text, CLI)
    assert applied.applied and applied.changes == plan.changes
    assert state.version == 2
    held = state.get("camera", "yard")
    assert held is not None and isinstance(held.entity, Camera) and isinstance(held.entity.password, Secret)
    assert BOX.open(held.entity.password, "camera:yard/password") == "new secret"
    assert state.get("door", "main") is None
    assert [one.entry.action for one in await state.audit_page()] == [
        "door.delete",
        "access-point.update",
        "door.create",
        "camera.create",
        "camera.update",
    ]
    assert await state.waiting() == 5
    assert "new secret" not in str(await state.audit_page()) + str(state._file.outbox(10))
    assert (await files.plan(text, CLI)).changes == ()


async def test_what_the_server_sets_itself_survives(state: SqliteStateStore, files: SiteFiles) -> None:
    await files.apply("controllers: {c1: {name: Other}}\ntokens: {t1: {name: T1, user: ada, enabled: false}}", CLI)
    controller, token = state.get("controller", "c1"), state.get("token", "t1")
    assert controller is not None and isinstance(controller.entity, Controller)
    assert (controller.entity.name, controller.entity.fingerprint) == ("Other", "ff" * 32)
    assert token is not None and isinstance(token.entity, ApiToken)
    assert (token.entity.token_hash, token.entity.created, token.entity.enabled) == ("ab" * 32, 77, False)


async def test_plain_words_stay_text(files: SiteFiles, state: SqliteStateStore) -> None:
    await files.apply("areas: {hall: {name: No, tags: [on, 2026-01-01, 12:30, 0x10, 007, y]}, lab: {name: Lab}}", CLI)
    held = state.get("area", "hall")
    assert held is not None
    assert (held.entity.name, held.entity.tags) == ("No", ("on", "2026-01-01", "12:30", "0x10", "007", "y"))
    assert (await files.plan(await files.export(), CLI)).changes == ()


async def test_a_password_is_hashed_kept_or_removed(state: SqliteStateStore, files: SiteFiles) -> None:
    def hash_of(id_: str) -> str:
        held = state.get("user", id_)
        assert held is not None and isinstance(held.entity, User)
        return held.entity.password_hash

    ada = "ada: {name: Ada, roles: [administrator], password: (kept)}"
    await files.apply(f"users:\n  {ada}\n  eve: {{name: Eve, password: hello}}", CLI)
    assert (hash_of("ada"), hash_of("eve")) == ("$argon2id$secret-hash", "hash of hello for eve")
    await files.apply(f"users:\n  {ada}\n  eve: {{name: Eva}}", CLI)
    assert hash_of("eve") == "hash of hello for eve"
    await files.apply(f"users:\n  {ada}\n  eve: {{name: Eva, password: ''}}", CLI)
    assert hash_of("eve") == ""


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("door: {}", "door", "Did you mean doors?"),
        ("doors: [1]", "doors", "not a mapping"),
        ("doors: {Main Door: {name: X}}", "doors", "is no id"),
        ("areas: {1: {name: X}}", "areas", "quotes around digits"),
        ("doors: {main: 7}", "doors/main", "not a mapping"),
        ("doors: {main: {name: X, controler: c1}}", "doors/main/controler", "Did you mean controller?"),
        ("doors: {main: {controller: c1}}", "doors/main", "missing required field `name`"),
        ("doors: {main: {name: X, controller: c1, output: 999}}", "doors/main/output", "<= 255"),
        ("doors: {main: {name: X, controller: c1, output: 12:30}}", "doors/main/output", "Expected `int`, got `str`"),
        ("doors: {main: {name: X, controller: gone}}", "doors/main/controller", "There is no controller 'gone'"),
        ("site: {name: X, timezone: Mars/Base}", "site/timezone", "no time zone"),
        (
            "access-profiles: {staff: {name: X, policies: [{schedule: always, acess_point: in}]}}",
            "access-profiles/staff/policies/0/acess_point",
            "Did you mean access_point?",
        ),
        ("controllers: {c1: {name: X, fingerprint: aa}}", "controllers/c1/fingerprint", "sets this field itself"),
        ("credentials: {k: {name: K, holder: h, pin: '1'}}", "credentials/k/pin", "cannot be set from a file"),
        ("areas: {hall: {name: Hall, area: lab}, lab: {name: Lab, area: hall}}", "areas/hall/area", "would lie in itself"),
        ("areas: {a: &x {name: A}, b: *x}", "line 1", "Aliases are not taken"),
        ("areas:\n  a: {name: A}\n  a: {name: B}", "line 3", "stands twice"),
        ("areas: {a: !!python/object:os.system {}}", "line 1", "no YAML"),
        ("areas:\n  a: [}", "line 2", "no YAML"),
        ("- 1", "line 1", "not a mapping"),
        ("sitewarden: 2", "sitewarden", "not known"),
        ("\x00", "", "no YAML"),
    ],
)
async def test_what_is_wrong_is_refused_with_path_and_remedy(
    state: SqliteStateStore, files: SiteFiles, text: str, where: str, words: str
) -> None:
    for attempt in (files.plan, files.apply):
        with pytest.raises(Invalid) as refused:
            await attempt(text, CLI)
        assert refused.value.where == where, refused.value
        assert words in str(refused.value)
        assert refused.value.remedy
    assert state.version == 1


async def test_deep_nesting_is_refused(files: SiteFiles) -> None:
    with pytest.raises(TooLarge):
        await files.plan("areas: " + "[" * 5000, CLI)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("schedules: {}", Conflict),
        ("cameras: {}", Conflict),
        ("users: {}\ntokens: {}", Conflict),
        ("users: {ada: {name: Ada, enabled: false, roles: [administrator]}}", Conflict),
        ("roles: {administrator: {name: A}}", Conflict),
    ],
)
async def test_what_is_in_use_stays_and_nobody_is_locked_out(
    state: SqliteStateStore, files: SiteFiles, text: str, error: type[Refusal]
) -> None:
    with pytest.raises(error):
        await files.apply(text, CLI)
    assert state.version == 1


async def test_what_uses_it_is_named(files: SiteFiles) -> None:
    with pytest.raises(Conflict, match="in use by door:main") as refused:
        await files.plan("cameras: {}", CLI)
    assert refused.value.where == "cameras/yard"
    gone = "cameras: {}\ndoors: {}\naccess-points: {}\naccess-profiles: {}"
    assert [one.id for one in (await files.plan(gone, CLI)).changes] == ["staff", "in", "main", "yard"]


async def test_nobody_gives_more_by_a_file_than_they_hold(files: SiteFiles) -> None:
    caller = Caller(actor="user:bob", grants=(Grant(action="site.apply"), Grant(action="role.*")))
    with pytest.raises(Forbidden):
        await files.plan(
            "roles: {administrator: {name: Administrator, grants: [{action: '*'}]}, mine: {name: Mine, grants: [{action: '*'}]}}",
            caller,
        )


async def test_a_large_file_goes_through_a_process_of_its_own(state: SqliteStateStore, files: SiteFiles) -> None:
    areas = "\n".join(f"  a{number}: {{name: Area number {number}, description: {'x' * 40}}}" for number in range(1500))
    text = f"areas:\n  hall: {{name: Hall}}\n  lab: {{name: Lab, area: hall, tags: ['no', '2026-01-01']}}\n{areas}"
    assert len((await files.apply(text, CLI)).changes) == 1500
    assert (await files.plan(await files.export(), CLI)).changes == ()
    with pytest.raises(Invalid, match="Aliases"):
        await files.plan(text + "\n  zz: &x {name: Z}\n  zy: *x", CLI)


def test_every_kind_has_a_section() -> None:
    from sitewarden.services.site_plan import SECTIONS

    assert set(SECTIONS.values()) == set(KINDS)
