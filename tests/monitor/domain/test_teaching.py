"""When answers count as better, and when that may be luck."""

import pytest

from monitor.domain.teaching import better, mark

Row = tuple[float | None, bool, bool]


def rows(*told: tuple[int, float, bool, bool]) -> list[Row]:
    """Return `count` posts of (probability, answer given, answer wanted) each."""
    return [(chance, given, wanted) for count, chance, given, wanted in told for _ in range(count)]


WRONG = rows((10, 0.9, True, False), (10, 0.9, True, True))


def test_what_sets_many_right_and_spoils_none_is_better() -> None:
    assert better(mark(WRONG), mark(rows((10, 0.1, False, False), (10, 0.8, True, True)))) == ""


@pytest.mark.parametrize(
    ("after", "because"),
    [
        (WRONG, "no better"),
        (rows((10, 0.1, False, False), (10, 0.1, False, True)), "spoils 10"),
        (rows((9, 0.9, True, False), (1, 0.4, False, False), (10, 0.9, True, True)), "luck"),
        (rows((4, 0.9999, True, False), (6, 0.4, False, False), (10, 0.2, True, True)), "surer"),
    ],
)
def test_what_is_not_better_is_told_why(after: list[Row], because: str) -> None:
    assert because in better(mark(WRONG), mark(after))


def test_a_rare_answer_counts_as_much_as_a_common_one() -> None:
    lazy = mark(rows((99, 0.01, False, False), (1, 0.01, False, True)))
    fair = mark(rows((99, 0.3, False, False), (1, 0.9, True, True)))
    assert (lazy.loss or 0) > (fair.loss or 9)
    assert (lazy.f1, fair.f1) == (pytest.approx(0.497, abs=0.01), 1.0)


def test_answers_without_a_probability_have_no_loss() -> None:
    marks = mark([(None, 2, 2), (None, 1, 3)])
    assert marks.loss is None
    assert marks.figures() == {"posts": 2, "right": 1, "f1": round(1 / 3, 4)}
