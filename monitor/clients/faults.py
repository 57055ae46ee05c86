"""What can go wrong between us and a platform, told apart by what we know of what happened there.

Clients raise these and nothing else. A source turns them into what a watch does next (`reading`), a publisher into
what becomes of a reply (`responders.publishers.sending`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from traceback import extract_tb

from monitor import logs
from monitor.domain.errors import AppError, Remedy, RetryLater, SourceRefused
from monitor.domain.rows import well_formed

_LONGEST = 1000  # characters of a sentence
_log = logs.get(__name__)


class Reason(StrEnum):
    """Why a platform said no."""

    LOGIN = "login"  # the token is expired, revoked or wrong
    ACCESS = "access"  # not with this tier, scope or approval
    CREDITS = "credits"  # money or a monthly allowance has run out
    GONE = "gone"  # what we spoke of is not there (any more)
    HIDDEN = "hidden"  # it is there, but not for us: protected, blocked, suspended
    LOCKED = "locked"  # no replies are taken there
    DUPLICATE = "duplicate"  # it has the same words from us already
    TOO_LONG = "too_long"
    INVALID = "invalid"  # it does not understand what we asked


_REMEDY = {
    Reason.LOGIN: Remedy.RECONNECT,
    Reason.ACCESS: Remedy.ACCESS,
    Reason.HIDDEN: Remedy.ACCESS,
    Reason.CREDITS: Remedy.RAISE_CAP,
}


class PlatformFault(AppError):
    """Something went wrong between us and a platform."""

    code = "platform_fault"

    def __init__(self, message: str) -> None:
        super().__init__(well_formed(message)[:_LONGEST])  # what a platform said is in it


class NotReached(PlatformFault):
    """No connection came about: the platform has not seen the request."""

    code = "not_reached"


class Throttled(PlatformFault):
    """The platform wants fewer calls; it did nothing. Try again after `after` seconds."""

    code = "throttled"

    def __init__(self, message: str, *, after: float) -> None:
        super().__init__(message)
        self.after = after


class NoAnswer(PlatformFault):
    """The request went out and no usable answer came: a write may have been done."""

    code = "no_answer"


class Denied(PlatformFault):
    """The platform understood and said no. Nothing was done."""

    code = "denied"

    def __init__(self, message: str, *, reason: Reason, status: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


RETRY_S = 30.0
# What Python says of an answer in a shape that nobody thought of.
_GARBLED = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)


@contextmanager
def reading() -> Iterator[None]:
    """Turn a client's faults, and answers that make no sense, into what a source may raise."""
    try:
        yield
    except Throttled as fault:
        raise RetryLater(str(fault), after=fault.after) from fault
    except (NotReached, NoAnswer) as fault:
        raise RetryLater(str(fault), after=RETRY_S) from fault
    except Denied as fault:
        raise SourceRefused(str(fault), remedy=_REMEDY.get(fault.reason, Remedy.CHANGE_WATCH)) from fault
    except _GARBLED as error:
        last = extract_tb(error.__traceback__)[-1]
        _log.error("answer not understood", error=type(error).__name__, at=f"{last.filename}:{last.lineno}")
        message = f"The answer holds something that cannot be read ({type(error).__name__}). It is asked for again."
        raise RetryLater(message, after=RETRY_S) from error
