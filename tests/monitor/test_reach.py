"""How far posts travel while their cases are open: looks, speed, the line of six thousand, and how often we look."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.domain.lifecycle import Action
from monitor.domain.records import Engagement, Quota, Usage
from monitor.store import accounts, alerts, brands, cases, events, mentions, reach, spending
from tests import builders
from tests.monitor.street import Street

HOUR = timedelta(hours=1)


def shows(street: Street, views: int | None, **more: int) -> None:
    """Let the platform show other figures of the post from now on."""
    street.places.posts["1"] = replace(street.places.posts["1"], engagement=Engagement(views=views, **more))


def looks(street: Street, mention_id: int) -> list[tuple[timedelta, int | None]]:
    with street.store.reading() as work:
        (row,) = mentions.get_many(work, [mention_id])
        return [(one.seen_at - street.now, one.figures.engagement.views) for one in reach.looks(work, row)]


def told(street: Street, mention_id: int) -> list[dict[str, object]]:
    """Return what the case's timeline says of its reach, oldest first."""
    case = builders.case_of(street.store, mention_id)
    with street.store.reading() as work:
        return [dict(one.data) for one in events.of_case(work, case.id)[::-1] if one.kind == "reach"]


def test_looks_are_kept_where_figures_changed_with_how_long_they_had_stood(street: Street) -> None:
    (mention_id,) = street.finds(1)
    for hours, views in ((1, 100), (2, 100), (3, 100), (4, 400)):
        shows(street, views)
        street.rechecks(hours * HOUR)
    assert looks(street, mention_id) == [(0 * HOUR, None), (HOUR, 100), (3 * HOUR, 100), (4 * HOUR, 400)]


def test_what_nobody_is_about_to_answer_leaves_no_looks(street: Street) -> None:
    (mention_id,) = street.finds(1)
    case = builders.case_of(street.store, mention_id)
    with street.store.unit_of_work() as work:
        cases.transition(work, case.id, Action.DISMISS, street.house.lead, street.now)
    shows(street, 9_000)
    street.rechecks(HOUR)
    assert street.row(mention_id).views == 9_000
    assert looks(street, mention_id) == []


def test_passing_six_thousand_is_told_once_raises_the_tier_once_and_pages_nobody(street: Street) -> None:
    (mention_id,) = street.finds(1)
    before = builders.case_of(street.store, mention_id)
    tiers = []
    for hours, views in ((1, 5_999), (2, 6_000), (3, 5_000), (4, 7_000), (5, 900_000)):
        shows(street, views)
        street.rechecks(hours * HOUR)
        tiers.append(builders.case_of(street.store, mention_id).tier - before.tier)
    assert tiers == [0, 1, 1, 1, 1]
    assert [one["passed"] for one in told(street, mention_id) if "passed" in one] == [6_000]
    with street.store.reading() as work:
        assert alerts.of_case(work, before.id) is None


def test_a_brands_own_line_is_the_one_that_counts(street: Street) -> None:
    with street.store.unit_of_work() as work:
        brands.change(work, street.house.brand_id, settings={"six_thousand": 500})
    (mention_id,) = street.finds(1)
    shows(street, 600)
    street.rechecks(HOUR)
    assert [one["passed"] for one in told(street, mention_id)] == [500]
    assert builders.case_of(street.store, mention_id).tier == 2


def test_a_range_is_kept_beside_the_estimate(street: Street) -> None:
    (mention_id,) = street.finds(1)
    opened = builders.case_of(street.store, mention_id)
    assert (opened.audience_low, opened.audience, opened.audience_high) == (3, 15, 50)
    shows(street, 4_000)
    street.rechecks(HOUR)
    case = builders.case_of(street.store, mention_id)
    assert (case.audience_low, case.audience, case.audience_high) == (2_400, 4_000, 4_800)


def test_at_its_speed_a_post_is_due_sooner_and_stays_so_when_it_stops(street: Street) -> None:
    (mention_id,) = street.finds(1)
    before = builders.case_of(street.store, mention_id)
    assert before.reply_by
    shows(street, 1_000)
    street.rechecks(HOUR)
    shows(street, 3_800)
    street.rechecks(2 * HOUR)
    fast = builders.case_of(street.store, mention_id)
    assert (fast.tier, fast.rising) == (before.tier, True), "2,800 an hour; 9,400 by the end of the promise"
    assert fast.reply_by == before.clock_at + (before.reply_by - before.clock_at) / 2
    assert told(street, mention_id)[-1]["per_hour"] == 2_800
    street.rechecks(4 * HOUR)
    calm = builders.case_of(street.store, mention_id)
    assert (calm.rising, calm.reply_by) == (False, fast.reply_by)


@given(
    st.lists(
        st.builds(Engagement, *[st.one_of(st.none(), st.integers(0, 10**7))] * 4),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_looks_show_an_open_case_is_never_less_urgent(street: Street, shown: list[Engagement]) -> None:
    number = len(street.places.posts) + 1
    (mention_id,) = street.finds(number)
    case = builders.case_of(street.store, mention_id)
    for hours, figures in enumerate(shown, start=1):
        street.places.posts[str(number)] = replace(street.places.posts[str(number)], engagement=figures)
        street.rechecks(hours * HOUR)
        before, case = case, builders.case_of(street.store, mention_id)
        assert case.tier >= before.tier
        assert case.reply_by is not None
        assert before.reply_by is not None
        assert case.reply_by <= before.reply_by
        assert (case.audience or 0) >= (before.audience or 0)
    with street.store.unit_of_work() as work:  # answered: the next example looks at its own post only
        cases.transition(work, case.id, Action.DISMISS, street.house.lead, street.now)


def spreads(street: Street, *, limit: int, remaining: int) -> timedelta | None:
    """Let a post spread, on a platform that says what is left; returns in how long it is looked at again."""
    (mention_id,) = street.finds(1)
    street.places.usage = Usage((Quota("posts", limit, remaining, 900),))
    shows(street, 90_000)
    street.rechecks()
    return street.due_in(mention_id)


def test_what_spreads_is_looked_at_sooner_where_each_look_is_billed(street: Street) -> None:
    assert spreads(street, limit=100, remaining=90) == timedelta(minutes=30)


def test_where_little_is_left_of_the_window_the_looks_stay_rare(street: Street) -> None:
    assert spreads(street, limit=100, remaining=40) == HOUR


def test_where_half_of_the_months_cap_is_spent_the_looks_stay_rare(street: Street) -> None:
    with street.store.unit_of_work() as work:
        accounts.change(work, street.house.account_id, cap_micros=1_000_000)
        spending.add(work, street.house.account_id, "watch:1", {"post_read": 120}, {"post_read": 5_000}, street.now)
    assert spreads(street, limit=100, remaining=90) == HOUR
