"""What if: other settings are tried on the last weeks, with everything that would be missed, before they are saved."""

import html
import re
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.lifecycle import Actor, Role
from monitor.store import brands, cases
from responders import reviewing
from tests.api.pages.conftest import Town, in_order, said
from tests.api.pages.town import Customer

AT = "/brands/acme/what-if"
PLAIN: dict[str, Any] = {
    "days": "30",
    "miss_costs": "5",
    "threshold": "",
    "minutes": ["1440", "240", "60", "15"],
    "six_thousand": "6000",
    "hours": "always",
}


def lead(place: Town) -> Actor:
    return Actor.person(place.house.ids[Role.LEAD], Role.LEAD, "Lead")


def case_of(place: Town, handle: str) -> int:
    with place.house.store.reading() as work:
        return next(row.id for row in cases.desk(work, "complaints", limit=200) if row.handle == handle)


def answer(place: Town, *handles: str) -> None:
    for handle in handles:
        at = place.house.clock()
        reviewing.answered_by_hand(place.house.store, lead(place), case_of(place, handle), "https://x.example/1", at)


def settings(place: Town) -> object:
    with place.house.store.reading() as work:
        return brands.get(work, place.brand_id).settings


def test_the_settings_lead_there_and_nothing_is_played_yet(place: Town) -> None:
    client = place.browser(Role.LEAD)
    page = client.get(f"/settings/brand/{place.brand_id}")
    assert f'href="{AT}"' in page.text
    assert "the point that the judge was made with" in said(page)
    first = client.get(AT)
    assert "Nothing changes until you save." in said(first)
    assert "would have been missed" not in said(first)
    assert "Save these settings" not in said(first)


def test_what_people_answered_and_would_have_missed_comes_first(place: Town) -> None:
    place.writes(Customer("unsure", "Hmm, my third lamp from you and it flickers again.", 30, probability=0.5))
    answer(place, "unsure")
    page = place.browser(Role.LEAD).get(AT, params={**PLAIN, "threshold": "0.9"})
    words = said(page)
    assert in_order(words, ["1 complaint that people answered would have been missed.", "−1", "Save these settings"])
    assert "my third lamp from you and it flickers again" in words
    assert "A complaint from 0.9." in words
    assert settings(place) == {}, "trying changes nothing"


def test_a_lower_point_shows_what_would_come_in(place: Town) -> None:
    words = said(place.browser(Role.LEAD).get(AT, params={**PLAIN, "threshold": "0.3"}))
    assert "No complaint that people answered would have been missed." in words
    assert in_order(
        words, ["+1", "set-aside post would become cases", "1 that nobody looked at", "~0 may be complaints"]
    )
    assert "Walked past the new Acme store" in words


def test_the_same_settings_say_so_and_offer_no_save(place: Town) -> None:
    words = said(place.browser(Role.LEAD).get(AT, params=PLAIN))
    assert "nothing would be different" in words
    assert "Save these settings" not in words


def test_one_language_and_the_promises_are_tried_and_saved_in_one_go(place: Town) -> None:
    client = place.browser(Role.LEAD)
    with place.house.store.unit_of_work() as work:
        brands.change(work, place.brand_id, settings={"thresholds": {"el": 0.5}})
    tried = {**PLAIN, "threshold.el": "0.6", "thresholds": "", "minutes": ["600", "", "60", "15"], "hours": "Mon-Fri 09:00-17:00 Europe/Athens"}  # fmt: skip
    page = client.get(AT, params=tried)
    assert "a complaint in greek from 0.6" in said(page).lower()
    assert "answers in 600, 240, 60, 15 minutes" in said(page)
    saved = client.post(AT, data=hidden(page))
    assert (saved.status_code, saved.headers["location"]) == (303, f"/settings/brand/{place.brand_id}")
    assert settings(place) == {
        "thresholds": {"el": 0.6},
        "minutes": [600, 240, 60, 15],
        "hours": {"zone": "Europe/Athens", "days": [0, 1, 2, 3, 4], "opens": "09:00", "closes": "17:00"},
    }
    assert "in Greek from 0.6" in said(client.get(f"/settings/brand/{place.brand_id}"))


def test_what_another_lead_set_between_trying_and_saving_stays(place: Town) -> None:
    client = place.browser(Role.LEAD)
    with place.house.store.unit_of_work() as work:
        brands.change(work, place.brand_id, settings={"thresholds": {"el": 0.5, "pl": 0.4}, "six_thousand": 50})
    tried = {**PLAIN, "threshold.el": "0.6", "threshold.pl": "0.4", "six_thousand": "50"}
    form = hidden(client.get(AT, params=tried))
    with place.house.store.unit_of_work() as work:
        meanwhile = {"thresholds": {"el": 0.5, "pl": 0.45, "fa": 0.3}, "six_thousand": 70, "threshold": 0.7}
        brands.change(work, place.brand_id, settings=meanwhile)
    assert client.post(AT, data=form).status_code == 303
    assert settings(place) == {
        "thresholds": {"el": 0.6, "pl": 0.45, "fa": 0.3},
        "six_thousand": 70,
        "threshold": 0.7,
    }


def test_what_is_tried_back_to_the_defaults_is_announced_and_saved(place: Town) -> None:
    client = place.browser(Role.LEAD)
    with place.house.store.unit_of_work() as work:
        own = {"minutes": [9, 8, 7, 6], "threshold": 0.4, "six_thousand": 10, "thresholds": {"el": 0.5}}
        hours = {"zone": "UTC", "days": [0], "opens": "09:00", "closes": "17:00"}
        brands.change(work, place.brand_id, settings={**own, "hours": hours, "undo_s": 3})
    page = client.get(AT, params={**PLAIN, "threshold.el": ""})
    assert client.post(AT, data=hidden(page)).status_code == 303
    assert settings(place) == {"undo_s": 3}


def hidden(page: Any) -> dict[str, list[str]]:
    """Return what the form that saves carries."""
    form: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', page.text):
        form.setdefault(name, []).append(html.unescape(value))
    return form


def test_going_back_to_the_defaults_is_saved_as_such(place: Town) -> None:
    with place.house.store.unit_of_work() as work:
        brands.change(work, place.brand_id, settings={"threshold": 0.5, "six_thousand": 10, "undo_s": 3})
    form = {name: value for name, value in PLAIN.items() if name not in {"days", "miss_costs"}}
    assert place.browser(Role.LEAD).post(AT, data=form).status_code == 303
    assert settings(place) == {"undo_s": 3}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"threshold": "1.2"}, "a probability from 0 to 1"),
        ({"threshold.pl": "often"}, "a probability from 0 to 1"),
        ({"threshold.<b>": "0.4"}, "each language once"),
        ({"minutes": ["15", "60", "240", "1440"]}, "none longer than the one before"),
        ({"minutes": ["15"]}, "four whole numbers"),
        ({"six_thousand": "many"}, "a number of people"),
        ({"hours": "9 to 5"}, "write them like"),
        ({"days": "31"}, "looks back 7, 30, 90 days"),
        ({"miss_costs": "0"}, "more than 0"),
        ({"miss_costs": "nan"}, "more than 0"),
    ],
)
def test_what_makes_no_sense_is_said_and_stays_in_the_form(place: Town, wrong: dict[str, Any], why: str) -> None:
    answer = place.browser(Role.LEAD).get(AT, params={**PLAIN, **wrong})
    assert answer.status_code == 422
    assert why in said(answer)
    assert "Save these settings" not in said(answer)


def test_a_save_that_makes_no_sense_changes_nothing(place: Town) -> None:
    answer = place.browser(Role.LEAD).post(AT, data={"threshold": "2"})
    assert answer.status_code == 422
    assert settings(place) == {}


def test_who_is_paged_may_look_and_leads_alone_may_save(place: Town) -> None:
    pr_lead, agent = place.browser(Role.PR_LEAD), place.browser()
    page = pr_lead.get(AT, params={**PLAIN, "threshold": "0.9"})
    assert page.status_code == 200
    assert "Save these settings" not in said(page)
    assert pr_lead.post(AT, data={"threshold": "0.9"}).status_code == 403
    assert agent.get(AT).status_code == 403
    assert place.browser(Role.LEAD).get("/brands/nobody/what-if").status_code == 404


def decided(place: Town, yes: int, no: int) -> None:
    """Let people answer complaints the judge was sure of, and dismiss others it was not so sure of."""
    sure = [Customer(f"sure{n}", f"Lamp number {n} arrived in pieces.", 50 + n, probability=0.9) for n in range(yes)]
    not_so = [Customer(f"not{n}", f"Saw lamp number {n} in the window.", 50 + n, probability=0.6) for n in range(no)]
    place.writes(*sure, *not_so)
    answer(place, *(one.handle for one in sure))
    for one in not_so:
        at = place.house.clock()
        reviewing.dismiss(place.house.store, lead(place), case_of(place, one.handle), "not a complaint", at)


def cells(page: Any, row: str) -> Sequence[str]:
    """Return the cells of a row of the first table that has it."""
    found = re.search(rf'<tr><th scope="row">{row}</th>(.*?)</tr>', page.text, re.DOTALL)
    assert found
    return [" ".join(re.sub("<[^>]+>", "", one).split()) for one in re.findall(r"<td>(.*?)</td>", found[1], re.DOTALL)]


def test_few_decisions_are_said_to_be_few(place: Town) -> None:
    decided(place, 2, 1)
    words = said(place.browser(Role.LEAD).get(AT))
    assert "People have said of 3 posts whether they are complaints. That is too few to choose by: it takes 50" in words
    assert "Try what costs least" not in words


def test_the_point_that_costs_least_is_shown_with_its_precision_and_recall(place: Town) -> None:
    decided(place, 30, 25)
    client = place.browser(Role.LEAD)
    page = client.get(AT, params={**PLAIN, "threshold": "0.95"})
    assert cells(page, "a complaint from")[1:] == ["0.95", "0.61"]
    assert cells(page, "of what it raises, complaints") == ["55 % (42 to 67)", "–", "100 % (89 to 100)"]
    assert cells(page, "of all complaints, found") == ["at most 100 % (89 to 100)", "at most 0 % (0 to 11)", "at most 100 % (89 to 100)"]  # fmt: skip
    assert cells(page, "cost, in needless looks") == ["25", "150", "0"]
    assert "no lower point is proposed" in said(page)
    href = re.search(r'href="(\?[^"]+)">Try what costs least', page.text)
    assert href
    tried = client.get(AT + html.unescape(href[1]))
    assert "A complaint from 0.61" in said(tried)
    assert "25 needless looks saved" in said(tried)
    assert "Try what costs least" not in said(tried)


def test_a_miss_that_costs_less_moves_the_point(place: Town) -> None:
    decided(place, 30, 20)
    place.writes(*(Customer(f"faint{n}", f"Lamp {n}, well.", 200 + n, probability=0.55) for n in range(5)))
    answer(place, *(f"faint{n}" for n in range(5)))
    client = place.browser(Role.LEAD)
    assert cells(client.get(AT, params={"miss_costs": "9"}), "a complaint from")[-1] != "0.61"
    assert cells(client.get(AT, params={"miss_costs": "1"}), "a complaint from")[-1] == "0.61"
