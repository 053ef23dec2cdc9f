"""Refusals: what was wrong, where, and what to do. Every face turns them into its own form."""

from __future__ import annotations


class Refusal(Exception):
    """A request, file or message that is refused; nothing was changed.

    `what` says what is wrong, `where` names the field, file or entity, `remedy` says what to do.
    """

    code = "refused"
    status = 400

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}"


class Invalid(Refusal):
    """The content of a request, file or message does not fit its model."""

    code, status = "invalid", 422


class Unauthenticated(Refusal):
    """Nobody is signed in, or the session or token is not valid any more."""

    code, status = "unauthenticated", 401


class Forbidden(Refusal):
    """The caller is known and lacks the grant."""

    code, status = "forbidden", 403


class NotFound(Refusal):
    """The named thing does not exist, or the caller may not know that it does."""

    code, status = "not-found", 404


class Conflict(Refusal):
    """The thing changed meanwhile, exists already, or is still in use."""

    code, status = "conflict", 409


class TooLarge(Refusal):
    """A stated limit on size or count was passed."""

    code, status = "too-large", 413


class TooMany(Refusal):
    """Too many requests; try again later."""

    code, status = "too-many", 429


class Unreachable(Refusal):
    """The owner of the thing (worker, device) cannot be reached now."""

    code, status = "unreachable", 503


class StorageFull(Unreachable):
    """The disk of a store has no room, or a store's stated bound is reached; nothing was written and nothing is lost."""

    code, status = "storage-full", 507


class TimedOut(Refusal):
    """The owner of the thing did not answer within the command's time limit."""

    code, status = "timed-out", 504


BY_CODE: dict[str, type[Refusal]] = {
    cls.code: cls
    for cls in (
        Refusal,
        Invalid,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        TooMany,
        Unreachable,
        StorageFull,
        TimedOut,
    )
}
