"""The relay: gives new events their gapless numbers and nudges the workers they concern.

Numbers are stamped in one transaction and nudges are sent after it. A crash between the two loses a nudge, never an
event: the sweeper sends again by state.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Event

from monitor import logs
from monitor.domain.lifecycle import Action
from monitor.store import events, housekeeping
from monitor.store.engine import Store, take_lease
from monitor.store.events import EventRow

LEASE = "relay"
LEASE_FOR = timedelta(seconds=15)
TICK = 0.25  # seconds: what a person on a live page waits at most
SLOWEST = 5.0  # seconds between tries while something is down
BATCH = 500

_WANTS_A_DRAFT = frozenset(
    {Action.OPEN, Action.REJECT, Action.OWNER_ANSWER, Action.TAKE_BACK, Action.NEW_MENTION, Action.POST_EDITED}
)

_log = logs.get(__name__)


def nudges(rows: Iterable[EventRow]) -> list[str]:
    """Return the tasks that these events call for, each once. An approval calls for none: its time is not yet."""
    wanted = {_nudge(row) for row in rows}
    return sorted(wanted - {""})


def _nudge(row: EventRow) -> str:
    if row.kind in {"mentions", "edited"}:
        return "assess"
    if row.kind == "alert":
        return "deliver_alerts"
    if row.kind == "why":
        return "explain"
    if row.kind == "trial":
        return "try_judge"
    if row.kind == "layer":
        return "learn"
    return "draft" if row.kind == "case" and row.action in _WANTS_A_DRAFT else ""


class Relay:
    """One loop. Many may run: the lease in the database lets one stamp, and another takes over when it lapses."""

    def __init__(self, store: Store, send: Callable[[str], object], clock: Callable[[], datetime], holder: str) -> None:
        """`send` takes a task's name; `holder` names this relay among others."""
        self._store, self._send, self._clock, self._holder = store, send, clock, holder
        self._renew_at = clock()

    def tick(self) -> int:
        """Pass new events on and return how many there were."""
        now = self._clock()
        with self._store.reading() as work:
            if now < self._renew_at and not events.unprocessed(work, 1):
                return 0
        with self._store.unit_of_work() as work:
            if not take_lease(work, LEASE, self._holder, now, now + LEASE_FOR):
                return 0
            rows = events.unprocessed(work, BATCH)
            events.stamp(work, [row.id for row in rows], now)
        self._renew_at = now + LEASE_FOR / 3
        for task in nudges(rows):
            self._send(task)
        return len(rows)

    def run(self, stop: Event) -> None:
        """Tick until told to stop, slower while the database or the broker is down."""
        wait = TICK
        while not stop.wait(wait):
            try:
                full = self.tick() >= BATCH
            except Exception as error:  # noqa: BLE001  the outermost frame of this loop: it must outlive any outage
                wait = min(wait * 2, SLOWEST)
                _log.warning("relay waits", kind=type(error).__name__, again_in_s=wait)
            else:
                wait = 0.0 if full else TICK

    def leave(self) -> None:
        """Give the lease back, so that another relay need not wait for it to lapse."""
        with self._store.unit_of_work() as work:
            housekeeping.release_lease(work, LEASE, self._holder)
