"""Passwords: hashed with argon2id, checked in the same time whether or not the person exists, and not guessed at."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.domain.errors import AppError, BadInput

SHORTEST, LONGEST = 10, 1000
FREE_TRIES = 5
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=15)
_REMEMBERED = 10_000  # pairs of address and e-mail; the longest unused are forgotten first

_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(2)  # a hash takes 64 MiB, and strangers can ask for one


class TooManyTries(AppError):
    """Sign-in has to wait. `after` is in seconds."""

    code = "too_many_tries"

    def __init__(self, message: str, *, after: float) -> None:
        super().__init__(message)
        self.after = after


def hashed(password: str) -> str:
    """Return what is stored for a password. Raises `BadInput` when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"A password has {SHORTEST} to {LONGEST} characters. A few unrelated words make a good one."
        raise BadInput(message, where="password")
    with _AT_ONCE:
        return _HASHER.hash(_bytes(password))


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one. Without one (nobody has that address) it takes as long."""
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _nobodys(), _bytes(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _HASHER.hash(b"nobody has this password")


class Throttle:
    """Makes guessing slow: after some failures for one e-mail from one address, a growing wait.

    It lives in the process: a restart forgets it, and each API process counts for itself.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, email: str, address: str, now: datetime) -> None:
        """Count a try before it is made, so that many at once count too. Raises `TooManyTries`."""
        who = (email.strip().lower()[:320], address)
        with self._lock:
            count, last = self._tries.get(who, (0, now))
            wait = _wait(count) - (now - last)
            if wait > timedelta(0):
                seconds = int(wait.total_seconds()) + 1
                message = f"Too many tries for this address. Wait {seconds} seconds, then try again."
                raise TooManyTries(message, after=seconds)
            self._tries[who] = (count + 1, now)
            self._tries.move_to_end(who)
            if len(self._tries) > _REMEMBERED:
                self._tries.popitem(last=False)

    def forgive(self, email: str, address: str) -> None:
        """Forget the failures: the right password was given."""
        with self._lock:
            self._tries.pop((email.strip().lower()[:320], address), None)


def _wait(failures: int) -> timedelta:
    if failures < FREE_TRIES:
        return timedelta(0)
    doublings: int = 2 ** min(failures - FREE_TRIES, 20)
    return min(_LONGEST_WAIT, _FIRST_WAIT * doublings)
