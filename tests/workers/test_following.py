"""What a worker process holds for following posts: who is looked at, and what the dry run forgets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import forgetting
from monitor.settings import Settings
from monitor.store import accounts
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from responders import publishing
from responders.ports import Target
from responders.publishers import dryrun
from tests import builders
from tests.responders.platform import Clock
from workers.resources import Resources
from workers.sweeper import EVERY


@pytest.fixture
def worker(sqlite_store: Store, tmp_path: Path) -> Iterator[Resources]:
    mine = Resources(Settings(data=tmp_path))
    yield mine
    mine.store.close()


def account(mine: Resources, clock: Clock, platform: str, publisher: str) -> AccountRow:
    with mine.store.unit_of_work() as work:
        return accounts.get(work, accounts.add(work, 1, platform, f"{publisher}_2", publisher, clock()))


def test_posts_are_looked_at_only_where_somebody_can_be_asked(worker: Resources, now: datetime) -> None:
    clock = Clock(now)
    builders.house(worker.store, clock())
    assert worker.look(account(worker, clock, "x", "dryrun")) is None
    assert worker.look(account(worker, clock, "review", "dryrun")) is None
    real = account(worker, clock, "mastodon", "mastodon")
    assert worker.look(real) is not None
    assert Resources(worker.settings.model_copy(update={"dry_run": True})).look(real) is None


def test_a_publisher_is_asked_with_the_login_as_it_is_kept(worker: Resources, now: datetime) -> None:
    clock = Clock(now)
    builders.house(worker.store, clock())
    target = Target("mastodon", "1", "ana")
    said = worker.may_reply(account(worker, clock, "mastodon", "mastodon"), target)
    assert (said.allowed, bool(said.reason)) == (False, True), "no sign-in is kept"
    assert worker.may_reply(account(worker, clock, "x", "dryrun"), target).allowed


def test_the_dry_run_platform_forgets_replies_to_what_is_gone(worker: Resources, now: datetime) -> None:
    clock = Clock(now)
    house = builders.house(worker.store, clock())
    ids = [builders.approved(worker.store, house, clock(), number) for number in (1, 2)]
    for case_id in ids:
        publishing.publish_case(worker.store, case_id, worker.publisher, clock, load_look=worker.look)
    with worker.store.unit_of_work() as work:
        forgetting.forget(work, house.brand_id, "x", ["1"], clock())
    worker.forget_replies(clock() + timedelta(seconds=1))
    assert [bool(one.text) for one in dryrun.posts(worker.settings.data / dryrun.FILE)] == [True, True]
    worker.forget_replies(clock() - timedelta(days=1))
    assert [bool(one.text) for one in dryrun.posts(worker.settings.data / dryrun.FILE)] == [False, True]


def test_looking_again_happens_every_minute() -> None:
    assert (EVERY["recheck"], EVERY["weigh_replies"]) == (60.0, 60.0)
