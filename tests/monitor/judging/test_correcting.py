"""A person's word beside the judge's: kept, combined, taken back; nothing moves by itself."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

import pytest

from monitor import forgetting
from monitor.assessment import assess_batch
from monitor.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from monitor.domain.lifecycle import Actor, CaseState, Role
from monitor.domain.records import Kind
from monitor.intake import add_posts
from monitor.judging import correcting
from monitor.store import brands, cases, corrections, events, mentions
from monitor.store.cases import CaseRow
from monitor.store.corrections import CorrectionRow
from monitor.store.engine import Store
from tests.making import ToldJudge, ago, post, verdict


@pytest.fixture
def brand(store: Store, now: datetime) -> int:
    """A brand with a complaint (mention 1, case 1) and a post that was set aside (mention 2)."""
    with store.unit_of_work() as work:
        brand_id = brands.create(work, "vela", "Vela", now)
    add_posts(store, brand_id, [post("1"), post("2", "Nice weather")], now)
    assess_batch(store, ToldJudge({"Nice weather": verdict(Kind.NONE)}), now)
    return brand_id


def standing(store: Store, mention_id: int = 1) -> CorrectionRow | None:
    with store.reading() as work:
        return corrections.standing_of(work, mention_id)


def word(store: Store, mention_id: int = 1) -> tuple[bool | None, int | None, tuple[str, ...] | None] | None:
    row = standing(store, mention_id)
    return row.word if row else None


def test_what_is_said_is_kept_with_who_said_it_and_of_whose_verdict(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    made = correcting.correct(store, ann, 1, now, is_complaint=False, given_in="queue")
    row = standing(store)
    assert row is not None
    assert (row.id, row.who, row.judged_by, row.given_in, row.word) == (
        made,
        "Ann",
        "told-1",
        "queue",
        (False, None, None),
    )
    with store.reading() as work:
        (told, *_) = events.of_case(work, 1)
    assert (told.kind, told.who, told.data["is_complaint"]) == ("correction", "Ann", False)


def test_no_case_moves_by_itself(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    correcting.correct(store, ann, 1, now, is_complaint=False, given_in="case")
    with store.reading() as work:
        assert cases.get(work, 1).state is CaseState.OPEN


def test_what_is_left_out_stays_as_it_was_said_before(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    correcting.correct(store, ann, 1, now, severity=3, given_in="case")
    correcting.correct(store, ann, 1, now, topics=["billing", "delivery", "other"], given_in="case")
    assert word(store) == (None, 3, ("delivery", "billing"))
    correcting.correct(store, ann, 1, now, is_complaint=False, given_in="case")
    assert word(store) == (False, None, ("delivery", "billing"))


def test_the_same_word_twice_is_one_correction(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    first = correcting.correct(store, ann, 2, now, is_complaint=True, given_in="queue")
    assert correcting.correct(store, ann, 2, now, is_complaint=True, given_in="api") == first


def test_taken_back_the_one_before_counts_again(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    correcting.correct(store, ann, 1, now, severity=1, given_in="case")
    second = correcting.correct(store, ann, 1, now, severity=2, given_in="case")
    correcting.undo(store, ann, second, now)
    assert word(store) == (None, 1, None)
    with pytest.raises(Conflict, match="already"):
        correcting.undo(store, ann, second, now)
    with pytest.raises(NotFound):
        correcting.undo(store, ann, 99, now)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({}, "is_complaint"),
        ({"severity": 4}, "severity"),
        ({"is_complaint": False, "severity": 2}, "severity"),
        ({"topics": []}, "topics"),
        ({"topics": ["weather"]}, "topics"),
        ({"is_complaint": True, "given_in": "dream"}, "given_in"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    store: Store, brand: int, ann: Actor, now: datetime, said: dict[str, object], where: str
) -> None:
    with pytest.raises(BadInput) as refused:
        correcting.correct(store, ann, 1, now, **{"given_in": "api", **said})  # type: ignore[arg-type]
    assert refused.value.where == where
    assert word(store) is None


def test_severity_of_what_the_judge_set_aside_needs_the_word_that_it_is_a_complaint(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    with pytest.raises(BadInput, match="first that it is one"):
        correcting.correct(store, ann, 2, now, severity=2, given_in="queue")
    correcting.correct(store, ann, 2, now, is_complaint=True, severity=2, given_in="queue")
    assert word(store, 2) == (True, 2, None)


def test_an_observer_and_a_worker_correct_nothing(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    for actor in (Actor.person(1, Role.OBSERVER), Actor.worker("assess")):
        with pytest.raises(NotAllowed):
            correcting.correct(store, actor, 1, now, is_complaint=False, given_in="api")


def test_a_deleted_post_can_no_longer_be_corrected_and_no_longer_teaches(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    correcting.correct(store, ann, 1, now, is_complaint=False, given_in="case")
    with store.unit_of_work() as work:
        assert [row.mention_id for row in corrections.lessons(work, brand, 10)] == [1]
        forgetting.forget(work, brand, "x", ["1"], now)
        assert (corrections.lessons(work, brand, 10), corrections.count_standing(work, brand)) == ([], 0)
    with pytest.raises(NotFound, match="deleted"):
        correcting.correct(store, ann, 1, now, is_complaint=True, given_in="case")


def test_a_word_on_a_post_that_was_edited_since_teaches_nothing(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    correcting.correct(store, ann, 1, ago(now, hours=2), is_complaint=False, given_in="case")
    with store.unit_of_work() as work:
        forgetting.edited(work, 1, post("1", "It is whole again, thank you."), ago(now, hours=1))
        assert corrections.lessons(work, brand, 10) == []
    correcting.correct(store, ann, 1, now, is_complaint=True, given_in="case")
    with store.reading() as work:
        assert [row.is_complaint for row in corrections.lessons(work, brand, 10)] == [True]


def test_how_strongly_it_is_put_weighs_in_the_case_at_once(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    before = case_of(store)
    correcting.correct(store, ann, 1, now, severity=3, topics=["billing"], given_in="case")
    after = case_of(store)
    assert (before.severity, after.severity, after.topics) == (1, 3, ("billing",))
    assert after.tier > before.tier
    assert after.reply_by is not None
    assert before.reply_by is not None
    assert after.reply_by < before.reply_by


def test_nobody_talks_a_case_past_the_lead(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    correcting.correct(store, ann, 1, now, severity=3, given_in="case")
    urgent = case_of(store)
    correcting.correct(store, ann, 1, now, severity=0, given_in="case")
    calmer = case_of(store)
    assert calmer.severity == 0  # shown as said
    assert (calmer.tier, calmer.reply_by, calmer.delicate) == (urgent.tier, urgent.reply_by, urgent.delicate)


def test_a_word_taken_back_leaves_the_case_as_the_judge_put_it(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    judged = case_of(store)
    made = correcting.correct(store, ann, 1, now, severity=2, topics=["safety"], given_in="case")
    correcting.undo(store, ann, made, now)
    assert (case_of(store).severity, case_of(store).topics) == (judged.severity, judged.topics)


def test_a_case_of_several_posts_keeps_what_the_others_brought(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    add_posts(store, brand, [post("3", "Still broken", author="author_1")], now)
    assess_batch(store, ToldJudge({}), now)
    assert case_of(store).latest_mention_id == 3
    correcting.correct(store, ann, 3, now, severity=0, topics=["billing"], given_in="case")
    assert case_of(store).severity == 1
    assert "billing" in case_of(store).topics


def test_this_is_one_is_said_and_opened_or_neither(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    case_id = correcting.this_is_one(store, ann, 2, now, given_in="queue")
    with store.reading() as work:
        assert (mentions.case_of(work, 2), word(store, 2)) == (case_id, (True, None, None))
    with pytest.raises(Conflict, match="in a case already"):
        correcting.this_is_one(store, ann, 1, now, given_in="queue")
    assert word(store, 1) is None


def test_what_was_said_of_the_old_words_is_nothing_said_of_the_new(
    store: Store, brand: int, ann: Actor, now: datetime
) -> None:
    correcting.correct(store, ann, 1, ago(now, hours=2), severity=3, given_in="case")
    with store.unit_of_work() as work:
        forgetting.edited(work, 1, post("1", "It is late again."), ago(now, hours=1))
    assert word(store) is None
    assess_batch(store, ToldJudge({}), now)
    correcting.correct(store, ann, 1, now, topics=["delay"], given_in="case")
    assert word(store) == (None, None, ("delay",))


def test_two_people_who_say_the_same_at_once_say_it_once(store: Store, brand: int, ann: Actor, now: datetime) -> None:
    with ThreadPoolExecutor() as pool:
        with store.unit_of_work() as work:
            made = correcting.say(work, ann, 2, now, is_complaint=True, given_in="api")
            other = pool.submit(correcting.correct, store, ann, 2, now, is_complaint=True, given_in="api")
            wait([other], timeout=0.3)
        assert other.result() == made


def case_of(store: Store) -> CaseRow:
    with store.reading() as work:
        return cases.get(work, 1)
