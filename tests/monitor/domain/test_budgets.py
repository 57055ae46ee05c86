"""Pacing: everybody gets a turn, and no window is used up by those who came first."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.budgets import LONGEST_WAIT, Allowance, backoff, held_until, kept_back, next_poll

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TICK = timedelta(seconds=5)  # how often the beat looks for watches that are due


@dataclass
class Platform:
    """Counts calls in windows of a quarter of an hour, as platforms do."""

    limit: int
    says_limit: bool = True
    window: timedelta = timedelta(minutes=15)
    used: Counter[int] = field(default_factory=Counter)

    def call(self, now: datetime) -> Allowance:
        number = (now - NOW) // self.window
        self.used[number] += 1
        left = self.limit - self.used[number]
        assert left >= 0, "it would have said no"
        return Allowance(self.limit if self.says_limit else None, left, NOW + (number + 1) * self.window, now)


@dataclass
class Polled:
    """What came of a while of polling."""

    polls: Counter[int]
    at: list[datetime]
    platform: Platform


def poll(platform: Platform, watches: int, every: timedelta, windows: int) -> Polled:
    """Poll as the workers do: at each tick what is due, the one that waits longest first."""
    due, last, polled = (
        dict.fromkeys(range(watches), NOW),
        dict.fromkeys(range(watches), NOW),
        Polled(Counter(), [], platform),
    )
    known: Allowance | None = None
    now = NOW
    while now < NOW + windows * platform.window:
        for one in sorted((one for one in due if due[one] <= now), key=lambda one: (last[one], due[one], one)):
            hold = held_until(known, watches, now) if known else None
            if hold is not None:
                due[one] = hold
                continue
            known = platform.call(now)
            due[one], last[one] = next_poll(now, every, [known], watches), now
            polled.polls[one] += 1
            polled.at.append(now)
        now += TICK
    return polled


limits, crowds = st.integers(4, 450), st.integers(1, 60)
SOME = settings(max_examples=20, deadline=None)


@SOME
@given(limit=limits, watches=crowds, says_limit=st.booleans())
def test_nobody_starves_and_some_calls_are_kept_for_replies(limit: int, watches: int, *, says_limit: bool) -> None:
    platform = Platform(limit, says_limit)
    polled = poll(platform, watches, timedelta(seconds=30), windows=4)
    turns = [polled.polls[one] for one in range(watches)]
    assert max(turns) - min(turns) <= 2 + max(turns) // 10
    kept = kept_back(limit if says_limit else None)
    assert all(used <= limit - kept for used in platform.used.values())
    assert sum(turns) >= min(watches, limit - kept)


@SOME
@given(limit=limits, watches=crowds)
def test_a_window_is_not_used_up_long_before_it_ends(limit: int, watches: int) -> None:
    platform = Platform(limit)
    polled = poll(platform, watches, timedelta(seconds=5), windows=3)
    spare = limit - kept_back(limit)
    for number in range(3):
        opens = NOW + number * platform.window
        in_half = sum(opens <= at < opens + platform.window / 2 for at in polled.at)
        assert in_half <= spare / 2 + min(watches, spare / 2) + 1


@given(remaining=st.integers(0, 1000), sharing=st.integers(1, 100), seconds=st.floats(1, 90_000), more=st.booleans())
def test_a_turn_is_never_later_than_the_new_window_nor_sooner_than_asked(
    remaining: int, sharing: int, seconds: float, *, more: bool
) -> None:
    allowance = Allowance(1000, remaining, NOW + timedelta(seconds=seconds), NOW)
    every = timedelta(seconds=30)
    turn = next_poll(NOW, every, [allowance], sharing, more=more)
    assert turn >= (NOW if more else NOW + every)
    assert turn <= max(NOW + every, allowance.resets_at)


def test_a_walk_takes_its_pages_at_once_while_there_is_plenty_left() -> None:
    plenty = Allowance(450, 400, NOW + timedelta(minutes=15), NOW)
    scarce = Allowance(450, 200, NOW + timedelta(minutes=15), NOW)
    assert next_poll(NOW, timedelta(seconds=30), [plenty], 3, more=True) == NOW
    assert next_poll(NOW, timedelta(seconds=30), [scarce], 3, more=True) > NOW + timedelta(seconds=10)


def test_what_is_left_of_a_window_that_is_over_holds_nobody() -> None:
    over = Allowance(450, 0, NOW, NOW - timedelta(minutes=15))
    assert held_until(over, 3, NOW) is None
    assert next_poll(NOW, timedelta(seconds=30), [over], 3) == NOW + timedelta(seconds=30)


def test_failing_waits_grow_from_half_a_minute_to_a_quarter_of_an_hour() -> None:
    began, at, waits = NOW, NOW, []
    for _ in range(9):
        waits.append(backoff(at - began, timedelta(seconds=30)).total_seconds())
        at += timedelta(seconds=waits[-1])
    assert waits == [30, 30, 60, 120, 240, 480, 900, 900, 900]


@pytest.mark.parametrize(
    ("asked", "waits"), [(7, 7), (0, 1), (-5, 1), (10_000, 10_000), (10**8, LONGEST_WAIT.total_seconds())]
)
def test_a_platform_that_says_when_is_believed_for_a_day(asked: float, waits: float) -> None:
    assert backoff(timedelta(0), timedelta(seconds=asked)).total_seconds() == waits


def test_one_call_in_twenty_is_kept_for_replies() -> None:
    assert [kept_back(limit) for limit in (450, 100, 15, 4, 3, None)] == [22, 5, 1, 1, 0, 1]
