"""A few "not complaints" a day, drawn by lot with known chances, for people to check."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from monitor import forgetting
from monitor.assessment import assess_batch
from monitor.domain.errors import NotFound
from monitor.domain.lifecycle import Actor
from monitor.domain.records import Kind
from monitor.intake import add_posts
from monitor.judging import correcting, sampling
from monitor.store import accounts, brands, cases, corrections
from monitor.store.engine import Store
from monitor.store.samples import AsideRow
from monitor.store.tables import sampled
from tests.making import ToldJudge, post, verdict

FINE = {f"fine {n}": verdict(Kind.NONE) for n in range(30)}


@pytest.fixture
def brand(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.create(work, "vela", "Vela", now)


def written(store: Store, brand: int, now: datetime, count: int = 30, first: int = 0) -> None:
    add_posts(store, brand, [post(str(first + n), f"fine {n}") for n in range(count)], now)
    while assess_batch(store, ToldJudge(FINE), now):
        pass


def drawn(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        return sampling.draw_due(work, now, random.Random(4))


def waiting(store: Store, now: datetime) -> list[int]:
    with store.reading() as work:
        return [row.mention_id for row in sampling.waiting(work, None, now)]


def test_three_a_day_and_no_more_however_often_it_is_asked(store: Store, brand: int, now: datetime) -> None:
    written(store, brand, now)
    assert [drawn(store, now), drawn(store, now + timedelta(hours=20)), len(waiting(store, now))] == [3, 0, 3]
    tomorrow = now + timedelta(days=1, minutes=1)
    written(store, brand, tomorrow, first=100)
    assert (drawn(store, tomorrow), len(waiting(store, tomorrow))) == (3, 6)


def test_a_brand_says_how_many_and_none_at_all(store: Store, brand: int, now: datetime) -> None:
    written(store, brand, now)
    with store.unit_of_work() as work:
        brands.change(work, brand, settings={"checks_a_day": 0})
    assert drawn(store, now) == 0
    with store.unit_of_work() as work:
        brands.change(work, brand, settings={"checks_a_day": 10})
    assert drawn(store, now) == 10


def test_the_brands_own_posts_and_complaints_are_not_drawn(store: Store, brand: int, now: datetime) -> None:
    with store.unit_of_work() as work:
        accounts.add(work, brand, "x", "@Vela", "dryrun", now)
    add_posts(store, brand, [post("1", "fine 1", author="vela"), post("2", "It broke."), post("3", "fine 3")], now)
    assess_batch(store, ToldJudge(FINE), now)
    assert drawn(store, now) == 1
    with store.reading() as work:
        (row,) = sampling.waiting(work, brand)
    assert (row.text, row.probability) == ("fine 3", 1.0)


def test_what_was_deleted_decided_or_left_for_a_week_is_no_longer_asked(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    written(store, brand, now, count=3)
    drawn(store, now)
    first, second, third = waiting(store, now)
    with store.unit_of_work() as work:
        forgetting.forget(work, brand, "x", [str(first - 1)], now)
    correcting.correct(store, ann, second, now, is_complaint=False, given_in="queue")
    assert waiting(store, now) == [third]
    assert waiting(store, now + timedelta(days=8)) == []


def test_a_yes_opens_a_case_and_a_no_only_counts(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    written(store, brand, now, count=3)
    drawn(store, now)
    yes, no, _ = waiting(store, now)
    sampling.answer(store, ann, yes, is_complaint=True, now=now)
    sampling.answer(store, ann, no, is_complaint=False, now=now)
    with store.reading() as work:
        assert [row.text for row in cases.desk(work, "complaints")] == [f"fine {yes - 1}"]
        words = corrections.standing_of_many(work, [yes, no])
    assert {one: (row.is_complaint, row.given_in) for one, row in words.items()} == {
        yes: (True, "check"),
        no: (False, "check"),
    }
    assert len(waiting(store, now)) == 1


def test_an_answer_taken_back_is_asked_again(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    written(store, brand, now, count=1)
    drawn(store, now)
    (one,) = waiting(store, now)
    made = sampling.answer(store, ann, one, is_complaint=False, now=now)
    assert waiting(store, now) == []
    correcting.undo(store, ann, made, now)
    assert waiting(store, now) == [one]


def test_a_word_about_what_else_leaves_a_check_answered(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    written(store, brand, now, count=1)
    drawn(store, now)
    (one,) = waiting(store, now)
    sampling.answer(store, ann, one, is_complaint=False, now=now)
    made = correcting.correct(store, ann, one, now, topics=["delay"], given_in="api")
    correcting.undo(store, ann, made, now)
    with store.reading() as work:
        answered = work.execute(select(sampled.c.answered_at).where(sampled.c.mention_id == one)).scalar_one()
    assert answered == now


def test_only_what_was_drawn_can_be_answered(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    written(store, brand, now)
    with pytest.raises(NotFound, match="asked to check"):
        sampling.answer(store, ann, 1, is_complaint=True, now=now)


def test_each_post_is_drawn_as_often_as_its_chance_says() -> None:
    rows = [AsideRow(n, "x", f"a{n}", 0.01 if n % 10 else 0.45) for n in range(40)]
    chance, counted, rounds = random.Random(7), Counter[int](), 4000
    for _ in range(rounds):
        found = sampling.draw(rows, 3, chance)
        assert 2 <= len(found) <= 4
        counted.update(found.keys())
    chances = sampling._chances({row.id: 0.1 + row.complaint for row in rows}, 3)
    assert sum(chances.values()) == pytest.approx(3)
    for row in rows:
        assert counted[row.id] / rounds == pytest.approx(chances[row.id], abs=0.035)
    assert chances[0] > 4 * chances[1] > 0


def test_a_chance_never_passes_one() -> None:
    sizes = dict.fromkeys(range(20), 0.001) | {99: 5.0}
    chances = sampling._chances(sizes, 3)
    assert chances[99] == 1.0
    assert sum(chances.values()) == pytest.approx(3)
