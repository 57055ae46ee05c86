from collections.abc import Callable

import pytest

from monitor.domain.errors import RetryLater
from monitor.domain.lifecycle import Action, CaseState
from monitor.store import events
from monitor.store.engine import Store
from responders import publishing
from responders.ports import PublishRefused, PublishUncertain, Receipt
from tests import builders
from tests.responders.platform import Clock, Killed, Platform, look, outbox, publish, seen_actions

LIMITED = "Replies are limited on this post."


def test_an_unclear_reply_is_looked_for_and_found(store: Store, clock: Clock) -> None:
    house = builders.house(store, clock())
    platform = Platform([PublishUncertain("No answer within 10 s.")], shows=[None, Receipt("post-9")])
    case_id = builders.approved(store, house, clock())
    assert publish(store, case_id, platform, clock) == CaseState.UNCERTAIN
    clock.move(4)
    assert (look(store, platform, clock), platform.looks) == (0, 0)
    clock.move(1)
    assert (look(store, platform, clock), platform.looks) == (0, 1)
    clock.move(15)
    assert (look(store, platform, clock), platform.looks) == (1, 2)
    assert builders.state(store, case_id).state is CaseState.REPLIED
    (line,) = outbox(store, case_id)
    assert (line.state, line.external_id, line.error) == ("sent", "post-9", "")
    assert len(platform.sent) == 1


def test_a_reply_that_is_not_found_waits_for_a_person_and_is_never_sent_by_itself(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform([PublishUncertain("No answer.")])
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, platform, clock)
    for wait in publishing.LOOKS_S:
        clock.move(wait)
        look(store, platform, clock)
    assert platform.looks == 3
    assert builders.state(store, case_id).state is CaseState.IN_REVIEW
    (line,) = outbox(store, case_id)
    assert line.state == "missing"
    assert "Look at the platform yourself" in line.error
    clock.move(86_400)
    look(store, platform, clock)
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert len(platform.sent) == 1
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert [one.state for one in outbox(store, case_id)] == ["sent", "missing"]


def test_an_error_nobody_foresaw_makes_the_case_uncertain_and_is_not_hidden(sqlite_store: Store, clock: Clock) -> None:
    house, platform = builders.house(sqlite_store, clock()), Platform([ZeroDivisionError("a bug")])
    case_id = builders.approved(sqlite_store, house, clock())
    with pytest.raises(ZeroDivisionError):
        publish(sqlite_store, case_id, platform, clock)
    assert builders.state(sqlite_store, case_id).state is CaseState.UNCERTAIN
    assert publish(sqlite_store, case_id, platform, clock) == CaseState.UNCERTAIN
    assert len(platform.sent) == 1


def die(clock: Clock) -> Callable[[], None]:
    def now_dead() -> None:
        clock.dead = True
        raise Killed

    return now_dead


def test_a_worker_killed_while_sending_leaves_a_case_that_is_looked_for(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform([die(clock)], shows=[Receipt("post-1")])
    case_id = builders.approved(store, house, clock())
    with pytest.raises(Killed):
        publish(store, case_id, platform, clock)
    clock.dead = False
    assert builders.state(store, case_id).state is CaseState.PUBLISHING
    clock.move(60)
    assert look(store, platform, clock) == 0
    assert builders.state(store, case_id).state is CaseState.PUBLISHING
    clock.move(1)
    look(store, platform, clock)
    assert builders.state(store, case_id).state is CaseState.REPLIED
    assert seen_actions(store, case_id)[-3:] == [Action.CLAIM, Action.NO_ANSWER, Action.FOUND]
    assert len(platform.sent) == 1


def given_up(store: Store, platform: Platform, clock: Clock, times: int) -> Callable[[], None]:
    """Return what others do while a worker is held up in its sending."""

    def meanwhile() -> None:
        clock.move(61)
        for wait in (0.0, 15.0, 45.0)[:times]:
            clock.move(wait)
            look(store, platform, clock)

    return meanwhile


def test_a_late_answer_ends_the_doubt(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    platform.answers.append(given_up(store, platform, clock, times=1))
    case_id = builders.approved(store, house, clock())
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert seen_actions(store, case_id)[-3:] == [Action.CLAIM, Action.NO_ANSWER, Action.FOUND]
    (line,) = outbox(store, case_id)
    assert (line.state, line.external_id) == ("sent", "post-1")


def test_a_late_refusal_ends_the_doubt_too(sqlite_store: Store, clock: Clock) -> None:
    store = sqlite_store
    house, platform = builders.house(store, clock()), Platform()

    def refuse_late() -> None:
        given_up(store, platform, clock, times=1)()
        raise PublishRefused(LIMITED)

    platform.answers.append(refuse_late)
    case_id = builders.approved(store, house, clock())
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    (line,) = outbox(store, case_id)
    assert (line.state, line.error) == ("missing", LIMITED)


def test_an_answer_after_the_reply_was_given_up_is_recorded_and_stops_a_second_one(store: Store, clock: Clock) -> None:
    house, platform = builders.house(store, clock()), Platform()
    case_id = builders.approved(store, house, clock())

    def approve_anew() -> None:
        given_up(store, platform, clock, times=3)()
        assert builders.state(store, case_id).state is CaseState.IN_REVIEW
        builders.approve(store, house, case_id, clock())

    platform.answers.append(approve_anew)
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    (line,) = outbox(store, case_id)
    assert (line.state, line.external_id) == ("sent", "post-1")
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert len(platform.sent) == 1


def test_an_answer_after_the_reply_was_given_up_is_told(sqlite_store: Store, clock: Clock) -> None:
    store = sqlite_store
    house, platform = builders.house(store, clock()), Platform()
    platform.answers.append(given_up(store, platform, clock, times=3))
    case_id = builders.approved(store, house, clock())
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    assert [line.state for line in outbox(store, case_id)] == ["sent"]
    with store.reading() as work:
        assert events.of_case(work, case_id)[0].kind == "late_receipt"


def test_a_platform_that_cannot_be_asked_is_asked_later_and_that_is_no_look(sqlite_store: Store, clock: Clock) -> None:
    house = builders.house(sqlite_store, clock())
    platform = Platform([PublishUncertain("?")], shows=[RetryLater("The platform is down.", after=300), Receipt("p")])
    case_id = builders.approved(sqlite_store, house, clock())
    publish(sqlite_store, case_id, platform, clock)
    clock.move(5)
    assert look(sqlite_store, platform, clock) == 0
    (line,) = outbox(sqlite_store, case_id)
    assert (line.state, line.looks, line.error) == ("uncertain", 0, "The platform is down.")
    clock.move(299)
    assert (look(sqlite_store, platform, clock), platform.looks) == (0, 1)
    clock.move(1)
    assert look(sqlite_store, platform, clock) == 1


def test_one_reply_that_cannot_be_looked_for_does_not_hold_up_the_others(sqlite_store: Store, clock: Clock) -> None:
    store = sqlite_store
    house = builders.house(store, clock())
    platform = Platform([PublishUncertain("?"), PublishUncertain("?")], shows=[ZeroDivisionError(), Receipt("p")])
    first, second = (builders.approved(store, house, clock(), number) for number in (1, 2))
    for case_id in (first, second):
        publish(store, case_id, platform, clock)
    clock.move(5)
    with pytest.raises(ZeroDivisionError):
        look(store, platform, clock)
    assert look(store, platform, clock) == 1
    assert builders.state(store, second).state is CaseState.REPLIED
    assert builders.state(store, first).state is CaseState.UNCERTAIN
