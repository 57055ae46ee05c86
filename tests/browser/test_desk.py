"""The desk in a real browser, with keys, time passing, and colleagues."""

import re

import pytest
from playwright.sync_api import Page, expect

from monitor.domain.lifecycle import Actor, CaseState, Role
from monitor.domain.records import Severity
from monitor.store import cases, drafts
from responders import drafting, reviewing
from tests.api.pages import town
from tests.api.pages.test_case import GOOD
from tests.api.pages.town import Customer
from tests.browser.conftest import Visitor
from tests.browser.screenshots import case_of
from tests.browser.site import Site

pytestmark = pytest.mark.browser


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('.row')?.querySelector('.handle').textContent"))


def _wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_the_queue_is_walked_by_keys_alone(site: Site, visit: Visitor) -> None:
    page = visit()
    page.keyboard.press("j")
    assert _focused(page) == "@eleni_m"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert _focused(page) == "@anna_k"
    page.keyboard.press("w")
    expect(page.locator(".row:focus-within .sum")).to_contain_text("3 of 3: blames us or threatens")
    page.keyboard.press("Escape")
    expect(page.locator(".row:focus-within .sum")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator(".row:focus-within .status")).to_contain_text("you are on it")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url(site.url + "/")
    assert _focused(page) == "@anna_k", "one comes back to where one was"
    page.keyboard.press("e")
    page.wait_for_url(re.compile("#escalate$"))
    expect(page.locator("#question")).to_be_focused()


def test_keys_are_explained_and_every_place_is_a_jump_away(site: Site, visit: Visitor) -> None:
    page = visit()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("sami")
    expect(page.locator("#palette li")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/cases/{case_of(site, 'sami_q')}")
    page.keyboard.press("Control+k")
    page.keyboard.type("outb")
    page.keyboard.press("Enter")
    page.wait_for_url(site.url + "/outbox")
    page.keyboard.press("/")
    page.wait_for_url(re.compile("tab=aside"))
    expect(page.locator("#search")).to_be_focused()


def test_a_reply_is_edited_approved_and_undone_by_keys(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    page = visit(f"/cases/{case_id}")
    expect(page.locator("#text")).to_be_focused()
    page.locator("#text").fill("Please delete your post.")
    expect(page.locator("#bar mark.block").first).to_have_text(re.compile("delete your post", re.IGNORECASE))
    page.locator("#bar button[data-start]").first.click()
    picked = page.evaluate("(b => b.value.slice(b.selectionStart, b.selectionEnd))(document.getElementById('text'))")
    assert "delete your post" in picked
    page.locator("#text").fill(GOOD)
    expect(page.locator("#bar mark.block")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".sending")).to_contain_text("Sending to @jo.bright")
    expect(page.locator("[data-until]")).to_have_text(re.compile(r"in \d+ s"))
    page.keyboard.press("z")
    expect(page.locator("#text")).to_have_value(GOOD)
    with site.store.reading() as work:
        assert cases.get(work, case_id).state is CaseState.IN_REVIEW


def test_after_the_time_to_undo_the_page_says_by_itself_that_it_was_sent(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    page = visit(f"/cases/{case_id}")
    page.locator("#text").fill(GOOD)
    page.locator("#approve").click()
    expect(page.locator(".sending")).to_be_visible()
    with site.store.unit_of_work() as work:
        cases.note(work, case_id, send_after=site.now())
    assert site.send(case_id) == CaseState.REPLIED
    expect(page.locator(".done")).to_contain_text("nobody outside has seen it", timeout=10_000)


def test_new_rows_come_without_moving_the_row_under_the_cursor(site: Site, visit: Visitor) -> None:
    page = visit()
    for _ in range(4):
        page.keyboard.press("j")
    assert _focused(page) == "u/tired_buyer"
    before = page.locator(".row:focus-within").bounding_box()
    urgent = Customer("urgent_u", "Smoke from the socket.", 500, severity=Severity.BLAME)
    later = Customer("later_l", "A button fell off.", 1)
    town.move_in(site.store, site.brand_id, site.now(), [urgent, later])
    site.relay()
    expect(page.locator("#above")).to_have_text("1 new above", timeout=10_000)
    expect(page.locator(".row", has_text="A button fell off.")).to_be_visible()
    assert page.locator(".row:focus-within").bounding_box() == before
    assert _focused(page) == "u/tired_buyer"
    page.keyboard.press("n")
    expect(page.locator(".row").first).to_contain_text("Smoke from the socket.")
    expect(page.locator("#tabs")).to_contain_text("Complaints 18")
    expect(page.locator("#waiting")).to_have_text("18")


def test_a_row_that_somebody_answered_fades_away(site: Site, visit: Visitor) -> None:
    page = visit()
    case_id = case_of(site, "quiet_lu")
    actor = Actor.person(site.ids[Role.LEAD], Role.LEAD, "Ben")
    reviewing.dismiss(site.store, actor, case_id, "not about us", site.now())
    site.relay()
    expect(page.locator(f"#case-{case_id}")).to_have_count(0, timeout=10_000)
    expect(page.locator("#tabs")).to_contain_text("Complaints 15")


def test_what_is_typed_survives_a_reload_and_a_colleague(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    page = visit(f"/cases/{case_id}")
    page.locator("#text").fill("Half a thought")
    page.reload()
    expect(page.locator("#text")).to_have_value("Half a thought")
    actor = Actor.person(site.ids[Role.LEAD], Role.LEAD, "Ben")
    reviewing.save(site.store, actor, case_id, "Ben was quicker.", based_on=1, now=site.now())
    site.relay()
    expect(page.locator("#news")).to_contain_text("Ben Adeyemi saved another version", timeout=10_000)
    expect(page.locator("#text")).to_have_value("Half a thought")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a newer revision (2)")
    expect(page.locator("#text")).to_have_value("Half a thought")
    expect(page.locator(".theirs")).to_contain_text("Ben was quicker.")
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    with site.store.reading() as work:
        row = drafts.current(work, case_id)
    assert row is not None
    assert (row.revision, row.text) == (3, "Half a thought")


def test_typed_words_are_carried_along_when_another_decision_fails(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    page = visit(f"/cases/{case_id}")
    page.locator("#text").fill("Not saved yet")
    page.locator("summary", has_text="Dismiss").click()
    page.locator("form[action$=dismiss] input[name=other]").fill("far too long " * 50)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_contain_text("at most 500 are kept")
    expect(page.locator("#text")).to_have_value("Not saved yet")
    with site.store.reading() as work:
        assert cases.get(work, case_id).state is CaseState.IN_REVIEW


def test_a_script_in_a_post_is_never_run(site: Site, visit: Visitor) -> None:
    for path in ("/", f"/cases/{case_of(site, 'h4x_shop')}"):
        page = visit(path)
        expect(page.locator("body")).to_contain_text("<script>document.title='owned'</script>")
        page.wait_for_timeout(300)
        assert "owned" not in page.title()


def test_right_to_left_text_reads_right_to_left(site: Site, visit: Visitor) -> None:
    page = visit(f"/cases/{case_of(site, 'sami_q')}")
    for where in (".post .text", "#text"):
        assert page.locator(where).first.evaluate("e => getComputedStyle(e).direction") == "rtl"
    row = visit("/").locator(f"#case-{case_of(site, 'sami_q')} .said")
    assert row.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_reversing_characters_stay_inside_their_post(site: Site, visit: Visitor) -> None:
    page = visit("/")
    row = page.locator(f"#case-{case_of(site, 'rtl_pete')}")
    said, why, who = (row.locator(part).bounding_box() for part in (".said", ".why", ".who"))
    assert said
    assert why
    assert who
    assert said["x"] == pytest.approx(why["x"], abs=2)
    assert who["x"] > said["x"] + said["width"] - 1
    assert row.locator(".who").inner_text().startswith("@rtl_pete")


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_cut_off_on_a_phone(site: Site, visit: Visitor, *, dark: bool) -> None:
    paths = ["/", "/?tab=aside", "/outbox", "/ledger", "/people", f"/settings/brand/{site.brand_id}"]
    paths += [f"/cases/{case_of(site, handle)}" for handle in ("anna_k", "sami_q", "diarist", "h4x_shop")]
    page = visit("/", role=Role.ADMIN, width=390, dark=dark)
    for path in paths:
        page.goto(site.url + path)
        assert _wide(page) == 390, path


def test_approve_stays_at_the_thumb_on_a_phone(site: Site, visit: Visitor) -> None:
    page = visit(f"/cases/{case_of(site, 'jo.bright')}", width=390)
    button = page.locator("#approve").bounding_box()
    assert button
    assert 844 - 80 < button["y"] < 844
    assert button["height"] >= 44
    page.mouse.wheel(0, 5000)
    page.wait_for_timeout(200)
    last = page.locator(".customer").bounding_box()
    assert last
    assert last["y"] + last["height"] <= button["y"], "the bar covers nothing at the end of the page"


def _contrast(page: Page, selector: str) -> float:
    script = """(selector) => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((v) => v / 255)
          .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const element = document.querySelector(selector);
      let under = element;
      while (getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
      const [one, two] = [getComputedStyle(element).color, getComputedStyle(under).backgroundColor].map(light);
      return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    }"""
    return float(page.evaluate(script, selector))


@pytest.mark.parametrize("dark", [False, True])
def test_words_are_readable_in_light_and_in_dark(site: Site, visit: Visitor, *, dark: bool) -> None:
    page = visit("/", dark=dark)
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (ground == "rgb(27, 25, 23)") is dark
    for selector in (
        ".clock.late",
        ".clock.soon",
        ".clock.later",
        ".row .why",
        ".status.ready",
        ".said",
        ".late-count",
    ):
        assert _contrast(page, selector) >= 4.5, selector
    page.goto(f"{site.url}/cases/{case_of(site, 'jo.bright')}")
    for selector in ("#approve", "#save", ".customer dt", ".reply h2", ".decisions summary"):
        assert _contrast(page, selector) >= 4.5, selector


def test_the_chosen_theme_wins_over_the_systems(site: Site, visit: Visitor) -> None:
    page = visit("/", dark=True)
    page.locator(".menu summary").click()
    page.get_by_role("button", name="light", exact=True).click()
    page.wait_for_load_state()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(250, 247, 242)"


def test_the_main_path_works_without_scripts(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    first = visit("/")
    context = first.context.browser
    assert context
    bare = context.new_context(java_script_enabled=False)
    bare.add_cookies([{"name": "amends", "value": site.cookie(Role.AGENT), "url": site.url}])
    page = bare.new_page()
    page.goto(site.url)
    page.locator(f"#case-{case_id} a.said").click()
    page.locator("#text").fill(GOOD)
    page.locator("#approve").click()
    expect(page.locator(".sending")).to_contain_text("Sending to @jo.bright")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_have_value(GOOD)
    bare.close()


def test_the_first_of_two_makes_room_for_the_second(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "tired_buyer")
    first = visit(f"/cases/{case_id}", role=Role.LEAD)
    expect(first.locator(".note").first).to_contain_text("Delicate: two people approve it.")
    first.locator("#approve").click()
    expect(first.locator("#approve")).to_have_text("Waits for a second person")
    second = visit(f"/cases/{case_id}", role=Role.ADMIN)
    second.wait_for_timeout(1500)
    expect(second.locator("#news")).to_be_empty()
    second.locator("#approve").click()
    expect(second.locator(".sending")).to_be_visible()


def test_who_waits_for_a_draft_sees_it_come(site: Site, visit: Visitor) -> None:
    case_id = case_of(site, "jo.bright")
    page = visit(f"/cases/{case_id}")
    page.locator("summary", has_text="Ask again").click()
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".note").first).to_contain_text("Another draft is being written")
    drafting.draft_batch(site.store, town.Writer(), site.now())
    site.relay()
    expect(page.locator("#approve")).to_be_visible(timeout=10_000)
