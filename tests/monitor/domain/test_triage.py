"""Tier, reply-by and the sentence: what stands where in the queue, and why."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.audience import Audience, estimate
from monitor.domain.records import Engagement, Flag, Kind, Severity
from monitor.domain.triage import (
    Hours,
    Promises,
    add_working,
    asks_for,
    clock_start,
    is_history,
    prioritise,
    tier_of,
    why_here,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
FEW = Audience(20)
CROWD = Audience(50_000)
OFFICE = Hours("Europe/Warsaw", frozenset(range(5)), time(9), time(17))


def test_an_urgent_flag_makes_any_complaint_tier_three() -> None:
    assert tier_of(Severity.MISMATCH, frozenset({Flag.SAFETY}), FEW) == 3


def test_six_thousand_people_raise_the_tier_by_one_and_never_past_three() -> None:
    assert tier_of(Severity.DISAPPROVAL, frozenset(), Audience(5_999)) == 1
    assert tier_of(Severity.DISAPPROVAL, frozenset(), Audience(6_000)) == 2
    assert tier_of(Severity.BLAME, frozenset(), CROWD) == 3


@given(
    severity=st.sampled_from(Severity),
    few=st.one_of(st.none(), st.integers(0, 10**7)),
    more=st.one_of(st.none(), st.integers(0, 10**7)),
    rising=st.booleans(),
)
def test_a_small_audience_never_waits_longer_than_its_severity_promises(
    severity: Severity, few: int | None, more: int | None, *, rising: bool
) -> None:
    promise = NOW + timedelta(minutes=Promises().minutes[severity])
    for people in (few, more):
        place = prioritise(Kind.COMPLAINT, severity, frozenset(), Audience(people, rising), NOW, Promises())
        assert place.reply_by is not None
        assert place.reply_by <= promise


@pytest.mark.parametrize("kind", [Kind.NONE, Kind.QUESTION])
def test_danger_is_a_complaint_however_politely_it_is_put(kind: Kind) -> None:
    assert asks_for(kind, frozenset({Flag.SAFETY})) is Kind.COMPLAINT
    assert asks_for(kind, frozenset({Flag.PRESS})) is kind
    assert asks_for(Kind.THANKS, frozenset({Flag.SAFETY})) is Kind.THANKS


@pytest.mark.parametrize("kind", [Kind.QUESTION, Kind.THANKS])
def test_questions_and_thanks_are_never_late(kind: Kind) -> None:
    assert prioritise(kind, Severity.BLAME, frozenset(), CROWD, NOW, Promises()).reply_by is None


def test_a_tier_three_promise_runs_at_night_too() -> None:
    night = datetime(2026, 3, 7, 2, 0, tzinfo=UTC)
    promises = Promises(hours=OFFICE)
    urgent = prioritise(Kind.COMPLAINT, Severity.BLAME, frozenset(), FEW, night, promises)
    assert urgent.reply_by == night + timedelta(minutes=15)


def test_other_promises_run_in_the_brands_hours() -> None:
    friday_evening = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # 16:30 in Warsaw: half an hour is left
    calm = prioritise(Kind.COMPLAINT, Severity.ACCUSATION, frozenset(), FEW, friday_evening, Promises(hours=OFFICE))
    assert calm.reply_by == datetime(2026, 3, 9, 8, 30, tzinfo=UTC)  # Monday 9:30 in Warsaw


@given(minutes=st.integers(0, 5_000), step=st.integers(1, 600))
def test_more_work_never_ends_earlier(minutes: int, step: int) -> None:
    ends = [add_working(NOW, timedelta(minutes=minutes + step * n), OFFICE) for n in range(4)]
    assert all(first <= second for first, second in pairwise(ends))


def test_the_clock_starts_when_the_post_was_written_unless_that_cannot_be() -> None:
    written = NOW - timedelta(hours=3)
    assert clock_start(written, NOW, as_live=False) == written
    assert clock_start(written, NOW, as_live=True) == NOW
    assert clock_start(None, NOW, as_live=False) == NOW
    assert clock_start(NOW + timedelta(days=1), NOW, as_live=False) == NOW


def test_what_was_old_on_arrival_is_history() -> None:
    assert is_history(NOW - timedelta(hours=49), NOW)
    assert not is_history(NOW - timedelta(hours=47), NOW)
    assert not is_history(None, NOW)


def test_the_reason_is_said_in_words() -> None:
    said = why_here(Kind.COMPLAINT, Severity.ACCUSATION, (Flag.SAFETY,), Audience(12_437, rising=True), same=3)
    assert said == "safety · accuses us · ~12,000 people, rising · 3 say the same"


def test_missing_figures_stay_missing() -> None:
    assert estimate(None, Engagement(), None).people is None
    assert estimate(None, Engagement(likes=0), None).people == 0


def test_the_platforms_own_view_count_beats_the_estimate() -> None:
    assert estimate(100_000, Engagement(views=900), timedelta(hours=20)).people == 900


def test_a_post_that_spreads_fast_is_rising_and_an_old_one_is_not() -> None:
    fast = Engagement(reposts=100)
    assert estimate(500, fast, timedelta(hours=1)).rising
    assert not estimate(500, fast, timedelta(hours=20)).rising
