"""Building watches on the pages: tried first, started, changed, ended; against a simulated Mastodon and X."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.domain.lifecycle import Role
from monitor.logins import lock
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Fault
from monitor.simulated.x import SimulatedX
from monitor.store import accounts, spending, watches
from monitor.store.watches import WatchRow
from tests.api.pages.conftest import Town, in_order, said
from tests.api.pages.platform import connect, mastodon


@pytest.fixture
def platform(place: Town) -> Iterator[SimulatedMastodon]:
    with mastodon(place.house.clock) as found:
        yield found


@pytest.fixture
def account(place: Town, platform: SimulatedMastodon) -> int:
    return connect(place.browser(Role.LEAD), place.brand_id, platform)


def hashtag(place: Town, account: int, /, **more: str) -> dict[str, str]:
    form = {"brand": str(place.brand_id), "source": "mastodon", "kind": "hashtag", "account": str(account)}
    return {**form, "places": "#velakettles", "every": "60", **more}


def watched(place: Town) -> list[WatchRow]:
    with place.house.store.reading() as work:
        return [one for one in watches.listed(work, place.brand_id) if one.source != "replay"]


def test_the_kinds_of_all_sources_are_offered(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    words = said(lead.get("/watches/new"))
    assert in_order(words, ["X", "X bills each post read", "Reddit", "Mastodon", "Hacker News", "A feed"])
    only = said(lead.get("/watches/new?source=feed"))
    assert "Entries of these feeds" in only
    assert "Reddit" not in only.partition("What should be watched?")[2].partition("All kinds")[0]
    feed = said(lead.get("/watches/new?source=feed&kind=feed"))
    assert "Address of a feed" in feed
    assert "Read as" not in feed


def test_a_preview_shows_what_would_be_found_and_stores_nothing(
    place: Town, platform: SimulatedMastodon, account: int
) -> None:
    lead = place.browser(Role.LEAD)
    platform.customer("ana", "The lid <b>broke</b> #velakettles", language="en")
    place.house.clock.forward(hours=3)
    platform.customer("omar", "الغطاء مكسور #velakettles", language="ar")
    place.house.clock.forward(minutes=5)
    page = lead.post("/watches/preview", data=hashtag(place, account, name="Kettles"))
    assert page.status_code == 200, said(page)
    assert in_order(
        said(page), ["2 posts, ~8 a day.", "Arabic 1", "@omar", "@ana", "The lid", "Nothing of this was stored."]
    )
    assert 'lang="ar"' in page.text
    assert "<b>broke" not in page.text
    assert 'value="Kettles"' in page.text
    assert watched(place) == []
    with place.house.store.reading() as work:
        assert spending.quotas(work, f"account:{account}"), "what the look used up is booked"


def test_a_preview_that_finds_nothing_says_that_this_may_be_right(
    place: Town, platform: SimulatedMastodon, account: int
) -> None:
    page = said(place.browser(Role.LEAD).post("/watches/preview", data=hashtag(place, account)))
    assert "Nothing. That may be right" in page


def test_a_watch_is_started_changed_paused_and_removed(place: Town, account: int) -> None:
    lead = place.browser(Role.LEAD)
    landed = lead.post("/watches", data=hashtag(place, account, name="Kettles", langs="EN, ar", without="jobs"))
    assert landed.status_code == 303
    (row,) = watched(place)
    query = {"kind": "hashtag", "places": ["#velakettles"], "langs": ["en", "ar"], "without": ["jobs"]}
    assert (row.query, row.account_id, row.every_s, row.name) == (query, account, 60, "Kettles")
    assert "It is watching." in said(lead.get(landed.headers["location"]))
    at = f"/watches/{row.id}"
    with place.house.store.unit_of_work() as work:
        watches.change(work, row.id, cursor="far")
    lead.post(at, data=hashtag(place, account, name="Lids", langs="en, ar", without="jobs", every="300"))
    (row,) = watched(place)
    assert (row.name, row.every_s, row.cursor) == ("Lids", 300, "far"), "it goes on where it was"
    lead.post(at, data=hashtag(place, account, places="lids"))
    (row,) = watched(place)
    assert (row.query["places"], row.cursor) == (["lids"], ""), "it looks for something else: it starts anew"
    assert lead.post(f"{at}/pause").status_code == 303
    assert "paused" in said(lead.get(at))
    lead.post(f"{at}/resume")
    assert not watched(place)[0].paused
    assert lead.post(f"{at}/remove").headers["location"] == "/sources"
    assert lead.get(at).status_code == 404


@pytest.mark.parametrize(
    ("form", "where", "why"),
    [
        ({"kind": "hashtag", "places": ""}, "places", "Give at least one hashtag."),
        ({"kind": "search", "words": " , "}, "words", "Say which words to look for."),
        ({"kind": "mentions", "account": ""}, "account", "connect one on mastodon first"),
        ({"kind": "mentions", "account": "1"}, "account", "is not an account of this brand on mastodon"),
        ({"kind": "mentions", "account": "999"}, "account", "There is no account number 999"),
        ({"kind": "hashtag", "every": "0"}, "every", "every second at the most"),
    ],
)
def test_what_keeps_a_watch_from_working_is_said_at_its_field(
    place: Town, account: int, form: dict[str, str], where: str, why: str
) -> None:
    lead = place.browser(Role.LEAD)
    given = hashtag(place, account, **form)
    page = lead.post("/watches", data=given)
    assert page.status_code == 422
    assert why in said(page)
    at_field = page.text.partition(f'id="{where}"')[2]
    assert why in at_field
    assert watched(place) == []


def test_a_platform_that_refuses_says_what_to_do(place: Town, platform: SimulatedMastodon, account: int) -> None:
    lead = place.browser(Role.LEAD)
    platform.sign_ins.tokens.clear()
    page = lead.post("/watches/preview", data=hashtag(place, account, kind="mentions"))
    assert page.status_code == 409
    assert f'href="/accounts/{account}/connect"' in page.text
    platform.faults.plan(Fault.LIMIT, times=9)
    assert "wants fewer calls" in said(lead.post("/watches/preview", data=hashtag(place, account, kind="mentions")))


def test_a_preview_of_x_says_what_it_costs(place: Town) -> None:
    lead, clock = place.browser(Role.LEAD), place.house.clock
    state: Any = place.house.app.state
    with SimulatedX(clock=lambda: clock().timestamp()) as platform:
        login = platform.connect("vela_x")
        for number in range(5):
            platform.customer(f"buyer{number}", f"My acme kettle number {number} leaks.")
            clock.forward(hours=6)
        platform.customer("vela_fan", "acme, again")
        clock.forward(minutes=2)
        with place.house.store.unit_of_work() as work:
            number = accounts.add(
                work,
                place.brand_id,
                "x",
                "vela_x",
                "x",
                clock(),
                secret=lock(login, state.vault),
                host=login.host,
                external_id=login.external_id,
                options=dict(login.options),
            )
        form = {"brand": str(place.brand_id), "source": "x", "kind": "search", "account": str(number), "words": "acme"}
        form["without_authors"] = "vela_fan"
        page = said(lead.post("/watches/preview", data=form))
        assert "5 posts, ~4 a day." in page
        assert "This look cost $0.0" in page
        assert "At this pace the watch costs ~$" in page
        with place.house.store.unit_of_work() as work:
            spent = spending.this_month(work, number, clock())
            accounts.change(work, number, cap_micros=spent + 1)
        assert spent > 0
        refused = lead.post("/watches/preview", data=form)
        assert refused.status_code == 409
        assert "would pass the account's cap" in said(refused)


def test_only_leads_and_admins_build_watches_and_only_with_a_form_of_ours(place: Town, account: int) -> None:
    form = hashtag(place, account)
    made = place.browser(Role.LEAD).post("/watches", data=form).headers["location"].split("?")[0]
    writes = ("/watches", "/watches/preview", made, f"{made}/pause", f"{made}/resume", f"{made}/remove")
    for role in (Role.OBSERVER, Role.AGENT, Role.PR_LEAD):
        client = place.browser(role)
        assert [client.get(one).status_code for one in ("/watches/new", made)] == [403] * 2
        assert [client.post(one, data=form).status_code for one in writes] == [403] * 6
    stranger = place.browser(Role.LEAD)
    del stranger.headers["X-CSRF-Token"]
    assert [stranger.post(one, data=form).status_code for one in writes] == [403] * 6
    assert len(watched(place)) == 1


def test_a_watch_of_files_can_be_paused_here_and_its_file_not_changed(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    with place.house.store.unit_of_work() as work:
        made = watches.add(work, place.brand_id, "replay", {"path": "demo"}, place.house.clock())
    assert lead.get(f"/watches/{made}").status_code == 200
    lead.post(f"/watches/{made}", data={"name": "Old posts", "every": "30", "path": "/etc/passwd", "source": "feed"})
    with place.house.store.reading() as work:
        row = watches.get(work, made)
    assert row
    assert (row.name, row.query, row.source) == ("Old posts", {"path": "demo"}, "replay")


def test_a_watch_of_no_kind_is_refused_in_words(place: Town, account: int) -> None:
    lead = place.browser(Role.LEAD)
    lead.headers["accept"] = "text/html"
    made = lead.post("/watches", data=hashtag(place, account)).headers["location"].split("?")[0]
    for at, odd in (("/watches", "source"), ("/watches/preview", "source"), ("/watches", "kind"), (made, "kind")):
        answer = lead.post(at, data=hashtag(place, account, **{odd: "nothing"}))
        assert answer.status_code == 422, (at, odd)
        assert "nothing" in said(answer) or "no watch of this kind" in said(answer)
    assert len(watched(place)) == 1
