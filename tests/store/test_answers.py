"""Complaints that were answered: which count, and how long they took."""

from datetime import datetime, timedelta

from monitor.domain.answer_times import Answer
from monitor.domain.lifecycle import Action
from monitor.domain.records import Severity
from monitor.store import answers, cases
from monitor.store.engine import Store
from tests import builders

MINUTES = timedelta(minutes=1)


def test_only_answers_of_that_time_and_brand_count(store: Store, now: datetime) -> None:
    house, other = builders.house(store, now), builders.house(store, now, slug="nori")
    soon, late, open_still = (builders.opened(store, house, now, number) for number in (1, 2, 3))
    dismissed, elsewhere = builders.opened(store, house, now, 4), builders.opened(store, other, now, 5)
    with store.unit_of_work() as work:
        for case_id, took in ((soon, 12 * MINUTES), (late, 300 * MINUTES), (elsewhere, 9 * MINUTES)):
            cases.transition(work, case_id, Action.ANSWER_BY_HAND, house.lead, now + took)
        cases.transition(work, dismissed, Action.DISMISS, house.lead, now + MINUTES)
    quick = Answer(15, Severity.DISAPPROVAL, 12 * MINUTES, late=False)
    with store.reading() as work:
        assert builders.state(store, open_still).reply_by == now + 240 * MINUTES
        assert answers.answered(work, now, house.brand_id) == [
            Answer(15, Severity.DISAPPROVAL, 300 * MINUTES, late=True),
            quick,
        ]
        assert len(answers.answered(work, now)) == 3
        assert answers.answered(work, now + 301 * MINUTES) == []


def test_a_customer_who_wrote_again_is_counted_from_what_they_wrote_then(store: Store, now: datetime) -> None:
    house = builders.house(store, now)
    case_id = builders.opened(store, house, now, 1, author="kim")
    with store.unit_of_work() as work:
        cases.transition(work, case_id, Action.ANSWER_BY_HAND, house.lead, now + 5 * MINUTES)
    again = now + 60 * MINUTES
    builders.opened(store, house, again, 2, author="kim")
    with store.reading() as work:
        assert answers.answered(work, now) == [], "they wait again"
    with store.unit_of_work() as work:
        cases.transition(work, case_id, Action.ANSWER_BY_HAND, house.lead, again + 20 * MINUTES)
    with store.reading() as work:
        assert [one.took for one in answers.answered(work, now)] == [20 * MINUTES]
