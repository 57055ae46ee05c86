"""Other settings are tried and saved in a real browser, by keyboard and on a phone."""

import pytest
from playwright.sync_api import expect

from monitor.domain.lifecycle import Role
from monitor.store import brands
from tests.browser.conftest import Visitor
from tests.browser.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_a_lead_tries_a_point_by_keyboard_and_saves_it(visit: Visitor, site: Site, width: int, *, dark: bool) -> None:
    page = visit("/brands/acme/what-if", role=Role.LEAD, width=width, dark=dark)
    field = page.get_by_label("Threshold for all languages")
    field.fill("0.95")
    field.press("Enter")
    expect(page.locator(".first")).to_contain_text("No complaint that people answered would have been missed")
    expect(page.get_by_role("img", name="Cases a day")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing hangs over the edge"
    page.get_by_role("button", name="Save these settings").press("Enter")
    expect(page.get_by_text("from a probability of 0.95")).to_be_visible()
    with site.store.reading() as work:
        assert brands.get(work, site.brand_id).settings == {"threshold": 0.95}
