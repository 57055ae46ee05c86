"""Why a case stands where it stands, part by part; and how long customers waited, by the size of their audience."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor import weighing
from monitor.domain.lifecycle import Action, Actor, Role
from monitor.domain.records import Engagement, Severity
from monitor.store import brands, cases, mentions, reach, rechecks
from tests.api.pages.conftest import Town, in_order, said
from tests.api.pages.town import Customer

HOUR = timedelta(hours=1)


@pytest.fixture
def ana(place: Town) -> int:
    """Return the case of somebody disappointed, written just now, seen by few."""
    place.writes(Customer("ana_rising", "The lid does not close any more.", 0, "x", views=100, followers=40))
    return place.case_of("ana_rising")


def looks(place: Town, case_id: int, *views: int, every: timedelta = HOUR) -> None:
    """Let the post be looked at again, once in so long, with these views."""
    store, clock = place.house.store, place.house.clock
    post = place.case(case_id).mention_id
    for count in views:
        clock.forward(seconds=every.total_seconds())
        now, figures = clock(), Engagement(views=count)
        with store.unit_of_work() as work:
            reach.record(work, post, figures, None, now)
            rechecks.look_next(work, post, now + HOUR, checked_at=now)
            mentions.refresh_figures(work, post, figures)
            weighing.weigh_reach(work, post, now)


def parts(place: Town, case_id: int) -> dict[str, str]:
    """Return the parts that the page names."""
    page = place.browser().get(f"/cases/{case_id}").text
    found = re.search(r'class="weighing".*?</details>', page, re.DOTALL)
    assert found
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[0]))


def test_a_calm_case_can_be_reckoned_from_its_parts(place: Town, ana: int) -> None:
    found = parts(place, ana)
    assert found["severity"] == "1 of 3: disappointed"
    assert found["urgent words"] == "none"
    assert found["audience"] == "~100 people (60 to 120)"
    assert found["speed"] == "not known: that takes two looks"
    assert found["promise"] == "4 h at tier 1"
    assert "shortened" not in found
    assert found["counted"].endswith("UTC, round the clock")
    assert found["so answer by"] == f"{place.case(ana).reply_by:%H:%M} UTC"


def test_a_case_that_spreads_says_how_fast_how_far_and_what_that_shortened(place: Town, ana: int) -> None:
    looks(place, ana, 1_000, 3_500)
    found = parts(place, ana)
    assert found["audience"] == "~3,500 people (2,100 to 4,200)"
    start = place.case(ana).clock_at
    assert found["speed"] == f"~2,500 more an hour, rising; at this speed ~8,500 by {start + 4 * HOUR:%H:%M} UTC"
    assert found["shortened"] == "× 0.5 for 6,000 people soon and rising: 2 h"
    assert found["so answer by"] == f"{start + 2 * HOUR:%H:%M} UTC"
    assert found["looked at"] == "just now, again in 60 min; up to 1.5 cents a look on X"


def test_passing_the_line_is_dated_and_told_on_the_timeline(place: Town, ana: int) -> None:
    looks(place, ana, 6_500)
    passed = place.house.clock()
    looks(place, ana, 6_600)
    found = parts(place, ana)
    assert found["passed"] == f"6,000 people at {passed:%H:%M} UTC"
    assert found["audience"].endswith(": 6,000 or more, so one tier higher (3 at most)")
    assert found["promise"] == "60 min at tier 2"
    words = said(place.browser().get(f"/cases/{ana}"))
    assert words.count("saw it pass 6,000 people") == 1


def test_ten_times_the_line_is_named_for_what_it_is(place: Town, ana: int) -> None:
    looks(place, ana, 90_000)
    assert parts(place, ana)["shortened"] == "× 0.5 for 60,000 people or more: 30 min"


def test_a_promise_that_was_sooner_before_is_explained(place: Town, ana: int) -> None:
    looks(place, ana, 1_000, 3_500, 3_500, 3_500)
    found = parts(place, ana)
    assert found["speed"] == "nobody more since the look before"
    assert "as it was promised before" in found["so answer by"]
    assert found["so answer by"].endswith("A promise grows no longer")


def test_only_the_high_end_beyond_the_line_is_a_maybe(place: Town, ana: int) -> None:
    looks(place, ana, 5_500)
    assert parts(place, ana)["audience"].endswith(": may reach 6,000")
    assert "may reach 6,000" in said(place.browser().get("/"))
    with place.house.store.unit_of_work() as work:
        brands.change(work, place.brand_id, settings={"six_thousand": 50_000})
    assert "may reach 6,000" not in said(place.browser().get("/"))


def test_from_three_looks_on_the_way_is_drawn_and_said(place: Town, ana: int) -> None:
    assert "<svg" not in place.browser().get(f"/cases/{ana}").text
    looks(place, ana, 1_000, 7_000)
    page = place.browser().get(f"/cases/{ana}").text
    assert 'aria-label="From ~100 to ~7,000 people in 2 h"' in page
    drawn = re.search(r'<polyline points="([^"]+)"', page)
    assert drawn
    heights = [float(point.split(",")[1]) for point in drawn[1].split()]
    assert heights == sorted(heights, reverse=True)
    assert "<line " in page, "the line it passed"


def test_what_has_no_promise_says_so(place: Town) -> None:
    assert parts(place, place.case_of("tomasz"))["promise"] == "none: only complaints have one"


# --- how long customers waited ------------------------------------------------------------------------------------


def answered(place: Town, handle: str, after: timedelta) -> None:
    """Let a case be answered so long after its clock began."""
    case = place.case(place.case_of(handle))
    with place.house.store.unit_of_work() as work:
        lead = Actor.person(place.house.ids[Role.LEAD], Role.LEAD, "Lead")
        cases.transition(work, case.id, Action.ANSWER_BY_HAND, lead, case.clock_at + after)


def test_the_ledger_shows_waits_by_audience_and_severity(place: Town) -> None:
    assert "How long customers waited" not in said(place.browser().get("/ledger"))
    few = Customer("few", "Cold soup again.", 0, views=30, severity=Severity.DISAPPROVAL)
    place.writes(
        few,
        replace(few, handle="few_too", text="Cold soup, too."),
        replace(few, handle="many", text="Soup?", views=9_000),
    )
    answered(place, "few", timedelta(minutes=20))
    answered(place, "few_too", timedelta(minutes=40))
    answered(place, "many", timedelta(minutes=90))
    place.house.clock.forward(hours=2)
    words = said(place.browser().get("/ledger"))
    assert in_order(
        words, ["fewer than 100 people 30 min of 2", "6,000 people or more 90 min of 1, 1 late", "anybody 40 min of 3"]
    )
