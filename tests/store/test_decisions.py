"""What was decided on a brand's posts, read from each database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from monitor import assessment, forgetting
from monitor.domain.records import Flag, Kind
from monitor.domain.replay import Became
from monitor.store import accounts, cases, decisions, mentions
from monitor.store.engine import Store
from monitor.store.tables import correction, mention, sampled
from responders import reviewing
from tests import builders
from tests.builders import House
from tests.making import ToldJudge, post, verdict

SINCE = timedelta(days=30)


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return builders.house(store, now)


def aside(store: Store, house: House, now: datetime, *names: str, author: str = "") -> list[int]:
    """Store posts that the judge sets aside."""
    said = [post(name, f"Queue at the {name} shop.", author=author, written_at=now) for name in names]
    with store.unit_of_work() as work:
        new = mentions.add(work, house.brand_id, said, now).new
    assessment.assess_batch(store, ToldJudge({one.text: verdict(Kind.NONE) for one in said}), now)
    return list(new)


def correct(
    store: Store, house: House, mention_id: int, now: datetime, *, is_complaint: int | None, given_in: str = "queue"
) -> None:
    values = {"brand_id": house.brand_id, "mention_id": mention_id, "judged_by": "told-1", "is_complaint": is_complaint}
    with store.unit_of_work() as work:
        work.execute(insert(correction), {**values, "given_in": given_in, "topics": {}, "created_at": now})


def became(store: Store, house: House, now: datetime) -> dict[int, Became]:
    with store.reading() as work:
        return {one.id: one.became for one in decisions.cases_since(work, house.brand_id, now - SINCE)}


def test_a_case_is_read_with_what_became_of_it(store: Store, house: House, now: datetime) -> None:
    waits = builders.in_review(store, house, now, 1)
    answered = builders.approved(store, house, now, 2)
    builders.sent(store, answered, now + timedelta(minutes=9), "ours-2")
    none, other, gone = (builders.in_review(store, house, now, number) for number in (3, 4, 5))
    reviewing.dismiss(store, house.lead, none, "not a complaint", now)
    reviewing.dismiss(store, house.lead, other, "answered elsewhere", now)
    with store.unit_of_work() as work:
        forgetting.forget(work, house.brand_id, "x", ["5"], now)
    corrected = builders.in_review(store, house, now, 6)
    with store.reading() as work:
        (said,) = cases.mentions_of(work, corrected)
    correct(store, house, said, now, is_complaint=0)
    assert became(store, house, now) == {
        waits: Became.WAITING,
        answered: Became.ANSWERED,
        none: Became.NEEDLESS,
        other: Became.DISMISSED,
        gone: Became.DELETED,
        corrected: Became.NEEDLESS,
    }


def test_a_case_holds_all_its_posts_and_when_it_was_answered(store: Store, house: House, now: datetime) -> None:
    answered = builders.approved(store, house, now, 1, author="maria", flags=[Flag.SAFETY])
    builders.sent(store, answered, now + timedelta(minutes=9), "ours")
    builders.mention(store, house, now + timedelta(hours=1), 2, author="maria")
    with store.reading() as work:
        (one,) = decisions.cases_since(work, house.brand_id, now - SINCE)
        assert list(decisions.cases_since(work, house.brand_id, now + SINCE)) == []
    assert [post.mention_id for post in one.posts] == [1, 2]
    assert one.posts[0].flags == {Flag.SAFETY}
    assert one.weight.flags == frozenset(), "an answered case starts a new judgement"
    assert (one.posts[0].complaint, one.posts[0].kind, one.posts[0].lang) == (0.9, Kind.COMPLAINT, "en")
    assert one.answered_at == now + timedelta(minutes=9)
    assert one.became is Became.ANSWERED, "they wrote again, and were answered before"


def read_aside(store: Store, house: House, now: datetime, least: float | None) -> Sequence[tuple[int, bool | None]]:
    with store.reading() as work:
        posts = decisions.aside_since(work, house.brand_id, now - SINCE, least)
        return [(one.post.mention_id, one.post.corrected) for one in posts]


def test_posts_set_aside_are_read_when_they_could_be_anything(store: Store, house: House, now: datetime) -> None:
    first, second = aside(store, house, now, "old", "new")
    correct(store, house, second, now, is_complaint=1)
    correct(store, house, second, now, is_complaint=0)
    correct(store, house, second, now, is_complaint=None)
    assert read_aside(store, house, now, 0.1) == [(first, None), (second, False)], "the newest word counts"
    assert read_aside(store, house, now, 0.2) == []
    assert read_aside(store, house, now, None) == []
    with store.reading() as work:
        assert decisions.count_aside(work, house.brand_id, now - SINCE) == 2
        assert decisions.count_aside(work, house.brand_id, now + SINCE) == 0


def test_our_own_posts_are_no_decisions(store: Store, house: House, now: datetime) -> None:
    with store.unit_of_work() as work:
        accounts.add(work, house.brand_id, "x", "@Vela_Shop", "dryrun", now, external_id="id-of-ours")
    aside(store, house, now, "mine", author="vela_shop")
    aside(store, house, now, "ours", author="id-of-ours")
    theirs = aside(store, house, now, "theirs", author="vela_fan")
    assert [number for number, _ in read_aside(store, house, now, 0.0)] == theirs


def test_the_newest_verdict_on_a_post_counts(store: Store, house: House, now: datetime) -> None:
    (number,) = aside(store, house, now, "one")
    newer = verdict(Kind.COMPLAINT)
    with store.unit_of_work() as work:
        mentions.record_verdicts(work, {number: newer.__class__(**{**_fields(newer), "version": "told-2"})}, now)
    with store.reading() as work:
        (one,) = decisions.aside_since(work, house.brand_id, now - SINCE, 0.0)
    assert (one.post.complaint, one.post.is_complaint) == (0.9, True)


def _fields(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__class__.__slots__}  # type: ignore[attr-defined]


def test_what_people_said_is_read_once_for_each_post(store: Store, house: House, now: datetime) -> None:
    answered = builders.approved(store, house, now, 1)
    builders.sent(store, answered, now, "ours")
    for number, reason in ((2, "not about us"), (3, "answered elsewhere"), (4, "not a complaint")):
        case_id = builders.in_review(store, house, now, number)
        reviewing.dismiss(store, house.lead, case_id, reason, now)
    builders.in_review(store, house, now, 5)
    checked, by_hand = aside(store, house, now, "checked", "by_hand")
    with store.unit_of_work() as work:
        lot = {"brand_id": house.brand_id, "mention_id": checked, "probability": 0.25}
        work.execute(insert(sampled), {**lot, "drawn_at": now, "answered_at": now})
    correct(store, house, checked, now, is_complaint=0, given_in="check")
    correct(store, house, checked, now, is_complaint=0, given_in="case")  # said more of it later: still a check
    correct(store, house, by_hand, now, is_complaint=1)
    correct(store, house, 4, now, is_complaint=1)
    with store.reading() as work:
        said = list(decisions.said_since(work, house.brand_id, now - SINCE))
        assert list(decisions.said_since(work, house.brand_id, now + SINCE)) == []
    assert {one.post.mention_id: (one.is_complaint, one.weight, one.checked) for one in said} == {
        1: (True, 1, False),
        2: (False, 1, False),
        4: (True, 1, False),
        checked: (False, 4, True),
        by_hand: (True, 1, False),
    }
    assert len(said) == 5


def test_another_brands_decisions_are_its_own(store: Store, house: House, now: datetime) -> None:
    other = builders.house(store, now, slug="orla")
    builders.in_review(store, house, now, 1)
    aside(store, house, now, "one")
    with store.reading() as work:
        assert list(decisions.cases_since(work, other.brand_id, now - SINCE)) == []
        assert list(decisions.aside_since(work, other.brand_id, now - SINCE, 0.0)) == []
        assert list(decisions.said_since(work, other.brand_id, now - SINCE)) == []


def test_a_word_on_what_was_edited_since_is_no_decision(store: Store, house: House, now: datetime) -> None:
    (edited,) = aside(store, house, now, "edited")
    correct(store, house, edited, now, is_complaint=1)
    with store.unit_of_work() as work:
        work.execute(update(mention).where(mention.c.id == edited).values(edited_at=now + timedelta(minutes=1)))
    assert read_aside(store, house, now, 0.1) == [(edited, None)]
    with store.reading() as work:
        assert list(decisions.said_since(work, house.brand_id, now - SINCE)) == []
