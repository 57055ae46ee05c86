"""The sources page: how well we listen, in sentences, and what a manager can press."""

from datetime import timedelta
from typing import Any

import pytest

from monitor import budgets
from monitor.domain.errors import Remedy
from monitor.domain.lifecycle import Role
from monitor.domain.records import Quota, Usage
from monitor.store import accounts, watches
from tests.api.conftest import House
from tests.api.pages.conftest import HTML, Town, in_order, said

MINUTE = timedelta(minutes=1)


@pytest.fixture
def account(place: Town) -> int:
    now = place.house.clock()
    with place.house.store.unit_of_work() as work:
        return accounts.add(work, place.brand_id, "x", "acme_x", "x", now, secret=b"locked", cap_micros=50_000_000)


def watch(place: Town, account: int | None, **as_it_is: Any) -> int:
    now = place.house.clock()
    with place.house.store.unit_of_work() as work:
        query = {"kind": "search", "words": ["acme <b>", "parcel"]}
        added = watches.add(work, place.brand_id, "x", query, now, every_s=60, account_id=account)
        good = {"last_good_at": now - MINUTE, "next_poll_at": now + MINUTE}
        watches.change(work, added, **{**good, **as_it_is})
    return added


def row(place: Town, watch_id: int) -> watches.WatchRow:
    with place.house.store.reading() as work:
        found = watches.get(work, watch_id)
    assert found
    return found


def test_without_a_source_a_lead_is_told_what_to_do(house: House) -> None:
    page = house.browser(Role.LEAD).get("/sources", headers=HTML)
    assert "Nothing is watched yet." in said(page)
    assert 'href="/watches/new"' in page.text
    assert 'href="/accounts/connect"' in page.text
    observer = house.browser(Role.OBSERVER).get("/sources", headers=HTML)
    assert "A lead or an admin adds what to listen for." in said(observer)
    assert 'href="/watches/new"' not in observer.text


def test_everybody_sees_that_all_is_well(place: Town, account: int) -> None:
    watch(place, account)
    for role in Role:
        words = said(place.browser(role).get("/sources"))
        assert in_order(words, ["The watch is live.", "@acme_x on X", "acme <b>, parcel live", "heard 1 min ago"])


def test_what_a_name_holds_is_shown_as_text(place: Town, account: int) -> None:
    watch(place, account)
    page = place.browser().get("/sources").text
    assert "acme &lt;b&gt;" in page
    assert "acme <b>" not in page


@pytest.mark.parametrize(
    ("remedy", "label", "to"),
    [
        (Remedy.RECONNECT, "Sign in again", "/accounts/{account}/connect"),
        (Remedy.ACCESS, "Look at the account", "/accounts/{account}"),
        (Remedy.RAISE_CAP, "Raise the cap", "/accounts/{account}"),
        (Remedy.CHANGE_WATCH, "Change the watch", "/watches/{watch}"),
        (Remedy.WAIT, "", ""),
    ],
)
def test_an_error_comes_with_what_helps(place: Town, account: int, remedy: Remedy, label: str, to: str) -> None:
    watch_id = watch(place, account, last_error="X said no.", remedy=str(remedy), failing_since=place.house.clock())
    page = place.browser(Role.LEAD).get("/sources")
    state = "stopped at its cap" if remedy is Remedy.RAISE_CAP else "does not answer"
    assert in_order(said(page), ["1 watch needs attention.", state, "X said no."])
    if label:
        assert f'href="{to.format(account=account, watch=watch_id)}">{label}</a>' in page.text
        assert f">{label}</a>" not in place.browser(Role.AGENT).get("/sources").text
    else:
        assert "It is tried again by itself" in said(page)


def test_a_gap_is_a_sentence_until_a_lead_takes_note(place: Town, account: int) -> None:
    watch_id, now = watch(place, account), place.house.clock()
    with place.house.store.unit_of_work() as work:
        gap = watches.add_gap(work, watch_id, now - 60 * MINUTE, now, "X keeps seven days only.", now)
    lead = place.browser(Role.LEAD)
    sentence = "Posts between 09:00 UTC and 10:00 UTC may be missing: X keeps seven days only."
    assert in_order(said(lead.get("/sources")), [sentence, "Taken note"])
    assert "Posts may be missing in one window." in said(lead.get("/"))
    agent = place.browser(Role.AGENT)
    assert sentence in said(agent.get("/sources"))
    assert "Taken note" not in said(agent.get("/sources"))
    assert agent.post(f"/sources/gaps/{gap}/noted").status_code == 403
    answer = lead.post(f"/sources/gaps/{gap}/noted")
    assert answer.headers["location"] == f"/sources#watch-{watch_id}"
    assert "may be missing" not in said(lead.get("/sources"))
    assert "may be missing" not in said(lead.get("/"))
    assert lead.post("/sources/gaps/999/noted").status_code == 404


def test_a_lead_asks_now_pauses_and_lets_go_on(place: Town, account: int) -> None:
    watch_id, now = watch(place, account, next_poll_at=place.house.clock() + timedelta(days=1)), place.house.clock()
    lead = place.browser(Role.LEAD)
    assert lead.post(f"/sources/watches/{watch_id}/poll").status_code == 303
    assert row(place, watch_id).next_poll_at == now
    lead.post(f"/sources/watches/{watch_id}/pause")
    assert row(place, watch_id).paused
    words = said(lead.get("/sources"))
    assert in_order(words, ["Nothing is watched now.", "paused", "Go on"])
    lead.post(f"/sources/watches/{watch_id}/resume")
    assert not row(place, watch_id).paused
    assert lead.post("/sources/watches/999/poll").status_code == 404


@pytest.mark.parametrize("what", ["poll", "pause", "resume"])
@pytest.mark.parametrize("role", [Role.OBSERVER, Role.AGENT, Role.PR_LEAD])
def test_whoever_does_not_manage_changes_nothing(place: Town, account: int, what: str, role: Role) -> None:
    watch_id = watch(place, account)
    before = row(place, watch_id)
    assert place.browser(role).post(f"/sources/watches/{watch_id}/{what}").status_code == 403
    assert row(place, watch_id) == before


def test_costs_are_drawn_by_day_and_held_against_the_cap(place: Town, account: int) -> None:
    watch_id, now = watch(place, account), place.house.clock()
    with place.house.store.unit_of_work() as work:
        mine = accounts.get(work, account)
        usage = Usage((Quota("search", 450, 423, 600),), {"post_read": 200})
        budgets.book(work, mine, f"watch:{watch_id}", usage, now)
        budgets.book(work, mine, "reply", Usage(billed={"post": 100}), now - timedelta(days=3))
    page = place.browser(Role.LEAD).get("/sources")
    words = said(page)
    assert in_order(words, ["$1.00 today, $1.00 this month", "Calls left: search 423 of 450", "all again in 10 min"])
    assert "$1.00 today · $1.00 of $50.00 this month" in words
    assert "<title>2026-02-27: $1.50</title>" in page.text
    assert 'height="48.0"' in page.text, "the dearest day is as tall as it gets"


def test_an_account_that_must_sign_in_again_says_so_even_without_a_watch(place: Town, account: int) -> None:
    with place.house.store.unit_of_work() as work:
        accounts.change(work, account, error="X ended this sign-in.")
    page = place.browser(Role.LEAD).get("/sources")
    assert in_order(
        said(page), ["@acme_x on X", "X ended this sign-in.", "Connected for replies; no watch reads with it."]
    )
    assert f'href="/accounts/{account}/connect"' in page.text


def test_a_time_of_being_down_is_remembered(place: Town, account: int) -> None:
    now = place.house.clock()
    watch(place, account, down_at=now - 120 * MINUTE, back_at=now - 30 * MINUTE)
    assert "was down from 2 Mar, 08:00 to 09:30 UTC" in said(place.browser().get("/sources"))


def test_the_page_holds_no_inline_script_or_style_and_no_secret(place: Town, account: int) -> None:
    watch(place, account)
    page = place.browser(Role.LEAD).get("/sources").text
    assert "<style" not in page
    assert " style=" not in page
    assert "locked" not in page


def test_the_front_page_names_the_watch_that_fails_and_leads_to_it(place: Town, account: int) -> None:
    watch(place, account, last_error="X said no.", remedy="reconnect", failing_since=place.house.clock())
    page = place.browser().get("/")
    assert "1 of 1 sources is not heard: acme <b>, parcel: X said no." in said(page)
    assert '<a href="/sources">Look at the sources</a>' in page.text


def test_a_watch_that_nobody_asks_any_more_is_not_called_live(place: Town, account: int) -> None:
    watch(place, account)
    place.house.clock.forward(minutes=20)
    assert "All sources live" not in said(place.browser().get("/"))
    assert "It has not been asked for too long" in said(place.browser().get("/sources"))
