"""The desk's order, its pages, and what happens when two people act at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count

import pytest

from monitor.domain.errors import Conflict
from monitor.domain.lifecycle import Action, Actor, CaseState, Role
from monitor.domain.records import Kind
from monitor.store import brands, cases, events, mentions, users
from monitor.store.engine import Store, take_lease
from tests.making import post

WORKER = Actor.worker("test")
NUMBERS = count()


@pytest.fixture
def brand(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.create(work, "vela", "Vela", now)


def a_case(store: Store, brand: int, now: datetime, **about: object) -> int:
    """Open a case straight in the store."""
    with store.unit_of_work() as work:
        new = mentions.add(work, brand, [post(f"p{next(NUMBERS)}")], now).new
        row = mentions.get_many(work, new)[0]
        values = {
            "brand_id": brand,
            "author_id": row.author_id,
            "thread_id": row.thread_id,
            "mention_id": row.id,
            "latest_mention_id": row.id,
            "kind": Kind.COMPLAINT,
            "lang": "en",
            "severity": 1,
            "tier": 1,
            "flags": [],
            "topics": [],
            "audience": 10,
            "rising": False,
            "delicate": False,
            "clock_at": now,
            "reply_by": now,
            "draft_wanted": True,
            **about,
        }
        return cases.open_case(work, values, [row.id], WORKER, now)


def test_earliest_first_then_tier_then_audience_then_age(store: Store, brand: int, now: datetime) -> None:
    soon, later = now, now + timedelta(hours=1)
    last = a_case(store, brand, now, reply_by=later, tier=3, audience=10**6)
    young = a_case(store, brand, now, reply_by=soon, tier=1, audience=10, clock_at=now)
    old = a_case(store, brand, now, reply_by=soon, tier=1, audience=10, clock_at=now - timedelta(hours=1))
    seen = a_case(store, brand, now, reply_by=soon, tier=1, audience=10_000)
    grave = a_case(store, brand, now, reply_by=soon, tier=2, audience=None)
    with store.reading() as work:
        assert [row.id for row in cases.desk(work, "complaints")] == [grave, seen, old, young, last]


def test_pages_follow_each_other_without_a_gap_or_a_repeat(store: Store, brand: int, now: datetime) -> None:
    opened = {a_case(store, brand, now, reply_by=now + timedelta(minutes=n // 3)) for n in range(25)}
    seen: list[int] = []
    cursor = ""
    with store.reading() as work:
        while page := cases.desk(work, "complaints", after=cursor, limit=4):
            seen += [row.id for row in page]
            cursor = page[-1].cursor
    assert len(seen) == 25
    assert set(seen) == opened


def test_a_dismissed_case_leaves_the_desk_and_an_escalated_one_changes_tabs(
    store: Store, brand: int, now: datetime
) -> None:
    first, second = a_case(store, brand, now), a_case(store, brand, now)
    with store.unit_of_work() as work:
        person = Actor.person(users.add(work, "a@example.com", "Ann", "-", Role.AGENT, now), Role.AGENT)
        cases.transition(work, first, Action.DISMISS, person, now)
        cases.transition(work, second, Action.ESCALATE, person, now)
        assert cases.desk(work, "complaints") == []
        assert [row.id for row in cases.desk(work, "escalated")] == [second]
        assert cases.desk_count(work, "escalated") == 1


def test_of_many_who_move_a_case_at_once_exactly_one_does(store: Store, brand: int, now: datetime) -> None:
    case_id = a_case(store, brand, now)

    def draft(_n: int) -> bool:
        try:
            with store.unit_of_work() as work:
                cases.transition(work, case_id, Action.DRAFT_READY, WORKER, now, expected=CaseState.OPEN)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(draft, range(8))) == 1
    with store.reading() as work:
        assert [row.action for row in events.of_case(work, case_id)] == ["draft_ready", "open"]


def test_a_refused_move_leaves_no_trace(store: Store, brand: int, now: datetime) -> None:
    case_id = a_case(store, brand, now)
    with pytest.raises(Conflict), store.unit_of_work() as work:
        cases.transition(work, case_id, Action.SENT, WORKER, now)
    with store.reading() as work:
        assert cases.get(work, case_id).state is CaseState.OPEN
        assert len(events.of_case(work, case_id)) == 1


def test_mentions_are_claimed_by_one_worker_each(store: Store, brand: int, now: datetime) -> None:
    with store.unit_of_work() as work:
        mentions.add(work, brand, [post(f"many{n}") for n in range(60)], now)

    def claim(_n: int) -> list[int]:
        with store.unit_of_work() as work:
            return [row.id for row in mentions.claim_waiting(work, 10, now)]

    with ThreadPoolExecutor(4) as pool:
        claimed = [one for batch in pool.map(claim, range(8)) for one in batch]
    assert len(claimed) == len(set(claimed)) == 60


def test_a_colleague_on_it_is_a_lease_that_lapses(store: Store, brand: int, now: datetime) -> None:
    case_id = a_case(store, brand, now)
    with store.unit_of_work() as work:
        ann = users.add(work, "ann@example.com", "Ann", "-", Role.AGENT, now)
        bob = users.add(work, "bob@example.com", "Bob", "-", Role.AGENT, now)
        assert cases.take(work, case_id, ann, now)
        assert not cases.take(work, case_id, bob, now)
        assert cases.take(work, case_id, bob, now + cases.CLAIM_FOR + timedelta(seconds=1))


def test_the_relays_numbers_have_no_gap(store: Store, brand: int, now: datetime) -> None:
    for _ in range(3):
        a_case(store, brand, now)
        with store.unit_of_work() as work:
            events.stamp(work, [row.id for row in events.unprocessed(work, 2)], now)
    with store.reading() as work:
        assert [row.seq for row in events.after(work, 0)] == [1, 2, 3]
        assert events.last_seq(work) == 3


def test_a_lease_has_one_holder_at_a_time(store: Store, now: datetime) -> None:
    until = now + timedelta(seconds=10)
    with store.unit_of_work() as work:
        assert take_lease(work, "relay", "one", now, until)
        assert not take_lease(work, "relay", "two", now, until)
        assert take_lease(work, "relay", "one", now, until)
        assert take_lease(work, "relay", "two", now + timedelta(seconds=11), until)
