"""P2, attacked: whatever fails and whenever a process dies, an approved reply stands at most once on the platform."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Login
from monitor.store import publications
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from responders import publishing, reconciling
from responders.ports import CanReply, Publisher, Receipt, Reply, Target
from responders.publishers.dryrun import DryRunPublisher, Faults, posts
from tests import builders
from tests.responders.platform import LIMIT, Clock, Killed

CASES = 10
ON_ITS_WAY = {CaseState.APPROVED, CaseState.PUBLISHING, CaseState.UNCERTAIN}


@dataclass
class Mortal:
    """A worker's hold on the platform. It may die before a call, after it, or with the answer in its hands."""

    inner: DryRunPublisher
    clock: Clock
    dice: random.Random

    def _die(self, chance: float) -> None:
        if self.dice.random() < chance:
            self.clock.dead = True
            raise Killed

    def publish(self, reply: Reply) -> Receipt:
        self._die(0.1)
        receipt = self.inner.publish(reply)
        self._die(0.1)
        self.clock.dead = self.dice.random() < 0.1  # it dies on the way back, before anything is recorded
        return receipt

    def find(self, reply: Reply) -> Receipt | None:
        self._die(0.2)
        found = self.inner.find(reply)
        self._die(0.2)
        return found

    def can_reply(self, target: Target, login: Login) -> CanReply:
        return self.inner.can_reply(target, login)

    def load(self, account: AccountRow) -> Publisher:
        return self


def work_on(store: Store, mortal: Mortal, clock: Clock, dice: random.Random) -> None:
    """Do one thing a worker may do at any time, in any order, twice or not at all."""
    clock.dead = False
    clock.move(dice.choice((1, 7, 40, 70)))
    with suppress(Killed):
        if dice.random() < 0.5:
            reconciling.reconcile(store, mortal.load, clock(), time_limit=LIMIT)
        for case_id in publishing.due(store, clock()):
            publishing.publish_case(store, case_id, mortal.load, clock)
    clock.dead = False


@pytest.mark.parametrize("seed", range(6))
def test_every_approved_reply_ends_on_the_platform_once_or_in_a_persons_hands(
    sqlite_store: Store, tmp_path: Path, clock: Clock, seed: int
) -> None:
    store, dice, path = sqlite_store, random.Random(seed), tmp_path / "dryrun.sqlite3"
    faults = Faults(fail=0.15, limit=0.1, refuse=0.05, timeout=0.15, seed=seed)
    mortal = Mortal(DryRunPublisher(path, faults), clock, dice)
    house = builders.house(store, clock())
    ids = [builders.approved(store, house, clock(), number) for number in range(CASES)]
    for _ in range(200):
        if not any(builders.state(store, one).state in ON_ITS_WAY for one in ids):
            break
        work_on(store, mortal, clock, dice)
    clock.move(timedelta(days=1).total_seconds())
    work_on(store, mortal, clock, dice)

    stands = Counter(post.in_reply_to for post in posts(path))
    ended = {str(number): builders.state(store, case_id).state for number, case_id in enumerate(ids)}
    assert not ON_ITS_WAY & set(ended.values())
    assert max(stands.values()) == 1
    for number, state in ended.items():
        assert stands[number] == (1 if state is CaseState.REPLIED else 0), (number, state)
    assert set(ended.values()) <= {CaseState.REPLIED, CaseState.FAILED, CaseState.IN_REVIEW}
    with store.reading() as work:
        lines = publications.outbox(work)
    assert {line.state for line in lines} <= {"sent", "refused", "missing"}
