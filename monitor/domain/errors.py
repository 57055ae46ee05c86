"""One family of errors. Each says what happened; its type says what to do next."""

from enum import StrEnum


class AppError(Exception):
    """Anything Amends reports to a person. The message is written for the one who reads it."""

    code = "error"


class NotFound(AppError):
    """What was asked for does not exist, or not for this person."""

    code = "not_found"


class Conflict(AppError):
    """The record moved on since it was read: read it again, then decide."""

    code = "conflict"


class NotAllowed(AppError):
    """This role, or this way of signing in, may not do that."""

    code = "not_allowed"


class BadInput(AppError):
    """The input cannot be used. `where` names the line, field or option."""

    code = "bad_input"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class RetryLater(AppError):
    """A passing fault. Try the same again after `after` seconds."""

    code = "retry_later"

    def __init__(self, message: str, *, after: float = 30.0) -> None:
        super().__init__(message)
        self.after = after


class Remedy(StrEnum):
    """What a person can do about a platform's refusal: the button beside the error."""

    RECONNECT = "reconnect"  # sign in to the account again
    ACCESS = "access"  # the platform must grant more: a tier, a scope, an approval
    RAISE_CAP = "raise_cap"  # money: ours or the platform's
    CHANGE_WATCH = "change_watch"
    WAIT = "wait"


class SourceRefused(AppError):
    """The platform will not serve this watch until a person changes something."""

    code = "source_refused"

    def __init__(self, message: str, *, remedy: Remedy = Remedy.CHANGE_WATCH) -> None:
        super().__init__(message)
        self.remedy = remedy
