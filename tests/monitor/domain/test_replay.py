"""Old decisions played again: what would be missed, what would be more, what would be late."""

import tracemalloc
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.audience import Audience
from monitor.domain.records import Flag, Kind, Severity
from monitor.domain.replay import EXAMPLES, Became, OldCase, OldPost, Replay, Rules, Weight, _Clock
from monitor.domain.thresholds import Judged, Thresholds
from monitor.domain.triage import Hours, Promises, prioritise

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PLAIN = Promises()


def rules(threshold: float | None = None, promises: Promises = PLAIN, **languages: float) -> Rules:
    return Rules(Thresholds(threshold, languages), promises)


def judged(complaint: float, number: int = 1, *, flag: Flag | None = None, corrected: bool | None = None) -> Judged:
    kind = Kind.COMPLAINT if complaint >= 0.3 else Kind.NONE
    return Judged(number, "en", complaint, complaint >= 0.3, kind, frozenset({flag} if flag else ()), corrected)


def weight(severity: Severity = Severity.DISAPPROVAL, people: int | None = 10, *, rising: bool = False) -> Weight:
    return Weight(severity, frozenset(), Audience(people, rising), NOW)


def case(
    *posts: Judged, became: Became = Became.ANSWERED, number: int = 1, minutes: float | None = 30, **about: int
) -> OldCase:
    answered = NOW + timedelta(minutes=minutes) if minutes is not None else None
    return OldCase(number, number, posts, weight(**about), NOW, became, answered)  # type: ignore[arg-type]


def test_an_answered_complaint_below_the_new_point_would_have_been_missed() -> None:
    replay = Replay(rules(), rules(0.5))
    replay.case(case(judged(0.4)))
    replay.case(case(judged(0.4), became=Became.NEEDLESS))
    replay.case(case(judged(0.9)))
    assert replay.missed == 1
    assert replay.lost == {Became.ANSWERED: 1, Became.NEEDLESS: 1}
    assert [one.became for one in sorted(replay.lost_examples, reverse=True)] == [Became.ANSWERED, Became.NEEDLESS]


def test_a_case_stays_while_any_of_its_posts_asks() -> None:
    replay = Replay(rules(), rules(0.5))
    replay.case(case(judged(0.4), judged(0.8)))
    assert replay.lost.total() == 0


def test_what_is_urgent_stays_whatever_the_point() -> None:
    replay = Replay(rules(), rules(0.95))
    replay.case(case(judged(0.1, flag=Flag.SAFETY)))
    assert replay.lost.total() == 0


def test_only_the_language_whose_point_moves_fares_differently() -> None:
    replay = Replay(rules(), rules(None, pl=0.5))
    replay.case(case(judged(0.4)))
    assert replay.lost.total() == 0
    replay.case(case(Judged(2, "pl", 0.4, is_complaint=True, kind=Kind.COMPLAINT)))
    assert replay.missed == 1


def test_set_aside_posts_would_become_cases_and_what_people_said_of_them_is_told() -> None:
    replay = Replay(rules(), rules(0.2))
    for number, corrected in enumerate((None, None, True, False)):
        replay.post(OldPost(judged(0.25, number, corrected=corrected), weight(), NOW))
    replay.post(OldPost(judged(0.1, 9), weight(), NOW))
    assert replay.gained == {Became.UNSEEN: 2, Became.COMPLAINT: 1, Became.NEEDLESS: 1}
    assert replay.likely == pytest.approx(0.5), "of the unseen alone"
    assert max(replay.gained_examples).mention_id == 2, "a known complaint first"
    assert replay.load == {NOW.date(): [0, 4]}


def test_a_case_that_people_opened_by_hand_would_have_been_found() -> None:
    replay = Replay(rules(), rules(0.2))
    replay.case(case(judged(0.25)))
    assert (replay.found, replay.missed) == (1, 0)


def test_shorter_promises_make_more_answers_late() -> None:
    replay = Replay(rules(), rules(promises=Promises(minutes=(60, 20, 10, 5))))
    replay.case(case(judged(0.9), minutes=30))
    replay.case(case(judged(0.9), minutes=10))
    replay.case(case(judged(0.9), minutes=None, became=Became.WAITING))
    assert (replay.answered, replay.late) == (2, [0, 1])
    assert (replay.sooner, replay.later) == (3, 0)


def test_a_lower_line_raises_the_tier() -> None:
    replay = Replay(rules(), rules(promises=Promises(six_thousand=5)))
    replay.case(case(judged(0.9)))
    assert replay.tiers == ([0, 1, 0, 0], [0, 0, 1, 0])


def test_the_same_settings_change_nothing() -> None:
    replay = Replay(rules(0.4), rules(0.4))
    for number, complaint in enumerate((0.1, 0.3, 0.4, 0.9)):
        replay.case(case(judged(complaint), number=number))
        replay.post(OldPost(judged(complaint, number), weight(), NOW))
    assert replay.lost.total() == replay.gained.total() == replay.found == replay.sooner == replay.later == 0
    assert replay.tiers[0] == replay.tiers[1]
    assert all(now == then for now, then in replay.load.values())


def test_of_many_examples_those_that_matter_are_kept() -> None:
    replay = Replay(rules(), rules(0.5))
    replay.case(case(judged(0.4), number=1))
    for number in range(2, 500):
        replay.case(case(judged(0.4), became=Became.NEEDLESS, number=number))
    assert len(replay.lost_examples) == EXAMPLES
    assert max(replay.lost_examples).mention_id == 1
    assert replay.lost.total() == 499


def test_memory_does_not_grow_with_the_posts_played() -> None:
    def peak(count: int) -> int:
        replay = Replay(rules(), rules(0.5))
        tracemalloc.start()
        for number in range(count):
            replay.case(case(judged(number % 100 / 100, number), number=number))
            replay.post(OldPost(judged(number % 100 / 100, number), weight(), NOW))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(8000) < 2 * peak(1000)


WORKDAYS = Hours("Europe/Warsaw", frozenset(range(5)), time(9), time(17))


@given(
    st.sampled_from(Kind),
    st.lists(
        st.tuples(
            st.sampled_from(Severity),
            st.none() | st.sampled_from([0, 50, 5_999, 6_000, 59_999, 60_000, 10**7]),
            st.booleans(),
            st.integers(0, 10_000),
        ),
        max_size=8,
    ),
    st.sampled_from([Hours(), WORKDAYS]),
)
def test_a_place_that_was_reckoned_before_is_the_one_that_triage_gives(
    kind: Kind, cases: list[tuple[Severity, int | None, bool, int]], hours: Hours
) -> None:
    promises = Promises(hours=hours)
    clock = _Clock(promises)
    for severity, people, rising, minutes in cases:
        one = Weight(severity, frozenset(), Audience(people, rising), NOW + timedelta(minutes=minutes))
        place = prioritise(kind, severity, one.flags, one.audience, one.clock_at, promises)
        assert (clock.tier(kind, one), clock.reply_by(kind, one)) == (place.tier, place.reply_by)
