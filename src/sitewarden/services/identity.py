"""Who somebody is: signing in and out, sessions, API tokens, passwords, the first administrator and the last one."""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from sitewarden import __version__
from sitewarden.domain.catalogue import describe, severity
from sitewarden.domain.clock import Clock
from sitewarden.domain.entity import Secret
from sitewarden.domain.errors import Conflict, Invalid, Refusal, TooMany, Unauthenticated
from sitewarden.domain.events import Event
from sitewarden.domain.identity.grants import narrowed
from sitewarden.domain.identity.lockout import Lockout
from sitewarden.domain.identity.model import ApiToken, Grant, Group, Role, User
from sitewarden.domain.identity.resolve import grants_of, is_administrator
from sitewarden.domain.identity.roles import BUILT_IN
from sitewarden.domain.identity.shipped import outdated
from sitewarden.domain.refs import is_id, ref
from sitewarden.domain.site import Site
from sitewarden.services.invoke import Credentials, Reply
from sitewarden.services.operations import Caller, Operation
from sitewarden.services.passwords import Passwords
from sitewarden.services.secrets import SecretBox
from sitewarden.services.sessions import Sessions, digest
from sitewarden.services.surface.identity import (
    Nothing,
    PasswordChange,
    SessionInfo,
    SignedInUser,
    SignIn,
    SiteSummary,
)
from sitewarden.store.interfaces import AuditEntry, Change, StateStore
from sitewarden.wire.rtsp_auth import STRENGTH
from sitewarden.wire.rtsp_login import Proof, agrees, first_hash

TOKEN_PREFIX: Final = "swt_"  # noqa: S105
SHORTEST: Final = 10
"""Characters of the shortest password (NIST SP 800-63B asks for 8; length is all that is asked here)."""
BASIC_LIFE: Final = 60.0
"""Seconds for which a name and password that fitted is not hashed again."""
BASIC_KEPT: Final = 256

Emit = Callable[[Sequence[Event]], Awaitable[None]]
_REFUSED: Final = "User name or password is wrong."


def check_password(password: str, username: str) -> None:
    """Refuse a password that is too short or is the user's name."""
    if len(password) < SHORTEST:
        raise Invalid(f"The password has fewer than {SHORTEST} characters.", where="password", remedy="Take a longer one.")
    if username and password.casefold() == username.casefold():
        raise Invalid("The password is the user name.", where="password", remedy="Take another one.")


def new_token() -> tuple[str, str]:
    """Return a new API token and the hash that is kept of it."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return token, digest(token)


def digest_hashes(secrets_: SecretBox, id_: str, user: str, token: str) -> str:
    """Return, sealed, what Digest needs of a new API token: H(A1) by algorithm. The token has 256 bits, so none is guessed."""
    hashes = {name: first_hash(name, user, token) for name in STRENGTH}
    return secrets_.seal(msgspec.json.encode(hashes).decode(), f"token:{id_}/digest_hashes").sealed


class Identity:
    """Authenticates callers and keeps their sessions."""

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        sessions: Sessions,
        passwords: Passwords,
        emit: Emit,
        secrets_: SecretBox | None = None,
    ) -> None:
        """Without `secrets_` no Digest is taken."""
        self._secrets = secrets_
        self._state = state
        self._clock = clock
        self._sessions = sessions
        self._passwords = passwords
        self._emit = emit
        self._lockout = Lockout()
        self._origin = f"identity/{clock.now()}"
        self._count = 0
        self._grants: dict[str, tuple[Grant, ...]] = {}
        self._tokens: dict[str, ApiToken] | None = None
        self._basic: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._basic_key = secrets.token_bytes(32)
        state.watch(self._changed)

    def operations(self) -> list[Operation]:
        """Return the operations of signing in and out."""
        return [
            Operation(
                "session.open",
                "session.open",
                SignIn,
                SessionInfo,
                self._open,
                entity=lambda params: ref("user", params.username),
                public=True,
            ),
            Operation("session.get", "session.get", Nothing, SessionInfo, self._get, audit=False, signed_in=True),
            Operation("session.close", "session.close", Nothing, None, self._close, signed_in=True),
            Operation(
                "session.password",
                "session.password",
                PasswordChange,
                None,
                self._change_password,
                signed_in=True,
                own_audit=True,
            ),
        ]

    async def authenticate(self, credentials: Credentials, remote: str) -> Caller:
        """Return who holds `credentials`; raise Unauthenticated where nobody does."""
        if credentials.token:
            return self._by_token(credentials.token, remote)
        if credentials.session:
            return self._by_session(credentials.session, remote)
        if credentials.username:
            user = await self._by_password(credentials.username, credentials.password, remote)
            return Caller(actor=ref("user", user), grants=self.grants(user), remote=remote)
        if credentials.proof is not None:
            return await self._by_proof(credentials.proof, remote)
        raise Unauthenticated("Nobody is signed in.", remedy="Sign in, or send an API token.")

    def grants(self, user: str) -> tuple[Grant, ...]:
        """Return what a user may do; empty for a user who is disabled or does not exist."""
        found = self._grants.get(user)
        if found is None:
            held = self._user(user)
            found = grants_of(held, self._group, self._role) if held else ()
            self._grants[user] = found
        return found

    async def hash_password(self, password: str, username: str) -> str:
        """Return the hash of a new password; refuse a weak one."""
        check_password(password, username)
        return await self._passwords.hash(password)

    async def prepare(self) -> None:
        """Make the built-in roles that are missing, and bring those up to this version that nobody ever changed."""
        missing = [role for role in BUILT_IN if self._state.get("role", role.id) is None]
        if missing:
            await self._state.apply([Change(kind="role", id=role.id, entity=role, revision=0) for role in missing])
        for default in BUILT_IN:
            await self._bring_up(default)

    async def _bring_up(self, default: Role) -> None:
        held = self._state.get("role", default.id)
        if held is None or not isinstance(held.entity, Role) or not outdated(held.entity):
            return
        actor, where, now = "system:upgrade", ref("role", default.id), self._clock.now()
        new, old = ({grant.action for grant in role.grants} for role in (default, held.entity))
        detail = {"added": sorted(new - old), "removed": sorted(old - new), "version": __version__}
        data = {"kind": "role", "name": held.entity.name, "actor": actor, "fields": ["grants"], **detail}
        event = Event(
            key=f"role/{default.id}/{held.revision + 1}",
            type="config.updated",
            entity=where,
            time=now,
            severity=severity("config.updated"),
            related=(actor,),
            text=describe("config.updated", data),
            data=data,
        )
        entry = msgspec.structs.replace(self._entry(actor, "role.update", where), detail=detail)
        changed = msgspec.structs.replace(held.entity, grants=default.grants)
        change = Change(kind="role", id=default.id, entity=changed, revision=held.revision)
        await self._state.apply([change], events=[event], audit=[entry])

    async def create_first_administrator(self, username: str, password: str | None = None) -> str:
        """Make the first user, an administrator; return the password (made up where none is given).

        Refuses with Conflict where an administrator exists already.
        """
        if not is_id(username):
            raise Invalid(f"{username!r} cannot be a user name.", where="username", remedy="Use a-z, 0-9 and hyphens.")
        await self.prepare()
        if any(is_administrator(self.grants(held.entity.id)) for held in self._state.list("user")):
            raise Conflict("The site has an administrator already.", where="user", remedy="Let them make further users.")
        if self._state.get("user", username) is not None:
            raise Conflict(f"The user {username} exists already.", where=ref("user", username), remedy="Take another name.")
        chosen = password if password is not None else secrets.token_urlsafe(12)
        hashed = await self.hash_password(chosen, username)
        user = User(id=username, name=username, roles=("administrator",), password_hash=hashed)
        entry = self._entry("system:init", "user.create", ref("user", username))
        await self._state.apply([Change(kind="user", id=username, entity=user, revision=0)], audit=[entry])
        return chosen

    async def reset_password(self, username: str, password: str | None = None) -> str:
        """Set a user's password from the node's own command line; return it. Ends their sessions."""
        user = self._user(username)
        if user is None:
            raise Invalid(f"There is no user {username}.", where="username", remedy="List them with: sitewarden user list")
        chosen = password if password is not None else secrets.token_urlsafe(12)
        await self._set_password(user, chosen, actor="system:cli", keep="")
        return chosen

    def _by_session(self, id_: str, remote: str) -> Caller:
        session = self._sessions.get(id_)
        user = self._user(session.user) if session else None
        if session is None or user is None or not user.enabled or session.stamp != digest(user.password_hash):
            raise Unauthenticated("The session is over.", remedy="Sign in again.")
        return Caller(actor=ref("user", user.id), grants=self.grants(user.id), remote=remote, session=id_)

    def _by_token(self, token: str, remote: str) -> Caller:
        if self._tokens is None:
            entities = (held.entity for held in self._state.list("token"))
            self._tokens = {
                entity.token_hash: entity for entity in entities if isinstance(entity, ApiToken) and entity.token_hash
            }
        found = self._tokens.get(digest(token))
        if found is None or not found.enabled or (found.expires is not None and found.expires <= self._clock.now()):
            raise Unauthenticated("The API token is not valid.", remedy="Make a new one under Users.")
        user = self._user(found.user)
        if user is None or not user.enabled:
            raise Unauthenticated("The API token's user is disabled.", remedy="Enable the user, or use another token.")
        return Caller(actor=ref("user", user.id), grants=narrowed(self.grants(user.id), found.actions), remote=remote)

    async def _by_proof(self, proof: Proof, remote: str) -> Caller:
        """Return who proves by Digest to know one of their API tokens. Wrong ones lock out as wrong passwords do."""
        name = proof.username.strip().lower()
        now = self._clock.monotonic()
        wait = self._lockout.wait(name, remote, now)
        if wait:
            raise TooMany(f"Too many sign-ins from {remote or 'this address'}.", remedy=f"Try again in {int(wait) + 1} s.")
        user = self._user(name)
        if user is not None and user.enabled and self._secrets is not None:
            for held in self._state.list("token"):
                token = held.entity
                if not isinstance(token, ApiToken) or token.user != user.id or not token.enabled or not token.digest_hashes:
                    continue
                if token.expires is not None and token.expires <= self._clock.now():
                    continue
                if agrees(proof, self._first_hash(token, proof.algorithm)):
                    self._lockout.succeeded(name, remote)
                    return Caller(actor=ref("user", user.id), grants=narrowed(self.grants(user.id), token.actions), remote=remote)
        seconds = self._lockout.failed(name, remote, self._clock.monotonic())
        shown = name if re.fullmatch(r"[\w.@-]{1,63}", name) else "?"
        await self._tell("session.locked-out" if seconds else "session.refused", user, shown, remote, round(seconds))
        raise Unauthenticated("No API token of this user fits.", remedy="Give the user's name, and one of their API tokens.")

    def _first_hash(self, token: ApiToken, algorithm: str) -> str:
        """Return a token's H(A1); empty, which no proof fits, where it was sealed on another node."""
        assert self._secrets is not None
        try:
            clear = self._secrets.open(Secret(sealed=token.digest_hashes), f"token:{token.id}/digest_hashes")
        except Refusal:
            return ""
        return msgspec.json.decode(clear, type=dict[str, str]).get(algorithm, "")

    async def _by_password(self, username: str, password: str, remote: str) -> str:
        key = hmac.digest(self._basic_key, f"{username}\0{password}".encode(), "sha256")
        user, until = self._basic.get(key, ("", 0.0))
        if until > self._clock.monotonic():
            return user
        user = (await self._verify(username, password, remote)).id
        self._basic[key] = (user, self._clock.monotonic() + BASIC_LIFE)
        while len(self._basic) > BASIC_KEPT:
            self._basic.popitem(last=False)
        return user

    async def _verify(self, username: str, password: str, remote: str) -> User:
        name = username.strip().lower()
        now = self._clock.monotonic()
        wait = max(self._lockout.attempt(remote, now), self._lockout.wait(name, remote, now))
        if wait:
            raise TooMany(f"Too many sign-ins from {remote or 'this address'}.", remedy=f"Try again in {int(wait) + 1} s.")
        user = self._user(name)
        usable = user.password_hash if user is not None and user.enabled else ""
        fits = await self._passwords.matches(usable, password)
        if user is None or not fits:
            seconds = self._lockout.failed(name, remote, self._clock.monotonic())
            shown = name if re.fullmatch(r"[\w.@-]{1,63}", name) else "?"
            await self._tell("session.locked-out" if seconds else "session.refused", user, shown, remote, round(seconds))
            raise Unauthenticated(_REFUSED, remedy="Check both and try again.")
        self._lockout.succeeded(name, remote)
        return user

    async def _open(self, caller: Caller, params: SignIn) -> Reply:
        user = await self._verify(params.username, params.password, caller.remote)
        if self._passwords.outdated(user.password_hash):
            hashed = await self._passwords.hash(params.password)
            await self._state.apply([Change(kind="user", id=user.id, entity=msgspec.structs.replace(user, password_hash=hashed))])
        id_ = self._sessions.open(user.id, caller.remote, digest(user.password_hash))
        await self._tell("session.opened", user, user.id, caller.remote)
        return Reply(self._info(user, self.grants(user.id), id_), session=id_, actor=ref("user", user.id))

    async def _get(self, caller: Caller, params: Nothing) -> SessionInfo:
        user = self._user(caller.actor.partition(":")[2])
        if user is None:
            raise Unauthenticated("The session is over.", remedy="Sign in again.")
        return self._info(user, caller.grants, caller.session)

    async def _close(self, caller: Caller, params: Nothing) -> Reply:
        if caller.session:
            self._sessions.close(caller.session)
            user = self._user(caller.actor.partition(":")[2])
            await self._tell("session.closed", user, caller.actor.partition(":")[2], caller.remote)
        return Reply(None, session="")

    async def _change_password(self, caller: Caller, params: PasswordChange) -> None:
        user = self._user(caller.actor.partition(":")[2])
        if user is None:
            raise Unauthenticated("The session is over.", remedy="Sign in again.")
        wait = self._lockout.wait(user.id, caller.remote, self._clock.monotonic())
        if wait:
            raise TooMany("Too many wrong passwords.", remedy=f"Try again in {int(wait) + 1} s.")
        if not await self._passwords.matches(user.password_hash, params.old):
            self._lockout.failed(user.id, caller.remote, self._clock.monotonic())
            raise Invalid("The old password is wrong.", where="old", remedy="Enter the password that you signed in with.")
        await self._set_password(user, params.new, actor=caller.actor, keep=caller.session, remote=caller.remote)

    async def _set_password(self, user: User, password: str, *, actor: str, keep: str, remote: str = "") -> None:
        hashed = await self.hash_password(password, user.id)
        current = self._user(user.id) or user
        change = Change(kind="user", id=user.id, entity=msgspec.structs.replace(current, password_hash=hashed))
        await self._state.apply([change], audit=[self._entry(actor, "session.password", ref("user", user.id), remote)])
        if keep:
            self._sessions.restamp(keep, digest(hashed))
        self._sessions.close_of(user.id, but=keep)

    def _info(self, user: User, grants: tuple[Grant, ...], session: str) -> SessionInfo:
        held = self._state.get("site", "site")
        site = held.entity if held and isinstance(held.entity, Site) else Site(id="site", name="Site")
        open_session = self._sessions.get(session) if session else None
        return SessionInfo(
            user=SignedInUser(id=user.id, name=user.name, language=user.language),
            grants=grants,
            site=SiteSummary(name=site.name, timezone=site.timezone, demo=site.demo),
            version=__version__,
            expires=open_session.expires if open_session else None,
        )

    async def _tell(self, type_: str, user: User | None, name: str, remote: str, seconds: int = 0) -> None:
        self._count += 1
        data: dict[str, Any] = {"user": name, "remote": remote}
        if seconds:
            data["seconds"] = seconds
        event = Event(
            key=f"{self._origin}/{self._count}",
            type=type_,
            entity=ref("user", user.id) if user else "user:-",
            time=self._clock.now(),
            severity=severity(type_),
            text=describe(type_, data),
            data=data,
        )
        await self._emit([event])

    def _entry(self, actor: str, action: str, entity: str, remote: str = "") -> AuditEntry:
        return AuditEntry(time=self._clock.now(), actor=actor, action=action, entity=entity, outcome="done", remote=remote)

    def _user(self, id_: str) -> User | None:
        held = self._state.get("user", id_)
        return held.entity if held and isinstance(held.entity, User) else None

    def _group(self, id_: str) -> Group | None:
        held = self._state.get("group", id_)
        return held.entity if held and isinstance(held.entity, Group) else None

    def _role(self, id_: str) -> Role | None:
        held = self._state.get("role", id_)
        return held.entity if held and isinstance(held.entity, Role) else None

    def _changed(self, changes: Sequence[Change]) -> None:
        kinds = {change.kind for change in changes}
        if kinds & {"user", "group", "role"}:
            self._grants.clear()
            self._basic.clear()
        if "token" in kinds:
            self._tokens = None
        for change in changes:
            if change.kind == "user" and (change.entity is None or not getattr(change.entity, "enabled", True)):
                self._sessions.close_of(change.id)
