"""How long customers waited, by audience and severity: an unfair wait stands out."""

from datetime import timedelta

from monitor.domain.answer_times import Answer, Waited, all_of, by_band
from monitor.domain.records import Severity


def took(minutes: int, people: int | None, severity: Severity = Severity.DISAPPROVAL, *, late: bool = False) -> Answer:
    return Answer(people, severity, timedelta(minutes=minutes), late)


def test_each_audience_size_has_its_median_and_its_count() -> None:
    given = [took(10, 50), took(30, 99), took(500, 0, late=True), took(20, 6_000), took(40, None)]
    found = {one.people: one.every for one in by_band(given)}
    assert found == {
        (0, 100): Waited(3, 30, 1),
        (6_000, None): Waited(1, 20, 0),
        None: Waited(1, 40, 0),
    }
    assert all_of(given).every == Waited(5, 30, 1)


def test_within_a_size_each_severity_is_counted_by_itself() -> None:
    given = [took(60, 1_000, Severity.MISMATCH), took(20, 5_999, Severity.BLAME), took(40, 2_000, Severity.BLAME)]
    (band,) = by_band(given)
    assert band.people == (1_000, 6_000)
    assert band.severities == (Waited(1, 60, 0), Waited(0, None, 0), Waited(0, None, 0), Waited(2, 30, 0))


def test_where_nobody_was_answered_there_is_nothing_to_show() -> None:
    assert by_band([]) == []
