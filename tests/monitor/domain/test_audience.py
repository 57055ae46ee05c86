"""How many people see a post, between which numbers, and how fast they become more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.audience import FACTORS, Audience, Figures, Look, at_last, estimate, is_rising, larger, speed
from monitor.domain.records import Engagement
from monitor.domain.triage import factor_of

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLATFORMS = st.sampled_from(["", "feed", *FACTORS])
COUNT = st.one_of(st.none(), st.integers(-50, 10**9))
FIGURES = st.builds(
    Figures,
    PLATFORMS,
    COUNT,
    st.builds(Engagement, COUNT, COUNT, COUNT, COUNT),
    COUNT,
    st.one_of(st.none(), st.floats(0, 1)),
)


def people(figures: Figures) -> int:
    return estimate(figures).people or 0


def seen(views: int, hours_ago: float) -> Look:
    return Look(NOW - timedelta(hours=hours_ago), Figures("x", 100, Engagement(views=views)))


# --- the estimate and its range ---------------------------------------------------------------------------------


@given(FIGURES, st.sampled_from(["likes", "reposts", "replies", "followers", "members", "liked"]))
def test_a_missing_figure_never_raises_the_estimate(figures: Figures, name: str) -> None:
    if name in {"likes", "reposts", "replies"}:
        without = replace(figures, engagement=replace(figures.engagement, **{name: None}))
    else:
        without = replace(figures, **{name: None})  # type: ignore[arg-type]
    assert people(without) <= people(figures)
    assert (estimate(without).high or 0) <= (estimate(figures).high or 0)


@given(FIGURES)
def test_the_estimate_lies_in_its_range(figures: Figures) -> None:
    found = estimate(figures)
    if found.people is None:
        assert (found.low, found.high) == (None, None)
    else:
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= found.people <= found.high


@given(FIGURES, st.sampled_from(["likes", "reposts", "replies", "views"]), st.integers(1, 10**6))
def test_more_of_anything_is_never_fewer_people(figures: Figures, name: str, more: int) -> None:
    had = getattr(figures.engagement, name)
    grown = replace(figures, engagement=replace(figures.engagement, **{name: (had or 0) + more}))
    if name != "views" or had is not None:
        assert people(grown) >= people(figures)


@pytest.mark.parametrize("platform", ["feed", "x", "reddit", "hackernews"])
def test_what_reveals_nothing_has_no_audience(platform: str) -> None:
    assert estimate(Figures(platform)) == Audience(None)


def test_nothing_counted_yet_is_not_the_same_as_nothing_known() -> None:
    assert estimate(Figures("x", engagement=Engagement(likes=0))).people == 0


def test_the_platforms_own_view_count_beats_the_estimate() -> None:
    assert estimate(Figures("x", 100_000, Engagement(likes=40, views=900))).people == 900


def test_who_did_something_with_a_post_has_seen_it() -> None:
    assert estimate(Figures("x", 100, Engagement(likes=900, views=10))).low == 900


def test_the_range_is_narrow_with_views_and_wide_with_followers_only() -> None:
    def width(figures: Figures) -> float:
        found = estimate(figures)
        assert found.low
        assert found.high
        return found.high / found.low

    only_followers = Figures("x", 10_000)
    with_likes = Figures("x", 10_000, Engagement(likes=500, reposts=40))
    with_views = Figures("x", 10_000, Engagement(views=8_000))
    assert width(with_views) <= 2 < width(with_likes) < width(only_followers)


def test_a_small_share_of_many_followers_sees_a_post() -> None:
    assert estimate(Figures("x", 100_000)).people == 15_000
    assert estimate(Figures("x", 10_100_000)).people == 615_000


def test_a_subreddits_members_count_and_an_authors_karma_does_not() -> None:
    found = estimate(Figures("reddit", 90_000, Engagement(likes=10, replies=4), members=100_000))
    assert found.people == 10 * 40 + 4 * 50 + 200


def test_a_disputed_post_was_voted_on_by_more_than_its_score() -> None:
    agreed = Figures("reddit", engagement=Engagement(likes=30), liked=1.0)
    disputed = replace(agreed, liked=0.6)
    assert people(disputed) == 5 * people(agreed)


def test_points_count_for_more_on_hacker_news() -> None:
    found = estimate(Figures("hackernews", engagement=Engagement(likes=208)))
    assert found.people == 16_640, "what authors tell of a day on its front page: 15,000 to 20,000"


def test_it_is_said_with_a_tilde_and_its_range() -> None:
    maybe = Audience(4_012, low=1_480, high=9_044)
    assert maybe.words == "~4,000 people"
    assert maybe.ranged == "~4,000 people (1,500 to 9,000)"
    assert replace(maybe, rising=True).ranged == "~4,000 people (1,500 to 9,000), rising"
    assert Audience(None).ranged == "audience unknown"
    assert Audience(3, low=1, high=20).ranged == "hardly anyone has seen it"


def test_of_two_estimates_the_larger_counts_and_the_unknown_does_not() -> None:
    none, few, many = Audience(None), Audience(0), Audience(90)
    assert larger(few, many) == larger(many, few) == many
    assert larger(none, few) == larger(few, none) == few
    assert larger(none, none) == none


# --- speed ------------------------------------------------------------------------------------------------------


def test_a_speed_is_the_difference_between_two_looks() -> None:
    assert speed([seen(1_000, 2), seen(4_000, 0)], NOW) == 1_500
    assert speed([seen(200, 9), seen(1_000, 1), seen(4_000, 0)], NOW) == 3_000, "the last difference counts"


def test_one_look_tells_no_speed_and_neither_do_two_at_once() -> None:
    assert speed([seen(9_000, 0)], NOW) is None
    assert speed([seen(1_000, 0.1), seen(9_000, 0)], NOW) is None


def test_the_speed_decays_when_it_stops() -> None:
    looks = [seen(1_000, 1), seen(4_000, 0)]
    later = [speed(looks, NOW + timedelta(minutes=minutes)) for minutes in (0, 10, 20)]
    assert later == [3_000, 2_571, 0]


def test_what_begins_to_be_counted_is_no_growth() -> None:
    before = Look(NOW - timedelta(hours=1), Figures("x", 100, Engagement(likes=1)))
    assert speed([before, seen(50_000, 0)], NOW) is None


def test_a_young_post_rises_by_its_speed_since_it_was_written() -> None:
    assert is_rising(None, 12_000, timedelta(hours=1))
    assert not is_rising(None, 12_000, timedelta(hours=20))
    assert not is_rising(None, None, timedelta(hours=1))
    assert not is_rising(5_000, 9_000, None)


def test_an_older_post_rises_at_a_lower_speed_and_a_huge_one_at_a_higher() -> None:
    assert not is_rising(600, 3_000, timedelta(hours=1))
    assert is_rising(600, 3_000, timedelta(hours=8))
    assert not is_rising(600, 2_000_000, timedelta(hours=8))


def test_at_this_speed_it_will_be_so_many_but_nobody_sees_far_ahead() -> None:
    now = Audience(4_000, per_hour=1_000, seen_at=NOW)
    assert now.by(NOW + timedelta(hours=5)) == 9_000
    assert now.by(NOW + timedelta(days=2)) == now.by(NOW + timedelta(hours=6)) == 10_000
    assert now.by(NOW - timedelta(hours=1)) == 4_000
    assert Audience(4_000).by(NOW) == 4_000


LOOKS = st.lists(st.integers(0, 10**6), min_size=1, max_size=5)


@given(LOOKS, st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 40))
def test_a_larger_post_never_has_more_time_than_a_smaller_one(views: list[int], more: int, line: int, age: int) -> None:
    """However a post came to its figures: as many more people at every look never weaken the hurry."""
    views.sort()

    def factor(extra: int) -> float:
        looks = [seen(count + extra, len(views) - 1 - place) for place, count in enumerate(views)]
        found = at_last(looks, NOW, NOW - timedelta(hours=age + len(views)), line)
        return factor_of(found, line, found.by(NOW + timedelta(hours=4)))

    assert factor(more) <= factor(0)
