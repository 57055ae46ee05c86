"""The judge's pages in a real browser: a person's word by keys, the words that moved it, checks."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from monitor.domain.lifecycle import CaseState, Role
from monitor.domain.records import Span
from monitor.judging import explaining
from monitor.store import cases, mentions
from monitor.store.tables import sampled
from tests.api.pages.town import Judge
from tests.browser.conftest import Visitor
from tests.browser.screenshots import case_of
from tests.browser.site import Site

pytestmark = pytest.mark.browser


class Knows(Judge):
    """Says of each text that its first two words moved it, the first one more."""

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        first = text.index(" ")
        return (Span(0, first, 1.0), Span(first + 1, text.index(" ", first + 1), 0.2))


def _walk_to(page: Page, handle: str) -> None:
    for _ in range(20):
        page.keyboard.press("j")
        if page.locator(".row:focus-within .handle").text_content() == handle:
            return


def _thickness(page: Page, level: str) -> str:
    look = "(mark) => getComputedStyle(mark).textDecorationThickness"
    return str(page.locator(f".text mark.{level}").first.evaluate(look))


def test_the_queue_takes_a_persons_word_by_keys_and_takes_it_back(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "quiet_lu")
    page = visit()
    _walk_to(page, "u/quiet_lu")
    page.keyboard.press("d")
    expect(page.locator(".row:focus-within .fix button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".fix button")).to_have_count(0)
    expect(page.locator(f"#case-{case_id} a.said")).to_be_focused()
    page.keyboard.press("d")
    expect(page.locator(".fix .primary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = page.locator(f"#case-{case_id} .saw")
    expect(said).to_contain_text("You said: not a complaint")
    page.locator(f"#case-{case_id}").get_by_role("button", name="undo").click()
    expect(said).to_have_count(0)


def test_not_a_complaint_dismisses_the_case_from_its_own_page(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "quiet_lu")
    page = visit(f"/cases/{case_id}")
    page.keyboard.press("Escape")  # out of the box
    page.keyboard.press("d")
    expect(page.locator(".fix .primary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("Dismissed.")
    expect(page.locator(".saw")).to_contain_text("You said: not a complaint")
    with site.store.reading() as work:
        assert cases.get(work, case_id).state is CaseState.DISMISSED


@pytest.mark.parametrize(("handle", "word"), [("jo.bright", "Waited"), ("sami_q", "التطبيق")])
def test_the_words_that_moved_the_judge_come_by_themselves(site: Site, visit: Visitor, handle: str, word: str) -> None:
    page = visit(f"/cases/{case_of(site, handle)}")
    expect(page.locator(".moved")).to_contain_text("The judge is looking for the words that moved it.")
    assert explaining.answer_next(site.store, Knows(), site.now()) == 1
    expect(page.locator(".text mark.m3")).to_have_text(word)
    assert float(_thickness(page, "m3").removesuffix("px")) > float(_thickness(page, "m1").removesuffix("px"))
    expect(page.locator(".moved bdi").first).to_have_text(word)


def test_checks_are_answered_by_keys(site: Site, visit: Visitor) -> None:
    with site.store.unit_of_work() as work:
        found = mentions.set_aside(work, brand_id=site.brand_id, place="not_complaint")
        drawn = {"brand_id": site.brand_id, "probability": 0.5, "drawn_at": site.now()}
        work.execute(insert(sampled), [{**drawn, "mention_id": one.id} for one in found if one.handle != "old_post"])
    page = visit()
    expect(page.locator(".feeds", has_text="2 to check")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/checks"))
    page.wait_for_load_state()  # keys are heard once the script is there
    first = page.locator(".text").text_content()
    page.keyboard.press("s")
    expect(page.locator(".text")).not_to_have_text(first or "")
    page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page.locator(".before")).to_contain_text("You said: not a complaint")
    expect(page.locator("h1")).to_have_text("Nothing to check")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/judge", "/checks", "/mentions/1"])
def test_the_pages_fit_a_phone_and_run_no_foul_script(visit: Visitor, path: str, width: int) -> None:
    page = visit(path, role=Role.LEAD, width=width, dark=width == 390)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
