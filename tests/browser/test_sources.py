"""The sources page in a real browser."""

import pytest
from playwright.sync_api import expect

from monitor.domain.lifecycle import Role
from monitor.store import watches
from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def watch(site: Site) -> int:
    now = site.now()
    with site.store.unit_of_work() as work:
        added = watches.add(work, site.brand_id, "hackernews", {"kind": "search", "words": ["acme"]}, now)
        watches.change(work, added, last_good_at=now)
        watches.add_gap(work, added, None, now, "The search was down.", now)
    return added


def test_a_lead_takes_note_of_a_gap_and_pauses_a_watch(site: Site, visit: Visitor, watch: int) -> None:
    page = visit("/sources", role=Role.LEAD)
    expect(page.locator(f"#watch-{watch}")).to_contain_text("may be missing: The search was down.")
    page.get_by_role("button", name="Taken note").click()
    expect(page.locator(f"#watch-{watch}")).not_to_contain_text("may be missing")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(f"#watch-{watch} .state")).to_have_text("paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(f"#watch-{watch} .state")).to_have_text("live")


def test_the_page_keeps_itself_true_while_it_is_open(site: Site, visit: Visitor, watch: int) -> None:
    page = visit("/sources", role=Role.LEAD)
    page.locator(f"#poll-{watch}").focus()
    with site.store.unit_of_work() as work:
        watches.change(work, watch, last_error="The search said no.", remedy="wait", failing_since=site.now())
    page.evaluate(
        "htmx.ajax('GET', '/sources', {source: '#sources', target: '#sources', select: '#sources', swap: 'outerHTML'})"
    )
    expect(page.locator(f"#watch-{watch}")).to_contain_text("The search said no.")
    expect(page.locator(f"#poll-{watch}")).to_be_focused()
    assert page.locator("#sources").get_attribute("hx-trigger") == "every 30s"
    assert page.locator("#sources").count() == 1


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_the_screen(visit: Visitor, watch: int, width: int) -> None:
    page = visit("/sources", role=Role.LEAD, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
