"""How often the judge is right, from what people decided and from a sample of what it laid aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from monitor import assessment
from monitor.domain.lifecycle import Action, Actor, Role
from monitor.domain.records import Kind
from monitor.intake import add_posts
from monitor.judging import scores
from monitor.judging.scores import Counts, Scores
from monitor.store import brands, cases, mentions, users
from monitor.store.engine import Store
from monitor.store.tables import correction, mention, sampled
from responders import reviewing
from tests import builders
from tests.making import ToldJudge, post, verdict

NOTHING = verdict(Kind.NONE)


class Desk:
    """A brand whose posts are judged, and a person who decides."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.store, self.now, self._count = store, now, 0
        with store.unit_of_work() as work:
            self.brand_id = brands.create(work, "vela", "Vela", now)
            self.user_id = users.add(work, "ann@example.com", "Ann", "-", Role.LEAD, now)
        self.ann = Actor.person(self.user_id, Role.LEAD, "Ann")

    def reads(self, count: int, *, complaint: bool, lang: str = "en", ago: timedelta = timedelta(0)) -> list[int]:
        """Have posts judged, and return them."""
        at, self._count = self.now - ago, self._count + 1
        said = verdict(Kind.COMPLAINT, lang=lang) if complaint else verdict(Kind.NONE, lang=lang)
        posts = [post(f"{self._count}-{n}", f"Post {self._count}-{n}", written_at=at) for n in range(count)]
        new = list(add_posts(self.store, self.brand_id, posts, at).new)
        judge = ToldJudge({one.text: said for one in posts})
        while assessment.assess_batch(self.store, judge, at):
            pass
        return new

    def dismisses(self, ids: Sequence[int], reason: str) -> None:
        with self.store.unit_of_work() as work:
            for one in ids:
                case_id = mentions.case_of(work, one) or 0
                cases.transition(work, case_id, Action.DISMISS, self.ann, self.now, close_reason=reason)

    def answers(self, ids: Sequence[int]) -> None:
        with self.store.unit_of_work() as work:
            for one in ids:
                link = {"answer_url": "https://x.example/1"}
                cases.transition(
                    work, mentions.case_of(work, one) or 0, Action.ANSWER_BY_HAND, self.ann, self.now, **link
                )

    def says(self, ids: Sequence[int], *, complaint: bool, where: str = "case") -> None:
        told = {
            "brand_id": self.brand_id,
            "user_id": self.user_id,
            "judged_by": "told-1",
            "is_complaint": int(complaint),
        }
        told |= {"given_in": where, "created_at": self.now}
        with self.store.unit_of_work() as work:
            work.execute(insert(correction), [{**told, "mention_id": one} for one in ids])

    def checks(self, ids: Sequence[int], probability: float, *, complaints: int = 0) -> None:
        """Draw these by lot, and find the first of them to be complaints after all."""
        drawn = {"brand_id": self.brand_id, "probability": probability, "drawn_at": self.now, "answered_at": self.now}
        with self.store.unit_of_work() as work:
            work.execute(insert(sampled), [{**drawn, "mention_id": one} for one in ids])
        for place, one in enumerate(ids):
            self.says([one], complaint=place < complaints, where="check")

    def scores(self) -> Scores:
        with self.store.reading() as work:
            return scores.score(work, self.brand_id, self.now)


@pytest.fixture
def desk(store: Store, now: datetime) -> Desk:
    return Desk(store, now)


def test_precision_is_of_what_people_decided(desk: Desk) -> None:
    found = desk.reads(14, complaint=True)
    desk.answers(found[:6])
    desk.dismisses(found[6:8], "not a complaint")
    desk.dismisses(found[8:9], "answered elsewhere")
    desk.says(found[9:11], complaint=True)
    counts = desk.scores().of()
    assert (counts.right, counts.wrong, counts.undecided) == (8, 2, 4), "a dismissal may have another reason"
    assert counts.precision
    assert (counts.precision.value, round(counts.precision.low, 2), round(counts.precision.high, 2)) == (
        0.8,
        0.49,
        0.94,
    )


def test_the_newest_word_that_stands_counts(desk: Desk, now: datetime) -> None:
    found = desk.reads(2, complaint=True)
    desk.answers(found)
    desk.says(found, complaint=False)
    desk.says(found[:1], complaint=True)
    assert (desk.scores().of().right, desk.scores().of().wrong) == (1, 1)
    with desk.store.unit_of_work() as work:
        work.execute(update(correction).values(undone_at=now))
    assert (desk.scores().of().right, desk.scores().of().wrong) == (2, 0)


def test_recall_is_estimated_from_the_posts_that_were_drawn(desk: Desk) -> None:
    desk.answers(desk.reads(30, complaint=True))
    passed = desk.reads(200, complaint=False)
    assert desk.scores().of().recall is None, "without a sample nobody knows what was missed"
    desk.checks(passed[:20], 0.1, complaints=1)
    counts = desk.scores().of()
    assert (counts.passed, counts.checked, counts.by_hand) == (200, 20, 0)
    assert counts.recall
    assert counts.recall.value == pytest.approx(30 / (30 + 10)), "one of twenty stands for ten of two hundred"
    assert counts.recall.low < 0.6
    assert counts.recall.high > 0.9


def test_a_post_that_was_likelier_to_be_drawn_stands_for_fewer() -> None:
    rare, often = (
        Counts(checked=10, weight=100, squares=1000, missed_weight=10),
        Counts(checked=10, weight=10, squares=10),
    )
    both = Counts(right=90, passed=110) + rare + often
    assert both.recall
    assert both.recall.value == pytest.approx(90 / (90 + 10))
    alike = Counts(right=90, passed=110, checked=20, weight=110, squares=605, missed_weight=10).recall
    assert alike
    assert both.recall.low < alike.low, "uneven weights are worth fewer posts"


def test_what_people_found_by_themselves_is_never_estimated_away(desk: Desk, now: datetime) -> None:
    desk.answers(desk.reads(10, complaint=True))
    passed = desk.reads(40, complaint=False)
    desk.checks(passed[:10], 0.25)
    for one in passed[20:25]:
        assessment.open_by_hand(desk.store, desk.ann, one, now)
    counts = desk.scores().of()
    assert (counts.right, counts.passed, counts.by_hand) == (10, 40, 5), "they are misses, not finds"
    assert counts.recall
    assert counts.recall.value == pytest.approx(10 / 15)


def test_weeks_and_languages_are_kept_apart(desk: Desk, now: datetime) -> None:
    desk.answers(desk.reads(3, complaint=True))
    desk.dismisses(desk.reads(2, complaint=True, lang="pl", ago=timedelta(days=7)), "not about us")
    desk.reads(5, complaint=True, lang="fa", ago=timedelta(weeks=20))
    with desk.store.unit_of_work() as work:
        work.execute(update(mention).values(is_history=False))
    found = desk.scores()
    assert found.langs == ["en", "pl"], "older than the weeks shown"
    assert found.weeks[-1] <= now < found.weeks[-1] + timedelta(weeks=1)
    assert found.of(lang="pl", week=found.weeks[-2]).wrong == 2
    assert found.of(lang="pl", week=found.weeks[-1]) == Counts()
    assert found.of(week=found.weeks[-1]).right == 3


def test_another_brand_has_figures_of_its_own(desk: Desk) -> None:
    desk.answers(desk.reads(3, complaint=True))
    with desk.store.unit_of_work() as work:
        other = brands.create(work, "bolt", "Bolt", desk.now)
        assert scores.score(work, other, desk.now).cells == ()


def test_an_approval_that_was_undone_says_nothing(store: Store, now: datetime) -> None:
    house = builders.house(store, now, undo_s=600)
    case_id = builders.approved(store, house, now)
    reviewing.undo(store, house.lead, case_id, now)
    reviewing.dismiss(store, house.lead, case_id, "not a complaint", now)
    with store.reading() as work:
        counts = scores.score(work, house.brand_id, now).of()
    assert (counts.right, counts.wrong) == (0, 1)


def test_a_word_on_what_was_edited_since_counts_no_more(desk: Desk, now: datetime) -> None:
    found = desk.reads(2, complaint=True)
    desk.says(found, complaint=False)
    with desk.store.unit_of_work() as work:
        work.execute(update(mention).where(mention.c.id == found[0]).values(edited_at=now + timedelta(minutes=1)))
    assert (desk.scores().of().wrong, desk.scores().of().undecided) == (1, 1)
