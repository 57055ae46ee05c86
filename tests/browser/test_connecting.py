"""A lead connects an account by way of its platform's own page, tries a watch, and starts it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from monitor.domain.lifecycle import Role
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.store import accounts, watches
from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def platform() -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon() as found:
        found.connect("vela_care")
        yield found


def test_from_nothing_to_a_watch_that_runs(site: Site, visit: Visitor, platform: SimulatedMastodon) -> None:
    platform.customer("ana", "The lid of my kettle broke #velakettles", language="en")
    page = visit("/accounts/connect", role=Role.LEAD)
    page.get_by_role("link", name="Mastodon").click()
    page.get_by_label("Server").fill(platform.url)
    page.get_by_label("Server").press("Enter")
    expect(page.get_by_role("link", name="Sign in at 127.0.0.1:")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Authorization required")).to_be_visible()
    page.get_by_label("Account").select_option("vela_care")
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_text("Connected as @vela_care@")).to_be_visible()
    assert "code=" not in page.url
    page.get_by_role("link", name="Add a watch").first.click()
    page.get_by_role("link", name="Posts with these hashtags").click()
    page.get_by_label("Hashtag").fill("velakettles")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("status", name="Preview")
    expect(preview).to_contain_text("The lid of my kettle broke")
    expect(page.get_by_label("Hashtag")).to_have_value("velakettles")
    page.get_by_role("button", name="Start watching").click()
    expect(page.get_by_text("It is watching.")).to_be_visible()
    with site.store.reading() as work:
        (account,) = [one for one in accounts.of_brand(work) if one.secret]
        (watch,) = watches.of_account(work, account.id)
    assert watch.query == {"kind": "hashtag", "places": ["velakettles"]}


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_its_screen(site: Site, visit: Visitor, platform: SimulatedMastodon, width: int) -> None:
    with site.store.unit_of_work() as work:
        made = watches.add(
            work, site.brand_id, "feed", {"kind": "feed", "places": [f"{platform.url}/{'x' * 200}"]}, site.now()
        )
    page = visit("/accounts/connect", role=Role.LEAD, width=width)
    paths = ("/accounts/connect?platform=x", "/accounts/1", "/accounts/1/let-go", "/watches/new", f"/watches/{made}")
    for path in ("/accounts/connect", *paths, "/watches/new?source=x&kind=search"):
        page.goto(site.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
