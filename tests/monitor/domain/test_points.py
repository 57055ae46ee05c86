"""The operating point by what it costs, with intervals, and nothing proposed that nobody could know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.points import Decision, Point, Tally, share
from monitor.domain.records import Flag, Kind
from monitor.domain.thresholds import Judged, Thresholds

NOW, THEN = Thresholds(0.3), Thresholds(0.5)


def said(
    complaint: float, *, is_complaint: bool, weight: float = 1.0, checked: bool = False, flag: Flag | None = None
) -> Decision:
    flags = frozenset({flag} if flag else ())
    kind = Kind.COMPLAINT if complaint >= 0.3 else Kind.NONE
    return Decision(Judged(1, "en", complaint, complaint >= 0.3, kind, flags), is_complaint, weight, checked)


def tally(*decisions: Decision) -> Tally:
    made = Tally()
    for one in decisions:
        made.add(one, (NOW, THEN))
    return made


def thirty_of(complaint: float, **about: bool) -> list[Decision]:
    return [said(complaint, **about) for _ in range(30)]


def test_a_share_has_wilsons_interval() -> None:
    found = share(8, 10, 10)
    assert found
    assert (found.value, round(found.low, 3), round(found.high, 3)) == (0.8, 0.490, 0.943)
    assert share(0, 0, 0) is None


def test_posts_that_stand_for_many_make_the_interval_wider() -> None:
    plain, weighed = share(80, 100, 100), share(80, 100, 100 * 10)
    assert plain
    assert weighed
    assert weighed.low < plain.low < plain.high < weighed.high


def test_both_settings_are_counted() -> None:
    made = tally(*thirty_of(0.8, is_complaint=True), *thirty_of(0.4, is_complaint=True), *thirty_of(0.4, is_complaint=False))  # fmt: skip
    now, then = made.at(0, 0.3), made.at(1, 0.5)
    assert (now.found, now.missed, now.needless, now.cost) == (60, 0, 30, 30)
    assert (then.found, then.missed, then.needless, then.cost) == (30, 30, 0, 150)
    assert now.precision
    assert then.recall
    assert (round(now.precision.value, 2), then.recall.value) == (0.67, 0.5)


def test_the_cheapest_point_follows_the_cost_of_a_miss() -> None:
    made = tally(*thirty_of(0.8, is_complaint=True), *(said(0.4, is_complaint=True) for _ in range(10)), *thirty_of(0.4, is_complaint=False))  # fmt: skip
    assert made.cheapest(5, 0.3).threshold == 0.3, "ten misses cost 50, thirty needless looks less"
    dear = made.cheapest(1, 0.3)
    assert dear.threshold == 0.41
    assert (dear.missed, dear.needless, dear.cost) == (10, 0, 10)


def test_where_nothing_is_gained_the_point_stays_where_it_is() -> None:
    made = tally(*thirty_of(0.9, is_complaint=True), *thirty_of(0.1, is_complaint=False))
    assert made.cheapest(5, 0.3).threshold == 0.3


def test_no_lower_point_is_proposed_before_anybody_checked_what_lies_there() -> None:
    found_by_hand = [said(0.1, is_complaint=True) for _ in range(20)]
    seen = [*thirty_of(0.8, is_complaint=True), *thirty_of(0.4, is_complaint=False), *found_by_hand]
    assert tally(*seen).cheapest(5, 0.3).threshold == 0.41, "0.1 looks cheaper only while nobody looks there"
    checked = [said(0.1, is_complaint=False, weight=2, checked=True) for _ in range(30)]
    assert tally(*seen, *checked).cheapest(5, 0.3).threshold == 0.1, "now what it costs is known: 60 for 20 misses"
    many = [said(0.1, is_complaint=False, weight=9, checked=True) for _ in range(30)]
    assert tally(*seen, *many).cheapest(5, 0.3).threshold == 0.41


def test_what_is_urgent_is_found_at_every_threshold() -> None:
    made = tally(*(said(0.05, is_complaint=True, flag=Flag.SAFETY) for _ in range(5)), said(0.9, is_complaint=False))
    assert (made.at(1).found, made.at(1).missed) == (5, 0)
    assert made.cheapest(5, 0.5).missed == 0
    assert tally(said(0.05, is_complaint=True, flag=Flag.PRESS)).at(1).missed == 1, "the press alone is no complaint"


@pytest.mark.parametrize(("yes", "no", "enough"), [(30, 19, "no"), (30, 20, "yes"), (60, 0, "no"), (0, 60, "no")])
def test_too_few_decisions_or_of_one_kind_only_are_not_enough(yes: int, no: int, enough: str) -> None:
    made = tally(*[said(0.8, is_complaint=True)] * yes, *[said(0.4, is_complaint=False)] * no)
    assert made.enough is (enough == "yes")


DECISIONS = st.lists(
    st.builds(
        said,
        st.integers(0, 100).map(lambda n: n / 100),
        is_complaint=st.booleans(),
        weight=st.sampled_from([1.0, 3.0]),
        checked=st.booleans(),
    ),
    max_size=40,
)


@given(DECISIONS, st.integers(1, 9))
def test_a_proposed_point_counts_what_it_would_count_if_it_were_set(made: list[Decision], step: int) -> None:
    point: Point = tally(*made).cheapest(5, step / 10)
    again = Tally()
    for one in made:
        again.add(one, (Thresholds(point.threshold),))
    set_so = again.at(0, point.threshold)
    assert [round(getattr(point, name), 6) for name in ("found", "missed", "needless", "cost")] == [
        round(getattr(set_so, name), 6) for name in ("found", "missed", "needless", "cost")
    ]


@given(DECISIONS, DECISIONS)
def test_languages_together_are_the_sum_of_each(some: list[Decision], others: list[Decision]) -> None:
    both, whole = tally(*some) + tally(*others), tally(*some, *others)
    assert (both.decisions, both.complaints, both.checked) == (whole.decisions, whole.complaints, whole.checked)
    assert both.at(0).cost == pytest.approx(whole.at(0).cost)
    assert both.cheapest(5, 0.3).cost == pytest.approx(whole.cheapest(5, 0.3).cost)
