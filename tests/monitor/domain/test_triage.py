"""Tier, reply-by and the sentence: what stands where in the queue, and why."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.audience import Audience
from monitor.domain.records import Flag, Kind, Severity
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


def test_the_reason_says_when_only_the_high_end_crosses_the_line() -> None:
    maybe = Audience(4_000, low=1_500, high=9_000)
    assert why_here(Kind.COMPLAINT, Severity.DISAPPROVAL, (), maybe) == "disappointed · ~4,000 people · may reach 6,000"
    assert "may reach" not in why_here(Kind.COMPLAINT, Severity.DISAPPROVAL, (), maybe, line=20_000)
    assert "may reach" not in why_here(Kind.COMPLAINT, Severity.DISAPPROVAL, (), Audience(7_000, low=6_500, high=9_000))


# --- audience and hurry ------------------------------------------------------------------------------------------

COUNTS = st.one_of(st.none(), st.integers(0, 10**8))
PROMISES = st.builds(
    lambda minutes, line, hours: Promises(tuple(sorted(minutes, reverse=True)), line, hours),
    st.lists(st.integers(1, 40_000), min_size=4, max_size=4),
    st.integers(1, 10**6),
    st.sampled_from([Hours(), OFFICE]),
)
AUDIENCES = st.builds(
    Audience,
    COUNTS,
    st.booleans(),
    per_hour=st.one_of(st.none(), st.integers(0, 10**6)),
    seen_at=st.integers(0, 600).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)


def due(audience: Audience, severity: Severity, promises: Promises) -> datetime:
    place = prioritise(Kind.COMPLAINT, severity, frozenset(), audience, NOW, promises)
    assert place.reply_by is not None
    return place.reply_by


@given(st.sampled_from(Severity), PROMISES, AUDIENCES, st.integers(0, 10**7))
def test_more_people_or_more_speed_never_lengthen_the_wait(
    severity: Severity, promises: Promises, audience: Audience, more: int
) -> None:
    before = due(audience, severity, promises)
    larger = replace(audience, people=(audience.people or 0) + more)
    faster = replace(audience, rising=True, per_hour=(audience.per_hour or 0) + more)
    assert due(larger, severity, promises) <= before
    assert due(faster, severity, promises) <= before


@given(st.sampled_from(Severity), PROMISES, AUDIENCES)
def test_no_audience_lengthens_the_wait_past_the_promise_of_the_severity(
    severity: Severity, promises: Promises, audience: Audience
) -> None:
    hours = Hours() if severity is Severity.BLAME else promises.hours
    promised = add_working(NOW, timedelta(minutes=promises.minutes[severity]), hours)
    assert due(audience, severity, promises) <= promised


@given(st.sampled_from(Severity), PROMISES, st.integers(0, 10**7))
def test_an_unknown_audience_is_answered_as_the_severity_alone_promises(
    severity: Severity, promises: Promises, speed: int
) -> None:
    unknown = Audience(None, per_hour=speed, seen_at=NOW)
    place = prioritise(Kind.COMPLAINT, severity, frozenset(), unknown, NOW, promises)
    assert (place.tier, place.factor, place.ahead) == (severity, 1.0, None)


def test_a_speed_that_will_pass_the_line_shortens_the_wait_and_leaves_the_tier() -> None:
    slow = Audience(4_000, per_hour=100, seen_at=NOW)
    fast = Audience(4_000, per_hour=1_000, seen_at=NOW)
    first, second = (
        prioritise(Kind.COMPLAINT, Severity.DISAPPROVAL, frozenset(), one, NOW, Promises()) for one in (slow, fast)
    )
    assert (first.tier, first.factor, first.ahead) == (1, 1.0, 4_400)
    assert (second.tier, second.factor, second.ahead) == (1, 0.75, 8_000)
    assert second.reply_by == NOW + timedelta(hours=3)


def test_the_parts_of_a_place_can_be_reckoned_by_hand() -> None:
    place = prioritise(Kind.COMPLAINT, Severity.DISAPPROVAL, frozenset(), CROWD, NOW, Promises())
    assert (place.tier, place.minutes, place.factor) == (2, 60, 0.75)
    assert place.reply_by == NOW + timedelta(minutes=60 * 0.75)


def test_a_brands_own_line_counts_and_ten_times_the_line_presses_by_itself() -> None:
    town = Promises(six_thousand=500)
    place = prioritise(Kind.COMPLAINT, Severity.DISAPPROVAL, frozenset(), Audience(600), NOW, town)
    assert (place.tier, place.factor) == (2, 0.75)
    place = prioritise(Kind.COMPLAINT, Severity.DISAPPROVAL, frozenset(), Audience(5_000), NOW, town)
    assert (place.tier, place.factor) == (2, 0.5)
