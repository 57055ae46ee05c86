"""What may happen to a case, and who may do it."""

import pytest

from monitor.domain.errors import Conflict, NotAllowed
from monitor.domain.lifecycle import (
    LIVE,
    TRANSITIONS,
    Action,
    Actor,
    CaseState,
    Role,
    actions,
    may,
    next_state,
)

AGENT = Actor.person(1, Role.AGENT)
OBSERVER = Actor.person(2, Role.OBSERVER)
WORKER = Actor.worker("publish")


def test_every_state_has_a_way_on_for_somebody() -> None:
    assert set(TRANSITIONS) == {None, *CaseState}
    for state in CaseState:
        assert TRANSITIONS[state], state


def test_every_action_is_used_and_belongs_to_somebody() -> None:
    used = {action for row in TRANSITIONS.values() for action in row}
    assert used == set(Action)
    for action in Action:
        assert may(AGENT, action) or may(WORKER, action), action


def test_only_an_approval_leads_to_approved_and_only_a_claim_to_publishing() -> None:
    into_approved = {
        (state, action) for state, row in TRANSITIONS.items() for action, to in row.items() if to is CaseState.APPROVED
    }
    assert into_approved == {(CaseState.IN_REVIEW, Action.APPROVE), (CaseState.PUBLISHING, Action.DEFERRED)}
    into_publishing = {
        (s, a) for s, row in TRANSITIONS.items() for a, to in row.items() if to is CaseState.PUBLISHING and s is not to
    }
    assert into_publishing == {(CaseState.APPROVED, Action.CLAIM)}


def test_what_may_have_been_sent_is_never_approved_again_by_itself() -> None:
    assert set(TRANSITIONS[CaseState.UNCERTAIN].values()) == {
        CaseState.REPLIED,
        CaseState.IN_REVIEW,
        CaseState.UNCERTAIN,
    }


def test_workers_never_approve_and_people_never_claim() -> None:
    with pytest.raises(NotAllowed):
        next_state(CaseState.IN_REVIEW, Action.APPROVE, WORKER)
    with pytest.raises(NotAllowed):
        next_state(CaseState.APPROVED, Action.CLAIM, AGENT)


def test_an_observer_can_do_nothing() -> None:
    assert all(not actions(state, OBSERVER) for state in CaseState)


def test_a_wrong_state_says_where_the_case_is() -> None:
    with pytest.raises(Conflict, match="dismissed"):
        next_state(CaseState.DISMISSED, Action.APPROVE, AGENT)


@pytest.mark.parametrize("state", sorted(LIVE - {CaseState.PUBLISHING, CaseState.UNCERTAIN}))
def test_a_person_can_end_every_live_case_that_is_not_being_sent(state: CaseState) -> None:
    assert Action.DISMISS in actions(state, AGENT)


@pytest.mark.parametrize("state", sorted(CaseState))
def test_a_customer_can_write_again_in_every_state(state: CaseState) -> None:
    assert next_state(state, Action.NEW_MENTION, WORKER) in CaseState
