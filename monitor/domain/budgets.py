"""When a watch may poll next, so that all who share a login get their turn and nobody uses up its window alone.

A platform allows so many calls until a moment, and says after each call how many are left. What is left, less what is
kept back for replies, is spread evenly over the time left and over the watches that share it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_BACKOFF: Final = timedelta(minutes=15)
LONGEST_WAIT: Final = timedelta(hours=24)  # whatever a platform says: a wrong header must not silence a watch for good
_KEPT_BACK: Final = 20  # one call in so many


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one bucket still allows, as the platform said at `read_at`, until it starts anew at `resets_at`."""

    limit: int | None
    remaining: int
    resets_at: datetime
    read_at: datetime

    def spare(self) -> int:
        """Return how many calls watches may still make in this window."""
        return max(self.remaining - kept_back(self.limit), 0)


def kept_back(limit: int | None) -> int:
    """Return how many calls of a window are left to replies; none where there are hardly any."""
    if limit is None:
        return 1
    return 0 if limit < 4 else max(1, limit // _KEPT_BACK)


def held_until(allowance: Allowance, sharing: int, now: datetime) -> datetime | None:
    """Return until when a bucket takes no call of a watch, None: it takes one now.

    Where fewer calls are left than watches, they go one by one over the rest of the window.
    """
    if allowance.resets_at <= now:
        return None
    spare = allowance.spare()
    if spare == 0:
        return allowance.resets_at
    if spare >= sharing:
        return None
    turn = allowance.read_at + (allowance.resets_at - allowance.read_at) / (spare + 1)
    return turn if turn > now else None


def next_poll(
    now: datetime, every: timedelta, allowances: Iterable[Allowance], sharing: int, *, more: bool = False
) -> datetime:
    """Return when a watch that was just polled may poll again; `more`: another page is ready.

    While more than half of a window's calls are left, a walk over several pages takes them at once.
    """
    wanted = now if more else now + every
    return max([wanted, *(_fair_turn(one, sharing, now, more=more) for one in allowances if one.resets_at > now)])


def _fair_turn(allowance: Allowance, sharing: int, now: datetime, *, more: bool) -> datetime:
    spare = allowance.spare()
    if spare == 0:
        return allowance.resets_at
    if more and allowance.limit is not None and 2 * spare > allowance.limit:
        return now
    even = (allowance.resets_at - now) * max(sharing, 1) / spare
    return min(now + even, allowance.resets_at)


def backoff(failing_for: timedelta, asked: timedelta, *, least: timedelta = FIRST_WAIT) -> timedelta:
    """Return how long to wait after a failed poll: `asked` by the fault, doubled for as long as it goes on.

    Waiting as long again as it has failed so far doubles the waits: 30 s, 30 s, 1, 2, 4, 8 and then 15 minutes. A
    platform that asks for longer is believed for a day.
    """
    grown = min(failing_for, LONGEST_BACKOFF)
    return min(max(asked, grown, least), LONGEST_WAIT)
