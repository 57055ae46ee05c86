"""One customer on each platform, from the post to the answer to their answer, and to its deletion."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.errors import Conflict
from monitor.domain.lifecycle import CaseState
from monitor.simulated.world import SimPost
from monitor.store import cases, ledger, mentions, publications
from responders import replying, reviewing
from tests.platforms.day import QuickJudge
from tests.platforms.town import ANSWERABLE, STREETS, Town

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
REPLY = "A kettle that is broken after a week is our fault, and we are sorry. We look into it and write here today."


@pytest.fixture
def town(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    with Town(sqlite_url, tmp_path, START, (request.param,)) as here:
        here.judge = QuickJudge()
        yield here.settle_in()


def hears(town: Town) -> None:
    """Let a minute pass, pull, judge and draft."""
    town.clock.move(60)
    town.pull()
    town.judge_all()


def case_about(town: Town, name: str, post: SimPost) -> int:
    """Return the case that a post is in."""
    with town.store.reading() as work:
        for tab in ("complaints", "others"):
            for row in cases.desk(work, tab):
                ids = cases.mentions_of(work, row.id)
                if town.known_as(name, post) in {one.external_id for one in mentions.get_many(work, ids)}:
                    return row.id
    pytest.fail("no case of this post stands on the desk")


def answered(town: Town, name: str, handle: str = "ana") -> tuple[int, SimPost]:
    """Let a customer complain and a lead answer; return the case and the post."""
    post = town.says(name, handle, "My kettle is broken after one week.")
    hears(town)
    case_id = case_about(town, name, post)
    town.approve(case_id, REPLY)
    town.clock.move(30)
    assert town.publish(case_id) == CaseState.REPLIED
    return case_id, post


every = pytest.mark.parametrize("town", ANSWERABLE, indirect=True)


def name_of(town: Town) -> str:
    return next(iter(town.platforms))


@every
def test_a_complaint_is_heard_drafted_approved_and_answered_where_it_was_written(town: Town) -> None:
    name = name_of(town)
    case_id, post = answered(town, name)
    ((to, text),) = town.replies(name)
    assert to == town.known_as(name, post)
    assert REPLY in text
    with town.store.reading() as work:
        (sent,) = publications.outbox(work, case_id=case_id)
    assert sent.state == "sent"
    assert sent.external_id
    assert sent.url.startswith("http")
    assert not sent.simulated


@every
def test_our_own_reply_comes_back_with_the_next_poll_and_opens_nothing(town: Town) -> None:
    name = name_of(town)
    case_id, _ = answered(town, name)
    for _ in range(3):
        hears(town)
    assert town.case(case_id).state is CaseState.REPLIED
    with town.store.reading() as work:
        assert cases.desk(work, "complaints") == []
        assert ledger.take_stock(work).balanced


@every
def test_what_the_customer_answers_opens_the_same_case(town: Town) -> None:
    name = name_of(town)
    case_id, post = answered(town, name)
    ours = town.platforms[name].world.by(town.own_handle(name))[-1]
    again = town.says(name, post.author.handle, "Still broken, and still nobody came.", reply_to=ours)
    hears(town)
    assert case_about(town, name, again) == case_id
    assert town.case(case_id).state is CaseState.IN_REVIEW


@every
def test_a_post_that_is_deleted_is_forgotten_and_never_answered(town: Town) -> None:
    name = name_of(town)
    post = town.says(name, "ana", "My kettle is broken, and so is your service.")
    hears(town)
    case_id = case_about(town, name, post)
    town.approve(case_id, REPLY)
    town.platforms[name].world.delete(post.id)
    town.clock.move(30)
    assert town.publish(case_id) == CaseState.DISMISSED
    assert town.replies(name) == []
    with town.store.reading() as work:
        (kept,) = mentions.get_many(work, cases.mentions_of(work, case_id))
        stock = ledger.take_stock(work)
    assert kept.text is None
    assert (stock.gone, stock.balanced) == (1, True)


@pytest.mark.parametrize("town", sorted(set(ANSWERABLE) - {"bluesky"}), indirect=True)  # nobody can edit there
def test_a_post_that_was_changed_after_the_approval_goes_back_to_the_desk(town: Town) -> None:
    name = name_of(town)
    post = town.says(name, "ana", "My kettle is broken.")
    hears(town)
    case_id = case_about(town, name, post)
    town.approve(case_id, REPLY)
    town.platforms[name].world.edit(post.id, f"{post.text} And now it is on fire, broken for good.")
    town.clock.move(30)
    assert town.publish(case_id) == CaseState.IN_REVIEW
    assert town.replies(name) == []


@every
def test_a_deletion_is_found_by_looking_again_within_the_hour(town: Town) -> None:
    name = name_of(town)
    post = town.says(name, "ana", "My kettle is broken, says ana of 12 Elm Street.")
    hears(town)
    case_id = case_about(town, name, post)
    town.platforms[name].world.delete(post.id)
    town.clock.move(3700)
    town.recheck()
    assert town.case(case_id).state is CaseState.DISMISSED
    with town.store.reading() as work:
        assert ledger.take_stock(work).gone == 1


@pytest.mark.parametrize("town", sorted(set(STREETS) - set(ANSWERABLE)), indirect=True)
def test_where_nobody_can_reply_for_us_the_case_says_so_and_a_person_answers_by_hand(town: Town) -> None:
    name = name_of(town)
    post = town.says(name, "ana", "My kettle is broken after one week.")
    hears(town)
    case = town.case(case_about(town, name, post))
    with town.store.reading() as work:
        assert replying.why_by_hand(work, case)
    with pytest.raises(Conflict):
        reviewing.approve(town.store, town.people[0], case.id, case.revision, town.clock.now(), overrule="in a test")
    done = reviewing.answered_by_hand(town.store, town.people[0], case.id, "https://example.org/1", town.clock.now())
    assert done.state is CaseState.REPLIED
