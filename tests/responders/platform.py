"""A platform that does what a test tells it, and a clock that stands still."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.domain.records import Login
from monitor.store import events, publications
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from monitor.store.publications import OutboxRow
from responders import publishing, reconciling
from responders.ports import CanReply, Publisher, Receipt, Reply, Target


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Clock:
    """The time, moved by hand. A dead process does not even read it."""

    now: datetime
    dead: bool = False

    def __call__(self) -> datetime:
        if self.dead:
            raise Killed
        return self.now

    def move(self, seconds: float) -> datetime:
        """Let time pass and return the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class Platform:
    """Answers each sending with the next of `answers`: an error to raise, or something to call first."""

    answers: list[Exception | Callable[[], None]] = field(default_factory=list)
    shows: list[Receipt | Exception | None] = field(default_factory=list)  # what each look finds
    sent: list[Reply] = field(default_factory=list)
    looks: int = 0

    def publish(self, reply: Reply) -> Receipt:
        """Send, once for every call."""
        self.sent.append(reply)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            answer()
        return Receipt(f"post-{len(self.sent)}", f"https://example.invalid/post-{len(self.sent)}")

    def find(self, reply: Reply) -> Receipt | None:
        """Return what the test put there."""
        self.looks += 1
        shown = self.shows.pop(0) if self.shows else None
        if isinstance(shown, Exception):
            raise shown
        return shown

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Allow everything."""
        return CanReply(allowed=True)

    def load(self, account: AccountRow) -> Publisher:
        """Be the publisher of every account."""
        return self


LIMIT = timedelta(seconds=30)


def publish(store: Store, case_id: int, platform: Platform, clock: Clock) -> str:
    return publishing.publish_case(store, case_id, platform.load, clock)


def look(store: Store, platform: Platform, clock: Clock) -> int:
    return reconciling.reconcile(store, platform.load, clock(), time_limit=LIMIT)


def outbox(store: Store, case_id: int) -> list[OutboxRow]:
    with store.reading() as work:
        return publications.outbox(work, case_id=case_id)


def seen_actions(store: Store, case_id: int) -> list[str]:
    with store.reading() as work:
        return [one.action for one in reversed(events.of_case(work, case_id))]
