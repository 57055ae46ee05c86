"""Real workers, a real broker, and a platform of our own: from a post to its one reply."""

import json
import os
import signal
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psutil
import pytest
import redis

from monitor import intake
from monitor.domain.lifecycle import Actor, CaseState, Role
from monitor.domain.records import Author, Post
from monitor.store import accounts, brands, cases, events, publications, users
from monitor.store.cases import CaseRow
from monitor.store.engine import Store
from responders import reviewing
from responders.publishers import dryrun
from tests.api.running.instance import wait_for
from tests.workers.conftest import Crew

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_WORDS = "My order never arrived and nobody answers. Two weeks now, terrible service!"


class Shop:
    """A demo brand on the dry-run platform, and a person who approves."""

    def __init__(self, store: Store, data: Path) -> None:
        self.store, self.data, self.numbers = store, data, count()
        now = datetime.now(UTC)
        with store.unit_of_work() as work:
            self.brand = brands.create(work, "acme", "Acme", now, settings={"undo_s": 0}, is_demo=True)
            accounts.add(work, self.brand, "x", "acme", "dryrun", now)
            user = users.add(work, "ada@example.com", "Ada", "", Role.LEAD, now)
        self.person = Actor.person(user, Role.LEAD, "Ada")

    def customers_write(self, many: int) -> None:
        now, names = datetime.now(UTC), [f"ann{next(self.numbers)}" for _ in range(many)]
        posts = [Post("x", f"by-{name}", f"{_WORDS} {name}", Author(name, name), written_at=now) for name in names]
        intake.add_posts(self.store, self.brand, posts, now)

    def cases(self, *states: CaseState) -> list[CaseRow]:
        with self.store.reading() as work:
            found = [cases.get(work, row.id) for tab in ("complaints", "others") for row in cases.desk(work, tab)]
        return [one for one in found if one.state in states]

    def approve(self, case: CaseRow) -> None:
        now = datetime.now(UTC)
        text = f"@ann We are sorry that order {case.id} never came. That is our fault. We are looking for it now."
        saved = reviewing.save(self.store, self.person, case.id, text, based_on=case.revision, now=now)
        reviewing.approve(self.store, self.person, case.id, saved.revision, now, overrule="A test of the sending.")

    def state(self, case_id: int) -> CaseState:
        with self.store.reading() as work:
            return cases.get(work, case_id).state

    def posts(self) -> list[dryrun.DryRunPost]:
        return dryrun.posts(self.data / dryrun.FILE)


def _answer_everything(shop: Shop, many: int) -> None:
    before = len(shop.posts())
    shop.customers_write(many)
    wait_for(lambda: len(shop.cases(CaseState.IN_REVIEW)) == many, why="for the drafts")
    waiting = shop.cases(CaseState.IN_REVIEW)
    for case in waiting:
        shop.approve(case)
    wait_for(lambda: all(shop.state(case.id) is CaseState.REPLIED for case in waiting), why="for the replies")
    assert len(shop.posts()) == before + many


def test_a_post_is_judged_drafted_and_answered_once(crew: Crew, sqlite_store: Store, tmp_path: Path) -> None:
    crew.start("worker", "--concurrency", "2")
    crew.start("beat")
    _answer_everything(Shop(sqlite_store, tmp_path), 3)
    assert crew.stop() == [0, 0]
    lines = [json.loads(line) for line in crew.log("worker").splitlines() if line.startswith("{")]
    ended = [line for line in lines if line["event"] == "sending ended"]
    assert len(ended) == 3
    assert all(line["task"] == "publish" and line["task_id"] for line in ended)
    assert not any(_WORDS[:20] in json.dumps(line) for line in lines)
    assert not [line for line in lines if line["level"] == "error"]


def test_many_workers_and_two_beats_on_postgresql_answer_once(pg_crew: Crew, pg_url: str, tmp_path: Path) -> None:
    for _ in range(2):
        pg_crew.start("worker", "--concurrency", "2")
        pg_crew.start("beat")
    store = Store(pg_url)
    _answer_everything(Shop(store, tmp_path), 6)
    with store.reading() as work:
        seqs = [row.seq for row in events.after(work, 0)]
        assert publications.count_by_state(work) == {"sent": 6}
    assert seqs == list(range(1, len(seqs) + 1))
    store.close()


def test_what_the_broker_forgot_is_sent_again_by_state(
    crew: Crew, sqlite_store: Store, tmp_path: Path, broker: str
) -> None:
    shop = Shop(sqlite_store, tmp_path)
    crew.start("beat")
    shop.customers_write(2)

    def passed_on() -> bool:
        with sqlite_store.reading() as work:
            return events.backlog(work)[0] == 0

    wait_for(passed_on, why="for the relay")
    with redis.Redis(unix_socket_path=broker.removeprefix("redis+socket://")) as memory:
        memory.flushall()
    crew.start("worker", "--concurrency", "2")
    wait_for(lambda: len(shop.cases(CaseState.IN_REVIEW)) == 2, why="for the sweeper")


def test_a_killed_sender_is_looked_for_and_never_sends_again(crew: Crew, sqlite_store: Store, tmp_path: Path) -> None:
    shop = Shop(sqlite_store, tmp_path)
    worker = crew.start("worker", "--concurrency", "1", faults="slow=8")
    crew.start("beat")
    shop.customers_write(1)
    wait_for(lambda: shop.cases(CaseState.IN_REVIEW), why="for the draft")
    (case,) = shop.cases(CaseState.IN_REVIEW)
    shop.approve(case)
    wait_for(shop.posts, why="for the reply to be on the platform")
    assert shop.state(case.id) is CaseState.PUBLISHING
    worker.kill()
    crew.start("worker", "--concurrency", "1", "--sole")
    wait_for(lambda: shop.state(case.id) is CaseState.REPLIED, 120, "for the reply to be found")
    assert len(shop.posts()) == 1


def test_a_killed_pool_process_is_replaced(crew: Crew, sqlite_store: Store, tmp_path: Path) -> None:
    shop, worker = Shop(sqlite_store, tmp_path), crew.start("worker", "--concurrency", "1")
    crew.start("beat")
    _answer_everything(shop, 1)
    os.kill(psutil.Process(worker.pid).children()[0].pid, signal.SIGKILL)
    _answer_everything(shop, 1)
    assert worker.poll() is None


def test_a_worker_takes_over_what_a_dead_one_had_claimed(crew: Crew, sqlite_store: Store, tmp_path: Path) -> None:
    from monitor.store import mentions

    shop = Shop(sqlite_store, tmp_path)
    shop.customers_write(2)
    with sqlite_store.unit_of_work() as work:
        assert len(mentions.claim_waiting(work, 10, datetime.now(UTC))) == 2
    crew.start("worker", "--queues", "assess", "--pool", "solo", "--sole")
    crew.start("beat")
    wait_for(lambda: len(shop.cases(CaseState.OPEN)) == 2, 120, "for the claims to be void")
