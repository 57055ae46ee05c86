"""The page on which another judge is tried, and let take over."""

from collections.abc import Callable

import pytest

from monitor.domain.lifecycle import Role
from monitor.store import tables as t
from monitor.store import trials
from tests.api.conftest import House
from tests.api.pages.conftest import HTML, in_order, said
from tests.api.test_trials import reads

PAGE = "/judge/trials"
MODEL = {"model": "owner/name", "days": "30"}


def state(house: House) -> str:
    with house.store.reading() as work:
        found = trials.all_of(work)
    return found[0].state if found else ""


def begun(house: House) -> None:
    house.says(house.brand(), "You lost <b>my</b> parcel", "A lovely parcel", "تأخرت الشحنة")
    assert house.browser(Role.LEAD).post(f"{PAGE}/start", data=MODEL).status_code == 303


@pytest.fixture
def ready(house: House) -> int:
    begun(house)
    return reads(house, "You lost <b>my</b> parcel")


def test_before_the_first_trial_a_lead_gets_a_form_and_others_a_sentence(house: House) -> None:
    page = house.browser(Role.LEAD).get(PAGE, headers=HTML)
    assert "shipped judges: the model that ships with Amends." in said(page)
    assert 'name="model"' in page.text
    agent = house.browser().get(PAGE, headers=HTML)
    assert "A lead or an admin starts a trial." in said(agent)
    assert 'name="model"' not in agent.text


def test_while_it_reads_the_page_says_how_far_it_is(house: House) -> None:
    begun(house)
    browser = house.browser(Role.LEAD)
    page = browser.get(PAGE, headers=HTML)
    assert in_order(said(page), ["owner/name reads", "by Lead", "The model is being loaded.", "Look again"])
    assert 'hx-get="/judge/trials/1/progress"' in page.text
    assert 'role="status"' not in browser.get(f"{PAGE}/1/progress").text, "not read aloud every two seconds"
    assert "<title>Another judge reads" in page.text
    with house.store.unit_of_work() as work:
        trials.change(work, 1, version="name-1", done=2)
    assert "2 of 3 posts read, 0 would change so far." in said(browser.get(f"{PAGE}/1/progress"))
    assert "HX-Refresh" not in browser.get(f"{PAGE}/1/progress").headers
    reads(house)
    assert browser.get(f"{PAGE}/1/progress").headers["HX-Refresh"] == "true"


def test_what_would_change_is_shown_with_both_verdicts_and_what_people_said(house: House, ready: int) -> None:
    row = {"brand_id": 1, "mention_id": 2, "judged_by": "test", "given_in": "queue", "is_complaint": 0}
    with house.store.unit_of_work() as work:
        work.execute(t.correction.insert().values(**row, created_at=house.clock()))
    page = house.browser(Role.LEAD).get(PAGE, headers=HTML)
    words = said(page)
    assert "3 of 3 verdicts would change." in words
    assert in_order(words, ["2 would become complaints", "1 would no longer be complaints"])
    assert in_order(words, ["agrees with people", "100% (21% to 100%)", "0% (0% to 79%)"])
    assert "Only this one is right on 0, only the one in use then on 1." in words
    lovely = "A lovely parcel in use then no complaint (10%) this one a complaint (90%) @maria · Mastodon"
    assert f"{lovely} · people said: no complaint" in words
    assert "You lost &lt;b&gt;my&lt;/b&gt; parcel" in page.text
    assert "a complaint (90%) this one no complaint (10%) @maria · Mastodon · waits for a draft · the case" in words
    assert 'dir="auto"' in page.text


def test_one_kind_of_change_is_shown_by_itself(house: House, ready: int) -> None:
    words = said(house.browser().get(f"{PAGE}/{ready}?kind=no_longer", headers=HTML))
    assert "You lost" in words
    assert "A lovely parcel" not in words
    assert "A lovely parcel" in said(house.browser().get(f"{PAGE}/{ready}?kind=nonsense", headers=HTML))


def test_a_lead_lets_it_take_over_and_goes_back(house: House, ready: int) -> None:
    browser = house.browser(Role.LEAD)
    assert "Let it take over" in said(browser.get(PAGE, headers=HTML))
    assert browser.post(f"{PAGE}/{ready}/take-over").status_code == 303
    words = said(browser.get(PAGE, headers=HTML))
    assert in_order(words, ["owner/name judges since", "Go back", "Old posts are being given its verdicts."])
    reads(house)
    assert "being given" not in said(browser.get(PAGE, headers=HTML))
    assert browser.post(f"{PAGE}/back").status_code == 303
    assert "shipped judges" in said(browser.get(PAGE, headers=HTML))
    assert browser.post(f"{PAGE}/{ready}/drop").status_code == 303
    assert state(house) == "dropped"


def test_what_cannot_be_done_is_said_and_what_was_typed_stays(house: House) -> None:
    house.brand()
    page = house.browser(Role.LEAD).post(f"{PAGE}/start", data={"model": "/etc", "days": "30"}, headers=HTML)
    assert page.status_code == 422
    assert "amends trial start FOLDER" in said(page)
    assert 'value="/etc"' in page.text


def test_a_failed_trial_says_why_in_a_sentence(house: House) -> None:
    begun(house)
    with house.store.unit_of_work() as work:
        trials.change(work, 1, state="failed", error="There is no config.json in it.")
    assert "There is no config.json in it." in said(house.browser().get(PAGE, headers=HTML))


def test_where_the_operator_names_the_judge_nothing_can_take_over(start: Callable[..., House]) -> None:
    house = start(model="rules")
    begun(house)
    reads(house)
    page = house.browser(Role.LEAD).get(PAGE, headers=HTML)
    assert in_order(said(page), ["rules judges: AMENDS_MODEL names it, and that wins."])
    assert "take-over" not in page.text


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.AGENT, Role.PR_LEAD])
def test_only_leads_decide(house: House, ready: int, role: Role) -> None:
    browser = house.browser(role)
    page = browser.get(PAGE, headers=HTML)
    assert page.status_code == 200
    assert "/take-over" not in page.text
    for path in ("start", "back", f"{ready}/take-over", f"{ready}/drop"):
        assert browser.post(f"{PAGE}/{path}", data=MODEL).status_code == 403, path
    assert state(house) == "ready"
