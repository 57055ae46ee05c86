from datetime import UTC, datetime, timedelta

import pytest

from api.pages import words
from api.pages.words import Piece

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "said", "tone"),
    [
        (-4, "late 4 min", "late"),
        (-0.5, "late 30 s", "late"),
        (6, "in 6 min", "soon"),
        (30, "in 30 min", "soon"),
        (52, "in 52 min", "later"),
        (240, "in 4 h", "later"),
        (-3 * 24 * 60, "late 3 days", "late"),
    ],
)
def test_the_clock_counts_down_and_then_up(minutes: float, said: str, tone: str) -> None:
    clock = words.clock(NOW + timedelta(minutes=minutes), NOW)
    assert (clock.words, clock.tone) == (said, tone)


def test_times_are_relative_with_the_exact_time_beside() -> None:
    assert words.ago(NOW - timedelta(hours=3), NOW) == "3 h ago"
    assert words.ago(NOW + timedelta(minutes=5), NOW) == "in 5 min"
    assert words.ago(NOW, NOW) == "just now"
    assert words.ago(None, NOW) == "at an unknown time"
    assert words.exact(NOW) == "Mon 2 Mar 2026, 10:00:00 UTC"


def test_marks_count_in_code_points_and_overlaps_keep_the_first() -> None:
    text = "🙁 bad مرحبا end"
    pieces = words.marked(text, [(2, 5, "first", "block"), (4, 8, "second", "warn"), (6, 11, "third", "warn")])
    assert pieces == [
        Piece("🙁 "),
        Piece("bad", "first", "block"),
        Piece(" "),
        Piece("مرحبا", "third", "warn"),
        Piece(" end"),
    ]
    assert words.marked(text, [(5, 2, "back", ""), (3, 99, "beyond", "")]) == [Piece(text)]
    assert words.marked("", []) == []


def test_handles_are_written_as_their_platform_does() -> None:
    assert words.handle("@anna", "x") == "@anna"
    assert words.handle("u/tired", "reddit") == "u/tired"
    assert words.handle("tired", "reddit") == "u/tired"


def test_an_excerpt_is_one_line() -> None:
    assert words.excerpt("one\n\ntwo   three") == "one two three"
    assert words.excerpt("x" * 300, 10) == "x" * 10 + "…"
