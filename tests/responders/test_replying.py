"""Which cases must be answered by hand, and who is not answered at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from monitor.domain.errors import BadInput, Conflict, NotAllowed
from monitor.domain.lifecycle import Actor, CaseState, Role
from monitor.store import accounts, drafts, events, rechecks
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from responders import replying, reviewing
from responders.drafting import draft_batch
from responders.ports import CanReply, Target
from tests.responders.desk import BETTER, GOOD, Desk, ToldDrafter
from tests.responders.platform import Clock, Platform, publish

CLOSED = "The author lets only people they follow reply."


@dataclass
class Doorman:
    """Says of each post what it is told, and lets the others in."""

    says: Mapping[str, str] = field(default_factory=dict)
    asked: list[tuple[AccountRow, Target]] = field(default_factory=list)

    def __call__(self, account: AccountRow, target: Target) -> CanReply:
        self.asked.append((account, target))
        reason = self.says.get(target.external_id, "")
        return CanReply(allowed=not reason, reason=reason)


def drafted(desk: Desk, doorman: Doorman, *external_ids: str, text: str = GOOD) -> ToldDrafter:
    drafter = ToldDrafter(text)
    for one in external_ids:
        desk.arrives(one)
    draft_batch(desk.store, drafter, desk.now, may_reply=doorman)
    return drafter


def view(desk: Desk, case_id: int = 1) -> reviewing.CaseView:
    return reviewing.case_view(desk.store, desk.ann, case_id, desk.now)


def test_what_the_platform_does_not_take_is_drafted_and_copied_by_hand(desk: Desk) -> None:
    doorman = Doorman({"1": CLOSED})
    drafted(desk, doorman, "1")
    assert (view(desk).by_hand, view(desk).case.state) == (CLOSED, CaseState.IN_REVIEW)
    assert view(desk).draft is not None
    for actor in (desk.ann, desk.lead):
        with pytest.raises(Conflict, match="only people they follow"):
            reviewing.approve(desk.store, actor, 1, 1, desk.now, overrule="It matters.")
    reviewing.answered_by_hand(desk.store, desk.ann, 1, "https://x.example/answer", desk.now)
    assert desk.case().state is CaseState.REPLIED


def test_the_publisher_is_asked_with_what_the_source_kept_of_the_post(desk: Desk) -> None:
    desk.arrives("1")
    with desk.store.unit_of_work() as work:
        rechecks.look_next(work, 1, None, extra={"reply_settings": "following"})
    doorman = Doorman()
    draft_batch(desk.store, ToldDrafter(), desk.now, may_reply=doorman)
    ((account, target),) = doorman.asked
    assert (account.handle, target.platform, target.handle) == ("vela", "x", "author_1")
    assert target.extra == {"reply_settings": "following"}
    assert view(desk).by_hand == ""
    reviewing.approve(desk.store, desk.ann, 1, 1, desk.now)


def test_a_case_that_a_person_must_write_knows_it_too(desk: Desk) -> None:
    desk.arrives("1")
    draft_batch(desk.store, ToldDrafter(refuses=True), desk.now, may_reply=Doorman({"1": CLOSED}))
    assert view(desk).by_hand == CLOSED


def test_it_is_asked_again_while_the_case_waits(desk: Desk) -> None:
    drafted(desk, Doorman({"1": CLOSED}), "1")
    desk.arrives("2")
    assert replying.weigh_again(desk.store, Doorman({"2": CLOSED}), limit=1) == 2
    assert [view(desk, one).by_hand for one in (1, 2)] == ["", CLOSED]
    assert replying.weigh_again(desk.store, Doorman({"2": CLOSED})) == 0


def test_a_login_that_cannot_be_opened_is_a_reason_and_stops_nobody_else(desk: Desk) -> None:
    def locked(account: AccountRow, target: Target) -> CanReply:
        if target.external_id == "1":
            message = "The secret of vela cannot be opened with this key."
            raise BadInput(message)
        return CanReply(allowed=True)

    desk.arrives("1")
    desk.arrives("2")
    draft_batch(desk.store, ToldDrafter(), desk.now, may_reply=locked)
    assert view(desk, 1).by_hand == "The secret of vela cannot be opened with this key."
    assert view(desk, 2).by_hand == ""


def test_where_no_account_answers_a_person_does(desk: Desk) -> None:
    drafted(desk, Doorman(), "1")
    with desk.store.unit_of_work() as work:
        accounts.let_go(work, 1)
    assert view(desk).by_hand.startswith("No account of ours answers on X.")
    with pytest.raises(Conflict, match="No account of ours answers on X"):
        reviewing.approve(desk.store, desk.ann, 1, 1, desk.now)


# --- opting out -----------------------------------------------------------------------------------------------------


def test_nothing_is_drafted_for_a_person_who_wants_no_answer(desk: Desk) -> None:
    desk.arrives("1")
    replying.opt_out(desk.store, desk.ann, 1, "they asked us to stop", desk.now)
    drafter = drafted(desk, Doorman())
    assert drafter.briefs == []
    assert (view(desk).by_hand, view(desk).opted_out) == (replying.OPTED_OUT, True)
    assert draft_batch(desk.store, drafter, desk.now) == 0
    reviewing.save(desk.store, desk.ann, 1, GOOD, based_on=0, now=desk.now)
    with pytest.raises(Conflict, match="not to be answered"):
        reviewing.approve(desk.store, desk.lead, 1, 1, desk.now, overrule="All the same.")


def test_it_holds_for_what_they_write_later_and_for_nobody_else(desk: Desk) -> None:
    desk.arrives("1", author="kim")
    replying.opt_out(desk.store, desk.ann, 1, "stop", desk.now)
    later = desk.now + timedelta(days=3)
    desk.now = later
    second = desk.arrives("2", author="kim")
    other = desk.arrives("3", author="lee")
    assert second.id != 1
    drafter = drafted(desk, Doorman())
    assert [brief.handle for brief in drafter.briefs] == ["lee"]
    assert view(desk, second.id).by_hand == replying.OPTED_OUT
    assert view(desk, other.id).by_hand == ""


def test_a_lead_lets_them_be_answered_again(desk: Desk) -> None:
    desk.arrives("1")
    replying.opt_out(desk.store, desk.ann, 1, "they asked us to stop", desk.now)
    (one,) = replying.opt_outs(desk.store, desk.brand)
    assert (one.handle, one.why, one.who) == ("author_1", "they asked us to stop", "Ann")
    with pytest.raises(NotAllowed):
        replying.opt_in(desk.store, desk.ann, desk.brand, one.author_id, desk.now)
    replying.opt_in(desk.store, desk.lead, desk.brand, one.author_id, desk.now)
    assert replying.opt_outs(desk.store, desk.brand) == []
    assert len(drafted(desk, Doorman()).briefs) == 1
    reviewing.approve(desk.store, desk.ann, 1, 1, desk.now)


def test_writing_it_down_twice_does_no_harm(desk: Desk) -> None:
    desk.arrives("1")
    for actor in (desk.ann, desk.bob):
        replying.opt_out(desk.store, actor, 1, "stop", desk.now)
    assert len(replying.opt_outs(desk.store, desk.brand)) == 1
    with desk.store.reading() as work:
        assert [one.kind for one in events.of_case(work, 1)].count("opt_out") == 1


@pytest.mark.parametrize("actor", [Actor.person(4, Role.OBSERVER), Actor.worker("draft")], ids=["observer", "worker"])
def test_only_people_who_answer_decide_who_is_not_answered(desk: Desk, actor: Actor) -> None:
    desk.arrives("1")
    with pytest.raises(NotAllowed):
        replying.opt_out(desk.store, actor, 1, "stop", desk.now)


def test_a_reason_is_asked_for(desk: Desk) -> None:
    desk.arrives("1")
    with pytest.raises(BadInput, match="Say why"):
        replying.opt_out(desk.store, desk.ann, 1, "  ", desk.now)


# --- what a link costs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "publisher", "times"), [("x", "x", 1), ("x", "dryrun", 0), ("mastodon", "mastodon", 0)]
)
def test_the_price_of_a_link_is_said_before_it_is_spent(
    store: Store, desk: Desk, platform: str, publisher: str, times: int
) -> None:
    with store.unit_of_work() as work:
        accounts.let_go(work, 1)
        accounts.add(work, desk.brand, platform, "vela2", publisher, desk.now)
    case = desk.arrives("9", platform=platform)
    dear = reviewing.check_text(store, case.id, f"{BETTER} https://vela.example/lids", desk.now)
    plain = reviewing.check_text(store, case.id, BETTER, desk.now)
    said = [one.why for one in dear if one.rule == "price"]
    link = "This reply costs about $0.20 on X because it has a link; without it, about $0.01."
    assert said == [link] * times
    assert [one for one in plain if one.rule == "price"] == []


# --- what stands on the platform ------------------------------------------------------------------------------------


def sends(desk: Desk, platform: Platform, revision: int) -> None:
    reviewing.approve(desk.store, desk.lead, 1, revision, desk.now, overrule="a test")
    clock = Clock(desk.now)
    clock.move(60)
    assert publish(desk.store, 1, platform, clock) == CaseState.REPLIED


def test_where_a_correction_stands_beneath_the_answer_each_is_withdrawn_by_itself(desk: Desk) -> None:
    platform = Platform()  # gives every sending an id of its own, as X and Bluesky do
    drafted(desk, Doorman(), "1")
    sends(desk, platform, 1)
    reviewing.correct(desk.store, desk.ann, 1, desk.now)
    reviewing.save(desk.store, desk.ann, 1, BETTER, based_on=2, now=desk.now)
    sends(desk, platform, 3)
    assert view(desk).standing == 2
    for revision, (replaced, left) in enumerate((("post-2", 1), ("post-1", 0)), start=4):
        reviewing.withdraw(desk.store, desk.ann, 1, "It was wrong.", desk.now)
        sends(desk, platform, revision)
        sent = platform.sent[-1].replaces
        assert sent is not None
        assert (sent.external_id, view(desk).standing) == (replaced, left)
    with pytest.raises(Conflict, match="taken down already"):
        reviewing.withdraw(desk.store, desk.ann, 1, "Again.", desk.now)


def test_after_a_withdrawn_correction_the_answer_can_be_corrected_again(desk: Desk) -> None:
    platform = Platform()
    drafted(desk, Doorman(), "1")
    sends(desk, platform, 1)
    reviewing.correct(desk.store, desk.ann, 1, desk.now)
    reviewing.save(desk.store, desk.ann, 1, BETTER, based_on=2, now=desk.now)
    sends(desk, platform, 3)
    reviewing.withdraw(desk.store, desk.ann, 1, "It was wrong.", desk.now)
    sends(desk, platform, 4)
    reviewing.correct(desk.store, desk.ann, 1, desk.now)
    with desk.store.reading() as work:
        draft = drafts.current(work, 1)
    assert draft is not None
    assert draft.text == GOOD, "it begins with the words that stand"
