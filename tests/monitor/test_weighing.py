"""What people say of posts weighs in their case: at once, together with the others, and never past the second pair of eyes."""

from datetime import datetime, timedelta

import pytest

from monitor.assessment import assess_batch, open_by_hand
from monitor.domain.lifecycle import Action, CaseState
from monitor.domain.records import Kind, Severity
from monitor.intake import add_posts
from monitor.judging import correcting
from monitor.store import alerts, brands, cases, drafts, events
from monitor.store.cases import CaseRow
from monitor.store.engine import Store
from responders import reviewing
from tests import builders
from tests.builders import House
from tests.making import ToldJudge, post, verdict


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return builders.house(store, now, undo_s=600)


def put(store: Store, house: House, mention_id: int, now: datetime, severity: int | None = None, *topics: str) -> int:
    """Have a person say how a post is put, or what it is about."""
    said = topics or None
    return correcting.correct(store, house.lead, mention_id, now, severity=severity, topics=said, given_in="case")


def paged(store: Store, case_id: int) -> bool:
    with store.reading() as work:
        return alerts.of_case(work, case_id) is not None


def asks(store: Store, house: House, now: datetime, severity: Severity = Severity.MISMATCH) -> CaseRow:
    """Have a customer ask something; returns the case."""
    question = post("1", "When will you repair it?", author="kim", written_at=now)
    (mention_id,) = add_posts(store, house.brand_id, [question], now).new
    assess_batch(store, ToldJudge({question.text: verdict(Kind.QUESTION, severity)}), now)
    return builders.case_of(store, mention_id)


def test_a_mild_post_later_leaves_a_delicate_case_to_two_people(store: Store, house: House, now: datetime) -> None:
    first = builders.mention(store, house, now, 1, author="kim", severity=Severity.BLAME)
    put(store, house, first, now, 0)
    builders.mention(store, house, now, 2, author="kim", severity=Severity.MISMATCH)
    case = builders.case_of(store, first)
    assert (case.severity, case.delicate) == (0, True)
    builders.write(store, house, case.id, now)
    assert reviewing.approve(store, house.lead, case.id, 1, now, overrule="a test").state is CaseState.IN_REVIEW


def test_a_reply_that_one_person_approved_comes_back_when_its_case_becomes_delicate(
    store: Store, house: House, now: datetime
) -> None:
    case_id = builders.approved(store, house, now)
    assert builders.state(store, case_id).state is CaseState.APPROVED
    put(store, house, builders.state(store, case_id).mention_id, now, 3)
    case = builders.state(store, case_id)
    assert (case.state, case.delicate, case.send_after, paged(store, case_id)) == (
        CaseState.IN_REVIEW,
        True,
        None,
        True,
    )
    with store.reading() as work:
        why = next(one.data["why"] for one in events.of_case(work, case_id) if one.action == Action.UNDO)
        assert drafts.reviews_of(work, case_id)[0].standing is False
    assert "two must" in why
    assert builders.approve(store, house, case_id, now).state is CaseState.APPROVED, "by two people"


def test_a_reply_approved_by_two_stays_approved(store: Store, house: House, now: datetime) -> None:
    case_id = builders.approved(store, house, now, severity=Severity.BLAME)
    put(store, house, builders.state(store, case_id).mention_id, now, 2, "billing")
    assert builders.state(store, case_id).state is CaseState.APPROVED


def test_that_a_complaint_is_one_changes_nothing_in_its_case(store: Store, house: House, now: datetime) -> None:
    case_id = builders.opened(store, house, now)
    before = builders.state(store, case_id)
    with store.unit_of_work() as work:
        brands.change(work, house.brand_id, settings={"minutes": [9, 9, 9, 9]})
    later = now + timedelta(minutes=5)
    correcting.correct(store, house.lead, before.mention_id, later, is_complaint=True, given_in="case")
    correcting.correct(store, house.lead, before.mention_id, later, is_complaint=False, given_in="case")
    assert builders.state(store, case_id) == before


def test_a_word_taken_back_in_a_case_of_several_posts_leaves_no_trace_in_what_it_shows(
    store: Store, house: House, now: datetime
) -> None:
    first = builders.mention(store, house, now, 1, author="kim")
    second = builders.mention(store, house, now, 2, author="kim")
    judged = builders.case_of(store, first)
    made = put(store, house, second, now, 3, "safety")
    assert (builders.case_of(store, first).severity, builders.case_of(store, first).topics) == (
        3,
        ("product_fault", "safety"),
    )
    correcting.undo(store, house.lead, made, now)
    after = builders.case_of(store, first)
    assert (after.severity, after.topics) == (judged.severity, judged.topics)
    assert (after.tier, after.delicate) == (3, True), "what followed from it stays"


def test_wrong_topics_go_when_each_post_was_set_right(store: Store, house: House, now: datetime) -> None:
    first = builders.mention(store, house, now, 1, author="kim")
    second = builders.mention(store, house, now, 2, author="kim")
    for one in (first, second):
        put(store, house, one, now, None, "billing")
    assert builders.case_of(store, first).topics == ("billing",)


def test_what_was_answered_before_does_not_make_a_case_graver(store: Store, house: House, now: datetime) -> None:
    first = builders.mention(store, house, now, 1, author="kim", severity=Severity.ACCUSATION)
    case_id = builders.case_of(store, first).id
    reviewing.answered_by_hand(store, house.lead, case_id, "https://x.example/1", now)
    second = builders.mention(store, house, now, 2, author="kim", severity=Severity.DISAPPROVAL)
    put(store, house, second, now, 0)
    assert (builders.case_of(store, second).id, builders.case_of(store, second).severity) == (case_id, 0)


def test_a_question_that_a_person_takes_for_a_complaint_is_promised_an_answer(
    store: Store, house: House, now: datetime
) -> None:
    case = asks(store, house, now)
    assert (case.kind, case.reply_by) == (Kind.QUESTION, None)
    later = now + timedelta(days=2)
    correcting.correct(store, house.lead, case.mention_id, later, is_complaint=True, given_in="case")
    after = builders.state(store, case.id)
    assert (after.kind, after.clock_at, paged(store, case.id)) == (Kind.COMPLAINT, later, False)
    assert after.reply_by is not None
    assert after.reply_by > later, "nobody is late for what was only just found"
    with store.reading() as work:
        assert [row.id for row in cases.desk(work, "complaints")] == [case.id]


def test_a_question_that_turns_out_to_be_a_threat_pages(store: Store, house: House, now: datetime) -> None:
    case = asks(store, house, now, Severity.BLAME)
    correcting.correct(store, house.lead, case.mention_id, now, is_complaint=True, given_in="case")
    assert (builders.state(store, case.id).tier, paged(store, case.id)) == (3, True)


def test_a_case_opened_by_hand_is_as_grave_as_the_person_said(store: Store, house: House, now: datetime) -> None:
    (mention_id,) = add_posts(store, house.brand_id, [post("1", "Nice weather")], now).new
    assess_batch(store, ToldJudge({"Nice weather": verdict(Kind.NONE, Severity.MISMATCH)}), now)
    correcting.correct(
        store, house.lead, mention_id, now, is_complaint=True, severity=3, topics=["safety"], given_in="api"
    )
    case_id = open_by_hand(store, house.lead, mention_id, now)
    case = builders.state(store, case_id)
    assert (case.severity, case.topics, case.delicate, paged(store, case_id)) == (3, ("safety",), True, True)
