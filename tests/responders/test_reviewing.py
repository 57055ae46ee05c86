"""What a person decides, and what stops them from deciding on something they did not read."""

from datetime import timedelta

import pytest

from monitor.domain.errors import BadInput, Conflict, NotAllowed
from monitor.domain.lifecycle import Action, Actor, CaseState
from monitor.domain.records import Flag, Kind, Severity
from monitor.store import drafts, events, publications
from responders import reviewing
from responders.drafting import draft_batch
from responders.ports import Brief, DraftText
from tests.making import verdict
from tests.responders.desk import BETTER, EVASIVE, GOOD, Desk, ToldDrafter

URGENT = verdict(severity=Severity.BLAME, flags=[Flag.SAFETY])


def test_an_approval_names_the_revision_and_waits_for_the_undo_window(desk: Desk) -> None:
    case = desk.drafted()
    approved = reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    assert (approved.state, approved.send_after) == (CaseState.APPROVED, desk.now + timedelta(seconds=10))
    with desk.store.reading() as work:
        review = drafts.approval(work, case.id)
        assert drafts.by_id(work, review.draft_id).revision == 1
        assert review.who == "Ann"


def test_what_was_not_read_cannot_be_approved(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.save(desk.store, desk.bob, case.id, BETTER, based_on=1, now=desk.now)
    with pytest.raises(Conflict, match="newer than the one you read"):
        reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    assert desk.case().state is CaseState.IN_REVIEW


def test_a_text_based_on_an_old_revision_is_not_saved(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.save(desk.store, desk.bob, case.id, BETTER, based_on=1, now=desk.now)
    with pytest.raises(Conflict, match="Your text was not saved"):
        reviewing.save(desk.store, desk.ann, case.id, GOOD, based_on=1, now=desk.now)


def test_a_second_click_approves_nothing_more(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    with pytest.raises(Conflict):
        reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)


def test_the_bar_stops_an_evasion_and_a_lead_may_overrule_with_a_reason(desk: Desk) -> None:
    case = desk.drafted(text=EVASIVE)
    with pytest.raises(Conflict, match="Not approved"):
        reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now, overrule="I like it")
    with pytest.raises(Conflict, match="say why"):
        reviewing.approve(desk.store, desk.lead, case.id, 1, desk.now)
    reviewing.approve(desk.store, desk.lead, case.id, 1, desk.now, overrule="Quoted from the film they asked about")
    with desk.store.reading() as work:
        assert "non_apology" in drafts.approval(work, case.id).overruled.replace("-", "_")


def test_a_delicate_case_takes_two_people(desk: Desk) -> None:
    case = desk.drafted(text=GOOD, said=URGENT)
    waiting = reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    assert waiting.state is CaseState.IN_REVIEW
    assert reviewing.case_view(desk.store, desk.bob, case.id, desk.now).first_approver == "Ann"
    with pytest.raises(Conflict, match="another person"):
        reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    assert reviewing.approve(desk.store, desk.bob, case.id, 1, desk.now).state is CaseState.APPROVED


def test_an_edit_takes_the_first_approval_back(desk: Desk) -> None:
    case = desk.drafted(said=URGENT)
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    reviewing.save(desk.store, desk.bob, case.id, BETTER, based_on=1, now=desk.now)
    assert reviewing.approve(desk.store, desk.bob, case.id, 2, desk.now).state is CaseState.IN_REVIEW


def test_undo_ends_the_approval(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    undone = reviewing.undo(desk.store, desk.ann, case.id, desk.now)
    assert (undone.state, undone.send_after) == (CaseState.IN_REVIEW, None)
    with desk.store.reading() as work, pytest.raises(Conflict, match="No approval"):
        drafts.approval(work, case.id)


def test_a_customer_who_writes_again_takes_the_approval_back(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    desk.arrives("2", text="And now it smokes.", author="author_1")
    back = desk.case(case.id)
    assert (back.state, back.draft_stale) == (CaseState.IN_REVIEW, True)
    with pytest.raises(Conflict, match="wrote again"):
        reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    reviewing.save(desk.store, desk.ann, case.id, BETTER, based_on=1, now=desk.now)
    assert reviewing.approve(desk.store, desk.ann, case.id, 2, desk.now).state is CaseState.APPROVED


def test_sent_back_with_a_reason_it_is_drafted_anew(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.reject(desk.store, desk.ann, case.id, "warmer, please", desk.now)
    drafter = ToldDrafter(BETTER)
    assert draft_batch(desk.store, drafter, desk.now) == 1
    assert drafter.briefs[0].ask == "warmer, please"
    assert desk.case(case.id).revision == 2


def test_a_refused_draft_waits_for_a_person(desk: Desk) -> None:
    case = desk.arrives()
    draft_batch(desk.store, ToldDrafter(refuses=True), desk.now)
    waiting = desk.case(case.id)
    assert (waiting.state, waiting.draft_wanted) == (CaseState.OPEN, False)
    written = reviewing.save(desk.store, desk.ann, case.id, GOOD, based_on=0, now=desk.now)
    assert (written.state, written.revision) == (CaseState.IN_REVIEW, 1)


def test_a_drafter_that_chokes_on_one_case_goes_on_with_the_others(desk: Desk) -> None:
    class Chokes(ToldDrafter):
        def draft(self, brief: Brief) -> DraftText:
            if brief.text == "Poison.":
                raise ZeroDivisionError
            return super().draft(brief)

    poison, fine = desk.arrives("1", text="Poison."), desk.arrives("2")
    assert draft_batch(desk.store, Chokes(), desk.now) == 2
    left, drafted = desk.case(poison.id), desk.case(fine.id)
    assert (left.state, left.draft_wanted) == (CaseState.OPEN, False), "a person writes this one"
    assert drafted.state is CaseState.IN_REVIEW


def test_the_next_draft_knows_the_ones_before_it(desk: Desk) -> None:
    desk.drafted("1")
    desk.arrives("2")
    drafter = ToldDrafter(BETTER)
    draft_batch(desk.store, drafter, desk.now)
    assert drafter.briefs[0].told_others == (GOOD,)


def test_dismissing_needs_a_reason(desk: Desk) -> None:
    case = desk.drafted()
    with pytest.raises(BadInput, match="why nobody needs to answer"):
        reviewing.dismiss(desk.store, desk.ann, case.id, "  ", desk.now)
    closed = reviewing.dismiss(desk.store, desk.ann, case.id, "About another Vela.", desk.now)
    assert (closed.state, closed.close_reason) == (CaseState.DISMISSED, "About another Vela.")


def test_escalated_and_taken_back_keeps_its_reply_by(desk: Desk) -> None:
    case = desk.drafted()
    away = reviewing.escalate(desk.store, desk.ann, case.id, "?", desk.now)
    back = reviewing.take_back(desk.store, desk.ann, case.id, desk.now + timedelta(hours=1))
    assert (away.state, back.state) == (CaseState.ESCALATED, CaseState.OPEN)
    assert case.reply_by == away.reply_by == back.reply_by
    assert back.draft_wanted


def test_an_owners_answer_reaches_the_next_draft(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.escalate(desk.store, desk.ann, case.id, "Why does it leak?", desk.now)
    reviewing.owner_answer(desk.store, desk.lead, case.id, "A seal was left out in batch 7.", desk.now)
    drafter = ToldDrafter(BETTER)
    draft_batch(desk.store, drafter, desk.now)
    assert drafter.briefs[0].owner_answer == "A seal was left out in batch 7."


@pytest.mark.parametrize("link", ["", "javascript:alert(1)", "x.com/1", "https://", "https://["])
def test_answered_by_hand_needs_a_real_link(desk: Desk, link: str) -> None:
    case = desk.drafted()
    with pytest.raises(BadInput, match="https"):
        reviewing.answered_by_hand(desk.store, desk.ann, case.id, link, desk.now)


def test_answered_by_hand_counts_as_answered(desk: Desk) -> None:
    case = desk.drafted()
    done = reviewing.answered_by_hand(desk.store, desk.ann, case.id, "https://x.example/1", desk.now)
    assert done.state is CaseState.REPLIED
    with pytest.raises(Conflict, match="answered by hand"):
        reviewing.correct(desk.store, desk.ann, case.id, desk.now)


def test_without_an_account_a_person_is_told_to_answer_by_hand(desk: Desk) -> None:
    desk.arrives("9", platform="review")
    draft_batch(desk.store, ToldDrafter(), desk.now)
    with pytest.raises(Conflict, match="mark it as answered by hand"):
        reviewing.approve(desk.store, desk.ann, 1, 1, desk.now)


def test_an_observer_decides_nothing(desk: Desk) -> None:
    case = desk.drafted()
    with pytest.raises(NotAllowed):
        reviewing.approve(desk.store, desk.observer, case.id, 1, desk.now)
    with pytest.raises(NotAllowed):
        reviewing.dismiss(desk.store, desk.observer, case.id, "no", desk.now)
    with pytest.raises(NotAllowed):
        reviewing.save(desk.store, Actor.worker("x"), case.id, GOOD, based_on=1, now=desk.now)


def test_everything_that_was_decided_is_in_the_trail_without_the_words(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    with desk.store.reading() as work:
        trail = events.of_case(work, case.id)
    assert [row.action for row in trail] == ["approve", "draft_ready", "open"]
    assert [row.who for row in trail] == ["Ann", "draft", "assess"]
    assert all(GOOD not in str(row.data) for row in trail)


def test_thanks_are_answered_without_a_clock(desk: Desk) -> None:
    case = desk.drafted(text="Thank you, that made our day!", said=verdict(Kind.THANKS))
    assert (case.kind, case.reply_by) == (Kind.THANKS, None)
    assert Action.APPROVE in reviewing.case_view(desk.store, desk.ann, case.id, desk.now).actions


def test_nothing_is_sent_before_somebody_claims_it(desk: Desk) -> None:
    case = desk.drafted()
    reviewing.approve(desk.store, desk.ann, case.id, 1, desk.now)
    with desk.store.reading() as work:
        assert publications.under_way(work, case.id) is None
