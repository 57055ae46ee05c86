"""Connecting accounts on the pages, against platforms that are simulated on loopback."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from monitor.domain.lifecycle import Role
from monitor.domain.records import Login
from monitor.logins import lock
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.reddit import CLIENT_ID, CLIENT_SECRET, SimulatedReddit
from monitor.simulated.server import Fault
from monitor.simulated.x import SimulatedX
from monitor.store import accounts, watches
from monitor.store.accounts import AccountRow
from tests.api.conftest import House
from tests.api.pages.conftest import Town, in_order, said
from tests.api.pages.platform import allow, begin, connect, link_in, mastodon


@pytest.fixture
def platform(place: Town) -> Iterator[SimulatedMastodon]:
    with mastodon(place.house.clock) as found:
        yield found


def account(place: Town, number: int) -> AccountRow:
    with place.house.store.reading() as work:
        return accounts.get(work, number)


def every(place: Town) -> list[AccountRow]:
    with place.house.store.reading() as work:
        return [one for one in accounts.of_brand(work) if one.secret]


def test_an_account_is_connected_by_way_of_its_platform(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    choice = said(lead.get("/accounts/connect"))
    assert in_order(choice, ["X", "Reddit", "Mastodon", "you sign in on its own server", "Bluesky"])
    url = begin(lead, place.brand_id, platform)
    assert url.startswith(f"{platform.url}/oauth/authorize?")
    landed = lead.get(allow(url))
    assert landed.status_code == 303
    assert landed.headers["referrer-policy"] == "no-referrer"
    assert "code" not in landed.headers["location"]
    page = lead.get(landed.headers["location"])
    assert "Connected as @vela_care@" in said(page)
    assert "can read · can reply" in said(page)
    assert "A reply may have 500 characters" in said(page)
    add = link_in(page.text, "Add a watch")
    assert f"brand={place.brand_id}&source=mastodon" in add
    assert lead.get(add).status_code == 200
    (row,) = every(place)
    assert (row.platform, row.publisher, row.host) == ("mastodon", "mastodon", platform.url)


def test_the_code_that_comes_back_is_in_no_log_and_no_page(
    place: Town, platform: SimulatedMastodon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lead = place.browser(Role.LEAD)
    back = allow(begin(lead, place.brand_id, platform))
    landed = lead.get(back)
    assert landed.status_code == 303
    (row,) = every(place)
    assert row.secret
    secrets = [part.partition("=")[2] for part in back.partition("?")[2].split("&")]
    secrets += json.loads(place.house.app.state.vault.unlock(row.secret)).values()
    told = [landed, lead.get(back), lead.get(f"/accounts/{row.id}"), lead.get("/api/v1/accounts")]
    heard = caplog.text + "".join(one.text + str(one.headers) for one in told)
    assert "/accounts/connected" in heard, "the visit itself is logged"
    assert len(secrets) == 5
    assert [one for one in secrets if one in heard] == []


def test_an_answer_counts_once_and_only_for_the_one_who_began(place: Town, platform: SimulatedMastodon) -> None:
    lead, admin = place.browser(Role.LEAD), place.browser(Role.ADMIN)
    back = allow(begin(lead, place.brand_id, platform))
    stolen = admin.get(back)
    assert stolen.status_code == 403
    assert "begun by somebody else. Nothing was connected." in said(stolen)
    assert lead.get(back).status_code == 303
    again = lead.get(back)
    assert again.status_code == 422
    assert again.headers["referrer-policy"] == "no-referrer"
    assert "This sign-in was finished before" in said(again)
    assert len(every(place)) == 1
    assert lead.get("/accounts/connected").status_code == 422


def test_too_late_is_too_late(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    back = allow(begin(lead, place.brand_id, platform))
    place.house.clock.forward(minutes=16)
    assert "longer than 15 minutes" in said(lead.get(back))


def test_calling_it_off_at_the_platform_leads_back_to_what_was_typed(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    page = lead.get(allow(begin(lead, place.brand_id, platform), yes=False))
    assert page.status_code == 409
    assert "called off" in said(page)
    assert f'value="{platform.url}"' in page.text
    assert every(place) == []


def test_what_was_typed_is_kept_and_secrets_are_not(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    form = {"brand": str(place.brand_id), "platform": "bluesky"}
    typed = {"given_host": "ftp://social.example", "given_handle": "vela.example", "given_password": "hush-hush"}
    page = lead.post("/accounts/connect", data={**form, **typed})
    assert page.status_code == 422
    assert "This is not an address of the web" in said(page)
    assert 'value="vela.example"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "hush-hush" not in page.text
    assert page.text.count('type="password"') == 1


def test_a_platform_that_is_away_says_so(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    platform.faults.plan(Fault.AWAY, times=9)
    form = {"brand": str(place.brand_id), "platform": "mastodon", "given_host": platform.url}
    page = lead.post("/accounts/connect", data=form)
    assert page.status_code == 409
    assert "has trouble (503)" in said(page)
    assert "What you typed is kept" in said(page)


def test_where_no_page_of_the_platform_is_needed_one_form_is_enough(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    with SimulatedBluesky(clock=lambda: place.house.clock().timestamp()) as platform:
        handle = platform.account("vela", "app-password").handle
        form = {"brand": str(place.brand_id), "platform": "bluesky", "given_host": platform.url}
        wrong = lead.post("/accounts/connect", data={**form, "given_handle": handle, "given_password": "no-good"})
        assert wrong.status_code in {409, 422}
        assert f'value="{handle}"' in wrong.text
        typed = {"given_handle": handle, "given_password": "app-password"}
        landed = lead.post("/accounts/connect", data={**form, **typed})
        assert landed.status_code == 303, said(landed)
        assert "can read · can reply" in said(lead.get(landed.headers["location"]))


def test_the_apps_of_x_and_reddit_are_connected_by_way_of_their_pages(start: Callable[..., House]) -> None:
    with SimulatedX() as x, SimulatedReddit() as reddit:
        sites = {"x_url": x.url, "x_site_url": x.url, "reddit_url": reddit.url, "reddit_api_url": reddit.url}
        house = start(**sites)
        brand_id, lead = house.brand(), house.browser(Role.LEAD)
        lead.headers["accept"] = "text/html"
        for platform, app in (
            (x, {"client_id": "demo-app"}),
            (reddit, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}),
        ):
            platform.world.user("vela_care")
            landed = lead.get(allow(begin(lead, brand_id, platform, **app)))
            assert landed.status_code == 303, said(landed)
            page = said(lead.get(landed.headers["location"]))
            assert "vela_care . It hears nothing yet" in page


def test_the_redirect_address_to_register_is_shown(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    for platform in ("x", "reddit"):
        page = lead.get(f"/accounts/connect?platform={platform}")
        assert '<code id="redirect">http://testserver/accounts/connected</code>' in page.text
        assert 'data-copies="redirect"' in page.text
    assert 'id="redirect"' not in lead.get("/accounts/connect?platform=mastodon").text
    assert lead.get("/accounts/connect?platform=nowhere").status_code == 404


def test_only_leads_and_admins_come_here_and_only_with_a_form_of_ours(place: Town, platform: SimulatedMastodon) -> None:
    number = connect(place.browser(Role.LEAD), place.brand_id, platform)
    base = f"/accounts/{number}"
    reads = ("/accounts/connect", "/accounts/connected?state=x", base, f"{base}/connect", f"{base}/let-go")
    writes = ("/accounts/connect", f"{base}/connect", f"{base}/check", f"{base}/options", f"{base}/let-go")
    form = {"brand": str(place.brand_id), "platform": "mastodon"}
    for role in (Role.OBSERVER, Role.AGENT, Role.PR_LEAD):
        client = place.browser(role)
        assert [client.get(one).status_code for one in reads] == [403] * 5
        assert [client.post(one, data=form).status_code for one in writes] == [403] * 5
    stranger = place.browser(Role.LEAD)
    del stranger.headers["X-CSRF-Token"]
    assert [stranger.post(one, data=form).status_code for one in writes] == [403] * 5
    assert account(place, number).active
    nobody = place.house.client(accept="text/html")
    assert nobody.get(base).headers["location"].startswith("/sign-in")


def test_checking_again_shows_what_the_platform_says_now(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    number = connect(lead, place.brand_id, platform)
    platform.sign_ins.tokens.clear()
    page = lead.post(f"/accounts/{number}/check")
    assert page.status_code == 409
    assert "does not accept this sign-in any more" in said(page)
    assert "needs you" in said(lead.get(f"/settings/brand/{place.brand_id}"))
    place.house.clock.forward(minutes=1)
    lead.get(allow(link_in(lead.post(f"/accounts/{number}/connect", data={}).text, "Sign in at")))
    assert account(place, number).error == "", "signing in again renews it"
    assert lead.post(f"/accounts/{number}/check").status_code == 303
    assert len(every(place)) == 1
    assert lead.post("/accounts/999/check").status_code == 404


def test_the_secret_of_an_app_goes_nowhere_else(place: Town) -> None:
    lead = place.browser(Role.LEAD)
    vault = place.house.app.state.vault
    with place.house.store.unit_of_work() as work:
        login = Login("reddit", "http://127.0.0.1:9", secret={"client_id": "app-1", "client_secret": "hush-hush"})
        number = accounts.add(
            work,
            place.brand_id,
            "reddit",
            "vela",
            "reddit",
            place.house.clock(),
            host=login.host,
            secret=lock(login, vault),
        )
    page = lead.get(f"/accounts/{number}/connect").text
    assert 'value="app-1"' in page
    assert "hush-hush" not in page
    form = {"given_username": "vela", "given_password": "pass"}
    here = said(lead.post(f"/accounts/{number}/connect", data=form))
    assert "cannot be reached" in here, "it was asked where it was before"
    elsewhere = said(lead.post(f"/accounts/{number}/connect", data={**form, "given_host": "http://127.0.0.1:8"}))
    assert "is missing" in elsewhere


def test_the_questions_of_a_platform_are_answered_on_its_page(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    number = connect(lead, place.brand_id, platform)
    page = lead.post(f"/accounts/{number}/options", data={"visibility": "public"})
    assert "Saved." in said(page)
    assert '<option value="public" selected>' in page.text
    assert "cost in a month" not in said(page), "Mastodon bills nothing"
    with place.house.store.unit_of_work() as work:
        x = accounts.add(work, place.brand_id, "x", "vela_x", "x", place.house.clock(), secret=b"locked")
    page = lead.post(f"/accounts/{x}/options", data={"approval_held": "yes", "tier": "", "cap": "50"})
    assert 'name="approval_held" value="yes" checked' in page.text
    assert account(place, x).cap_micros == 50_000_000
    wrong = lead.post(f"/accounts/{x}/options", data={"cap": "much"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.text
    assert "amount of dollars" in said(wrong)
    assert account(place, x).cap_micros == 50_000_000


def test_letting_go_asks_first(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    number = connect(lead, place.brand_id, platform)
    with place.house.store.unit_of_work() as work:
        made = watches.add(
            work, place.brand_id, "mastodon", {"kind": "mentions"}, place.house.clock(), account_id=number
        )
    asked = said(lead.get(f"/accounts/{number}/let-go"))
    assert "1 watch is paused" in asked
    tokens = len(platform.sign_ins.tokens)
    gone = lead.post(f"/accounts/{number}/let-go")
    assert "let go" in said(gone)
    assert len(platform.sign_ins.tokens) == tokens - 1, "the platform was told"
    assert account(place, number).secret is None
    with place.house.store.reading() as work:
        found = watches.get(work, made)
    assert found
    assert found.paused


def test_the_brand_lists_its_accounts(place: Town, platform: SimulatedMastodon) -> None:
    lead = place.browser(Role.LEAD)
    number = connect(lead, place.brand_id, platform)
    page = lead.get(f"/settings/brand/{place.brand_id}")
    assert f'href="/accounts/{number}"' in page.text
    assert in_order(said(page), ["dry run: nobody outside sees it", "@vela_care@", "reads and replies"])
    pr_lead = place.browser(Role.PR_LEAD).get(f"/settings/brand/{place.brand_id}")
    assert f'href="/accounts/{number}"' not in pr_lead.text
