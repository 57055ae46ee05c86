"""The last look before a reply is sent, and what must be paid for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from monitor.domain.errors import RetryLater, SourceRefused
from monitor.domain.lifecycle import CaseState
from monitor.domain.records import Login, Looked, Presence, Quota, Seen, Usage
from monitor.store import accounts, events, ledger, mentions, spending
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store
from responders import publishing, replying, reviewing
from responders.ports import PublishUncertain
from tests import builders
from tests.builders import House
from tests.making import post
from tests.responders.platform import Clock, Platform, look, outbox, seen_actions

TEXT = "My kettle number 1 leaks."


@dataclass
class Window:
    """What a look shows: the post as it was, unless told otherwise; or an error."""

    shows: list[Seen | Exception | None] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    looks: int = 0
    meanwhile: Callable[[], None] = lambda: None

    def load(self, account: AccountRow) -> publishing.LookUp:
        """Be the window of every account."""
        return self.look_up

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Show the next thing."""
        self.looks += 1
        self.meanwhile()
        shown = self.shows.pop(0) if self.shows else Seen("1", Presence.THERE, post("1", TEXT))
        if isinstance(shown, Exception):
            raise shown
        return Looked((shown,) if shown else (), self.usage)


@pytest.fixture
def house(store: Store, clock: Clock) -> House:
    return builders.house(store, clock())


def send(store: Store, case_id: int, platform: Platform, window: Window, clock: Clock) -> str:
    return publishing.publish_case(store, case_id, platform.load, clock, load_look=window.load)


def test_a_post_that_is_still_as_it_was_is_answered(store: Store, house: House, clock: Clock) -> None:
    case_id, platform, window = builders.approved(store, house, clock()), Platform(), Window()
    assert send(store, case_id, platform, window, clock) == CaseState.REPLIED
    assert (window.looks, len(platform.sent)) == (1, 1)


@pytest.mark.parametrize("presence", [Presence.GONE, Presence.HIDDEN])
def test_nothing_is_sent_to_a_post_that_is_gone(store: Store, house: House, clock: Clock, presence: Presence) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    window = Window([Seen("1", presence)])
    assert send(store, case_id, platform, window, clock) == CaseState.DISMISSED
    assert platform.sent == []
    assert outbox(store, case_id)[0].state == "undone"
    with store.reading() as work:
        (row,) = mentions.get_many(work, [builders.state(store, case_id).mention_id])
        assert (row.text, ledger.take_stock(work).balanced) == (None, True)
    assert seen_actions(store, case_id)[-4:] == ["claim", "deferred", "", "gone"]
    assert publishing.due(store, clock.move(3600)) == []


def test_with_another_post_still_there_a_person_decides_anew(store: Store, house: House, clock: Clock) -> None:
    first = builders.mention(store, house, clock(), 1, author="ana")
    builders.mention(store, house, clock(), 2, author="ana")
    case_id, platform = builders.case_of(store, first).id, Platform()
    builders.write(store, house, case_id, clock())
    builders.approve(store, house, case_id, clock())
    assert send(store, case_id, platform, Window([Seen("2", Presence.GONE)]), clock) == CaseState.IN_REVIEW
    assert platform.sent == []
    assert builders.state(store, case_id).latest_mention_id == first


def test_an_edited_post_goes_back_to_review_with_its_new_words(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    window = Window([Seen("1", Presence.THERE, post("1", "All is well again, thank you."))])
    assert send(store, case_id, platform, window, clock) == CaseState.IN_REVIEW
    assert platform.sent == []
    view = reviewing.case_view(store, house.lead, case_id, clock())
    assert (view.latest.text, view.case.draft_stale) == ("All is well again, thank you.", True)
    builders.write(store, house, case_id, clock(), "Good to hear. Thank you for telling us about the kettle.")
    builders.approve(store, house, case_id, clock())
    same = Window([Seen("1", Presence.THERE, post("1", "All is well again,\nthank you."))])
    assert send(store, case_id, platform, same, clock) == CaseState.REPLIED


@pytest.mark.parametrize(
    "shown", [None, Seen("1", Presence.UNKNOWN), RetryLater("Busy.", after=60)], ids=["nothing", "unknown", "busy"]
)
def test_what_cannot_be_seen_is_not_answered_blindly_and_ends_with_a_person(
    store: Store, house: House, clock: Clock, shown: Seen | Exception | None
) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    window = Window([shown] * publishing.MOST_TRIES)
    assert send(store, case_id, platform, window, clock) == CaseState.APPROVED
    assert "Nothing was sent." in outbox(store, case_id)[0].error
    for _ in range(publishing.MOST_TRIES - 1):
        clock.move(60)
        state = send(store, case_id, platform, window, clock)
    assert (state, platform.sent) == (CaseState.FAILED, [])
    with store.reading() as work:
        (row,) = mentions.get_many(work, [builders.state(store, case_id).mention_id])
    assert row.gone_at is None


def test_a_look_that_is_refused_goes_to_a_person_at_once(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    window = Window([SourceRefused("The sign-in of vela_care has ended.")])
    assert send(store, case_id, platform, window, clock) == CaseState.FAILED
    assert outbox(store, case_id)[0].error == "The sign-in of vela_care has ended. Nothing was sent."


def test_our_own_words_are_taken_back_without_a_look(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    send(store, case_id, platform, Window(), clock)
    reviewing.withdraw(store, house.lead, case_id, "Wrong day.", clock())
    builders.approve(store, house, case_id, clock())
    window = Window([Seen("1", Presence.GONE)])
    assert send(store, case_id, platform, window, clock) == CaseState.REPLIED
    assert window.looks == 0


def test_a_sending_given_up_while_it_looked_comes_to_a_person_and_the_post_is_forgotten(
    store: Store, house: House, clock: Clock
) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()

    def judged_dead() -> None:
        clock.move(3600)
        look(store, platform, clock)

    window = Window([Seen("1", Presence.GONE)], meanwhile=judged_dead)
    assert send(store, case_id, platform, window, clock) == CaseState.DISMISSED
    assert platform.sent == []


def test_what_looking_and_sending_cost_is_booked(store: Store, house: House, clock: Clock) -> None:
    case_id = builders.approved(store, house, clock())
    window = Window(usage=Usage((Quota("lookup", 300, 17, 60.0),), {"post_read": 1}))
    send(store, case_id, Platform([PublishUncertain("?")]), window, clock)
    with store.reading() as work:
        assert spending.this_month(work, house.account_id, clock()) == 5_000
        assert [(one.bucket, one.remaining) for one in spending.quotas(work)] == [("lookup", 17)]


def test_a_reply_that_would_break_the_months_cap_is_not_sent(store: Store, house: House, clock: Clock) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    with store.unit_of_work() as work:
        accounts.change(work, house.account_id, cap_micros=1_000_000)
        spending.add(work, house.account_id, "watch:1", {"post_read": 191}, {"post_read": 5_000}, clock())
    assert send(store, case_id, platform, Window(), clock) == CaseState.REPLIED, "0.955 and at most 0.045 are 1.00"
    again = builders.approved(store, house, clock(), 2)
    with store.unit_of_work() as work:
        spending.add(work, house.account_id, "watch:1", {"post_read": 1}, {"post_read": 5_000}, clock())
    assert send(store, again, platform, Window(), clock) == CaseState.FAILED
    assert len(platform.sent) == 1
    assert "cap of $1.00 for vela_care" in outbox(store, again)[0].error


def test_a_person_who_wants_no_answer_gets_none_even_when_it_was_approved(
    store: Store, house: House, clock: Clock
) -> None:
    case_id, platform = builders.approved(store, house, clock()), Platform()
    replying.opt_out(store, house.lead, case_id, "they asked us to stop", clock())
    assert builders.state(store, case_id).state is CaseState.IN_REVIEW
    assert send(store, case_id, platform, Window(), clock) == CaseState.IN_REVIEW
    assert platform.sent == []
    with store.reading() as work:
        happened = events.of_case(work, case_id)
    assert happened[0].data["why"] == "this person is not to be answered"
