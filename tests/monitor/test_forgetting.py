"""Following what authors do: what is gone is forgotten, what was edited is judged anew, and their cases go on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor import assessment, forgetting
from monitor.domain.lifecycle import Action, CaseState
from monitor.domain.records import Flag, Kind, Severity, Verdict
from monitor.intake import add_posts
from monitor.store import cases, drafts, events, ledger, mentions, publications
from monitor.store.engine import Store
from monitor.store.mentions import MentionRow
from responders import publishing, reviewing
from responders.ports import PublishDeferred, PublishRefused, PublishUncertain
from tests import builders
from tests.builders import House
from tests.making import ToldJudge, post, verdict
from tests.responders.platform import Clock, Platform, look, outbox, publish, seen_actions


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return builders.house(store, now)


def forget(store: Store, house: House, now: datetime, *external_ids: str) -> int:
    with store.unit_of_work() as work:
        return forgetting.forget(work, house.brand_id, "x", external_ids, now)


def forgets(store: Store, house: House, now: datetime) -> None:
    assert forget(store, house, now, "1") == 1


def edit(store: Store, mention_id: int, text: str, now: datetime) -> bool:
    with store.unit_of_work() as work:
        return forgetting.edited(work, mention_id, post("1", text), now)


def row_of(store: Store, mention_id: int) -> MentionRow:
    with store.reading() as work:
        return mentions.get_many(work, [mention_id])[0]


def balanced(store: Store) -> bool:
    with store.reading() as work:
        return ledger.take_stock(work).balanced


def two_posts(store: Store, house: House, now: datetime) -> tuple[int, int, int]:
    """One customer's case over two posts, with a reply written: the case and both mentions."""
    first = builders.mention(store, house, now, 1, author="ana")
    second = builders.mention(store, house, now + timedelta(minutes=1), 2, author="ana")
    case_id = builders.case_of(store, first).id
    builders.write(store, house, case_id, now)
    return case_id, first, second


# --- gone -----------------------------------------------------------------------------------------------------------


def test_a_deleted_post_takes_its_open_case_off_the_desk(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.in_review(store, house, clock())
    assert forget(store, house, clock(), "1", "no such post") == 1
    case = builders.state(store, case_id)
    assert (case.state, case.close_reason, case.draft_wanted) == (CaseState.DISMISSED, forgetting.DELETED, False)
    with store.reading() as work:
        draft = drafts.current(work, case_id)
        happened = events.of_case(work, case_id)
        stock = ledger.take_stock(work)
    assert draft is not None
    assert draft.text is None
    assert [(one.kind, one.action, dict(one.data)) for one in happened[:2]] == [
        ("case", Action.GONE, {}),
        ("gone", "", {"mention": case.mention_id}),
    ]
    assert (stock.gone, stock.mentions, stock.balanced) == (1, 1, True)


def test_what_is_gone_is_forgotten_once(store: Store, house: House, clock: Clock) -> None:
    builders.opened(store, house, clock())
    assert forget(store, house, clock(), "1") == 1
    assert forget(store, house, clock(), "1") == 0


def test_a_deleted_post_that_arrives_again_stays_forgotten(store: Store, house: House, clock: Clock) -> None:
    mention_id = builders.mention(store, house, clock())
    forget(store, house, clock(), "1")
    again = replace(post("1", "My kettle number 1 leaks.", written_at=clock()), thread="other")
    stored = add_posts(store, house.brand_id, [again], clock.move(60))
    assert (stored.new, stored.known) == ((), 1)
    assert (row_of(store, mention_id).text, row_of(store, mention_id).url) == (None, "")
    assert assessment.assess_batch(store, ToldJudge(), clock()) == 0
    assert balanced(store)


def test_another_brands_copy_and_another_platforms_post_stay(store: Store, house: House, clock: Clock) -> None:
    other = builders.house(store, clock(), slug="other")
    mine, theirs = builders.mention(store, house, clock()), builders.mention(store, other, clock())
    with store.unit_of_work() as work:
        assert forgetting.forget(work, house.brand_id, "reddit", ["1"], clock()) == 0
        assert forgetting.forget(work, house.brand_id, "x", ["1"], clock()) == 1
    assert row_of(store, mine).text is None
    assert row_of(store, theirs).text is not None


def test_an_approved_reply_to_a_deleted_post_is_stopped_at_once(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    forget(store, house, clock(), "1")
    assert builders.state(store, case_id).state is CaseState.DISMISSED
    assert publish(store, case_id, platform, clock) == CaseState.DISMISSED
    assert platform.sent == []


def test_a_reply_that_was_put_off_is_called_off_with_the_post(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform([PublishDeferred("Busy.", after=60)])
    publish(store, case_id, platform, clock)
    forget(store, house, clock(), "1")
    clock.move(61)
    assert publish(store, case_id, platform, clock) == CaseState.DISMISSED
    assert (len(platform.sent), outbox(store, case_id)[0].state) == (1, "undone")


def test_the_case_goes_on_with_the_newest_post_that_is_still_there(store: Store, house: House, clock: Clock) -> None:
    case_id, first, _ = two_posts(store, house, clock())
    builders.approve(store, house, case_id, clock())
    forget(store, house, clock(), "2")
    case = builders.state(store, case_id)
    assert (case.state, case.latest_mention_id, case.draft_stale) == (CaseState.IN_REVIEW, first, True)
    builders.write(store, house, case_id, clock(), "I am sorry about your kettle. A lid is on its way.")
    builders.approve(store, house, case_id, clock())
    platform = Platform()
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert platform.sent[0].to_external_id == "1"
    assert balanced(store)


def test_an_older_post_that_goes_takes_the_draft_that_may_quote_it(store: Store, house: House, clock: Clock) -> None:
    case_id, _, second = two_posts(store, house, clock())
    forget(store, house, clock(), "1")
    case = builders.state(store, case_id)
    assert (case.state, case.latest_mention_id, case.draft_stale) == (CaseState.IN_REVIEW, second, True)
    with store.reading() as work:
        draft = drafts.current(work, case_id)
    assert draft is not None
    assert draft.text is None


def test_an_open_case_is_drafted_anew_from_what_is_left(store: Store, house: House, clock: Clock) -> None:
    first = builders.mention(store, house, clock(), 1, author="ana")
    builders.mention(store, house, clock(), 2, author="ana")
    case_id = builders.case_of(store, first).id
    with store.unit_of_work() as work:
        cases.claim_undrafted(work, 10, clock())
    forget(store, house, clock.move(1), "2")
    with store.unit_of_work() as work:
        (again,) = cases.claim_undrafted(work, 10, clock())
    assert (again.id, again.latest_mention_id) == (case_id, first)


def test_a_post_deleted_before_it_was_judged_is_never_judged(store: Store, house: House, clock: Clock) -> None:
    add_posts(store, house.brand_id, [post("1")], clock())
    forget(store, house, clock(), "1")
    assert assessment.assess_batch(store, ToldJudge(), clock()) == 0
    assert balanced(store)


@pytest.mark.parametrize("change", ["deleted", "edited"])
def test_a_post_that_changes_while_it_is_judged_opens_no_case_over_its_old_words(
    store: Store, house: House, clock: Clock, change: str
) -> None:
    (mention_id,) = add_posts(store, house.brand_id, [post("1", "It leaks.")], clock()).new

    class SlowJudge(ToldJudge):
        def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: object = ()) -> list[Verdict]:
            if change == "deleted":
                forget(store, house, clock(), "1")
            else:
                edit(store, mention_id, "All is well, thank you.", clock())
            return super().assess(texts, hints)

    assessment.assess_batch(store, SlowJudge(), clock())
    with store.reading() as work:
        assert mentions.case_of(work, mention_id) is None
        assert mentions.latest_verdict(work, mention_id) is None
        assert mentions.waiting(work) is (change == "edited")
    assert balanced(store)


# --- gone while a reply is on its way --------------------------------------------------------------------------------


def test_a_post_deleted_while_we_send_is_purged_and_the_sending_ends_first(
    store: Store, house: House, clock: Clock
) -> None:
    case_id = builders.approved(store, house, clock())
    platform = Platform([lambda: forgets(store, house, clock())])
    assert publish(store, case_id, platform, clock) == CaseState.REPLIED
    assert outbox(store, case_id)[0].text is None
    assert balanced(store)


@pytest.mark.parametrize("answer", ["refused", "deferred"])
def test_a_post_deleted_while_a_sending_fails_closes_the_case(
    store: Store, house: House, clock: Clock, answer: str
) -> None:
    case_id = builders.approved(store, house, clock())

    def deleted() -> None:
        forget(store, house, clock(), "1")
        raise PublishRefused("No.") if answer == "refused" else PublishDeferred("Later.", after=1)

    assert publish(store, case_id, Platform([deleted]), clock) == CaseState.DISMISSED
    assert publishing.due(store, clock.move(60)) == []


def test_an_unclear_reply_to_a_deleted_post_is_looked_for_and_then_the_case_closes(
    store: Store, house: House, clock: Clock
) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform([PublishUncertain("?")])
    publish(store, case_id, platform, clock)
    forget(store, house, clock(), "1")
    assert builders.state(store, case_id).state is CaseState.UNCERTAIN
    for wait in publishing.LOOKS_S:
        clock.move(wait)
        look(store, platform, clock)
    assert builders.state(store, case_id).state is CaseState.DISMISSED
    assert len(platform.sent) == 1


def test_a_post_deleted_after_we_answered_leaves_the_case_answered(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, Platform(), clock)
    forget(store, house, clock(), "1")
    assert builders.state(store, case_id).state is CaseState.REPLIED
    with store.reading() as work:
        assert len(publications.standing(work, case_id)) == 1
    reviewing.withdraw(store, house.lead, case_id, "They want it gone.", clock())
    builders.approve(store, house, case_id, clock())
    assert publish(store, case_id, Platform(), clock) == CaseState.REPLIED


# --- edited ---------------------------------------------------------------------------------------------------------


def test_an_edit_puts_the_new_words_in_the_place_of_the_old(store: Store, house: House, clock: Clock) -> None:
    mention_id = builders.mention(store, house, clock())
    assert edit(store, mention_id, "My kettle number 1 leaks, and it burnt me.", clock.move(60))
    row = row_of(store, mention_id)
    assert (row.text, row.edited_at) == ("My kettle number 1 leaks, and it burnt me.", clock())
    with store.reading() as work:
        assert mentions.latest_verdict(work, mention_id) is None
    assert balanced(store)


def test_white_space_alone_is_no_edit(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.approved(store, house, clock())
    mention_id = builders.state(store, case_id).mention_id
    assert not edit(store, mention_id, " My kettle number 1\n leaks. ", clock())
    assert builders.state(store, case_id).state is CaseState.APPROVED
    assert row_of(store, mention_id).edited_at is None


def test_an_edit_takes_an_approved_reply_back_to_review(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    edit(store, builders.state(store, case_id).mention_id, "All is well again.", clock())
    case = builders.state(store, case_id)
    assert (case.state, case.draft_stale, case.send_after) == (CaseState.IN_REVIEW, True, None)
    assert seen_actions(store, case_id)[-1] == Action.POST_EDITED
    assert publish(store, case_id, platform, clock) == CaseState.IN_REVIEW
    with store.reading() as work:
        draft = drafts.current(work, case_id)
    assert draft is not None
    assert draft.text is not None, "a colleague's text is not thrown away for an edit"


def test_an_edit_while_a_reply_is_on_its_way_opens_the_case_again(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.approved(store, house, clock())
    mention_id = builders.state(store, case_id).mention_id

    def edits() -> None:
        edit(store, mention_id, "And now it burns.", clock())

    platform = Platform([edits])
    assert publish(store, case_id, platform, clock) == CaseState.OPEN
    assert len(platform.sent) == 1


def test_an_edited_post_is_judged_again_and_its_danger_counts(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.in_review(store, house, clock())
    mention_id, text = builders.state(store, case_id).mention_id, "It burnt my hand, I will sue you."
    edit(store, mention_id, text, clock.move(60))
    said = verdict(severity=Severity.BLAME, flags=[Flag.LEGAL])
    assert assessment.assess_batch(store, ToldJudge({text: said}), clock()) == 1
    case = builders.state(store, case_id)
    assert (case.delicate, case.flags, case.tier, case.state) == (True, (Flag.LEGAL,), 3, CaseState.IN_REVIEW)
    with store.reading() as work:
        assert mentions.latest_verdict(work, mention_id) is not None
        assert cases.mentions_of(work, case_id) == [mention_id]
        assert [row.id for row in cases.desk(work, "complaints")] == [case_id]
    assert balanced(store)


def test_a_harmless_post_that_is_edited_into_a_complaint_gets_a_case(store: Store, house: House, clock: Clock) -> None:
    fine, bad = "Nice shop.", "Nice shop, but my kettle leaks."
    (mention_id,) = add_posts(store, house.brand_id, [post("1", fine)], clock()).new
    judge = ToldJudge({fine: verdict(Kind.NONE), bad: verdict()})
    assessment.assess_batch(store, judge, clock())
    edit(store, mention_id, bad, clock.move(60))
    assessment.assess_batch(store, judge, clock())
    assert builders.case_of(store, mention_id).state is CaseState.OPEN
    assert balanced(store)


def test_an_edit_after_the_answer_leaves_the_case_answered(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.approved(store, house, clock())
    publish(store, case_id, Platform(), clock)
    edit(store, builders.state(store, case_id).mention_id, "Solved, thanks.", clock.move(60))
    assessment.assess_batch(store, ToldJudge(), clock())
    assert builders.state(store, case_id).state is CaseState.REPLIED
    assert balanced(store)


def test_an_edit_of_a_deleted_post_is_not_taken(store: Store, house: House, clock: Clock) -> None:
    mention_id = builders.mention(store, house, clock())
    forget(store, house, clock(), "1")
    assert not edit(store, mention_id, "Back again.", clock())
    assert row_of(store, mention_id).text is None


def test_deleting_while_others_send_and_judge_stops_nobody(store: Store, house: House, clock: Clock) -> None:
    """Three workers at once over the same posts: every case ends, no reply goes to a post known to be gone."""
    numbers = range(1, 13)
    ids = [builders.approved(store, house, clock(), number) for number in numbers]
    platform = Platform()

    def send_all() -> None:
        for case_id in ids:
            publish(store, case_id, platform, clock)

    def forget_all() -> None:
        for number in numbers:
            forget(store, house, clock(), str(number))

    def judge_all() -> None:
        for number in numbers:
            add_posts(store, house.brand_id, [post(f"more {number}", author=f"author_{number}")], clock())
            assessment.assess_batch(store, ToldJudge(), clock())

    with ThreadPoolExecutor(3) as workers:
        for one in [workers.submit(work) for work in (send_all, forget_all, judge_all)]:
            one.result()
    with store.reading() as work:
        stock = ledger.take_stock(work)
    assert (stock.gone, stock.balanced) == (len(numbers), True)
