from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from monitor.domain.errors import Conflict
from monitor.domain.lifecycle import Action, CaseState
from monitor.domain.records import Severity
from monitor.judging import correcting
from monitor.store import cases, events, ledger
from monitor.store.engine import Store
from responders import publishing, reviewing
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain
from tests import builders
from tests.responders.platform import Clock, Platform, look, outbox, publish


def test_a_post_its_author_deleted_is_not_answered(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock())
    with store.unit_of_work() as work:
        ledger.purge(work, builders.state(store, case_id).mention_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.DISMISSED
    assert platform.sent == []
    assert builders.state(store, case_id).close_reason == "its author deleted the post"


def test_when_only_the_newest_post_was_deleted_a_person_decides_about_the_one_before(
    store: Store, clock: Clock
) -> None:
    house, platform = builders.house(store, clock()), Platform()
    first = builders.mention(store, house, clock(), 1, author="ana")
    newest = builders.mention(store, house, clock(), 2, author="ana")
    case_id = builders.case_of(store, first).id
    builders.write(store, house, case_id, clock())
    builders.approve(store, house, case_id, clock())
    with store.unit_of_work() as work:
        ledger.purge(work, newest, clock())
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert platform.sent == []
    builders.write(store, house, case_id, clock())
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert platform.sent[0].to_external_id == "1"


def test_a_reply_to_what_the_customer_has_since_added_to_goes_back_to_review(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock()), Platform()
    case_id = builders.approved(sqlite_store, house, clock())
    with sqlite_store.unit_of_work() as work:
        cases.note(work, case_id, draft_stale=True)
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert platform.sent == []
    with sqlite_store.reading() as work:
        last = events.of_case(work, case_id)[0]
    assert (last.action, last.data["why"]) == (Action.UNDO, "the customer wrote again after it was approved")
    with pytest.raises(Conflict):
        reviewing.approve(sqlite_store, house.lead, case_id, 1, clock())


def test_a_reply_whose_account_was_removed_goes_back_to_review(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock()), Platform()
    case_id = builders.approved(sqlite_store, house, clock())
    with sqlite_store.unit_of_work() as work:
        work.execute(text("UPDATE account SET active = false"))
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert platform.sent == []


# --- the customer writes while the reply is on its way --------------------------------------------------------------


def writes_again(store: Store, house: builders.House, clock: Clock) -> Callable[[], None]:
    def write() -> None:
        clock.move(1)
        builders.mention(store, house, clock(), 2, author="ana")

    return write


def test_what_the_customer_writes_while_we_send_opens_the_case_again(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock(), author="ana")
    clock.move(3600)
    platform.answers.append(writes_again(store, house, clock))
    assert publish(store, case_id, platform, clock) == CaseState.OPEN
    case = builders.state(store, case_id)
    assert (case.opens_again, case.draft_wanted, case.draft_stale) == (False, True, False)
    assert case.clock_at == clock()
    assert case.reply_by == clock() + timedelta(hours=4)
    assert [line.state for line in outbox(store, case_id)] == ["sent"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (PublishRefused("No."), CaseState.FAILED),
        (PublishDeferred("Later.", after=1), CaseState.IN_REVIEW),
        (PublishUncertain("?"), CaseState.UNCERTAIN),
    ],
)
def test_what_the_customer_writes_while_a_sending_fails_is_read_before_it_is_tried_again(
    sqlite_store: Store, clock: Clock, answer: Exception, state: CaseState
) -> None:
    store, platform = sqlite_store, Platform()
    house = builders.house(store, clock())
    case_id = builders.approved(store, house, clock(), author="ana")

    def write_and_fail() -> None:
        writes_again(store, house, clock)()
        raise answer

    platform.answers.append(write_and_fail)
    assert publish(store, case_id, platform, clock) == state
    if state is CaseState.UNCERTAIN:
        for wait in publishing.LOOKS_S:
            clock.move(wait)
            look(store, platform, clock)
        assert builders.state(store, case_id).state is CaseState.IN_REVIEW
    case = builders.state(store, case_id)
    assert (case.opens_again, case.draft_stale) == (False, True)
    clock.move(3600)
    publish(store, case_id, platform, clock)
    assert len(platform.sent) == 1


# --- a person finds it graver, or milder -------------------------------------------------------------------------


def put(store: Store, house: builders.House, case_id: int, severity: int, clock: Clock) -> None:
    post = builders.state(store, case_id).mention_id
    correcting.correct(store, house.lead, post, clock(), severity=severity, given_in="case")


def test_a_reply_put_off_while_its_case_became_delicate_waits_for_a_second_person(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock())

    def graver_and_later() -> None:
        put(store, house, case_id, 3, clock)
        message = "Too many."
        raise PublishDeferred(message, after=60)

    platform.answers.append(graver_and_later)
    assert publish(store, case_id, platform, clock) == CaseState.APPROVED
    clock.move(60)
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert len(platform.sent) == 1
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED


def test_a_delicate_case_that_opens_again_stays_with_two_people(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock(), author="ana", severity=Severity.BLAME)
    put(store, house, case_id, 0, clock)
    platform.answers.append(writes_again(store, house, clock))
    assert publish(store, case_id, platform, clock) == CaseState.OPEN
    assert builders.state(store, case_id).delicate
