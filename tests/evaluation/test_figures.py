"""Figures that can be worked out by hand."""

import numpy as np
import pytest

from monitor.evaluation.figures import (
    accuracy,
    by_mass,
    by_width,
    calibration_error,
    confusion,
    estimated,
    f1,
    macro_f1,
    macro_recall,
    recall_at_precision,
    share,
)

TRUTH, SAID = [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0]


def test_f1_recall_and_accuracy_of_six_posts() -> None:
    counts = confusion(TRUTH, SAID, 2)
    assert counts.tolist() == [[3, 1], [1, 1]]
    assert f1(counts).tolist() == [0.75, 0.5]
    assert macro_f1(counts) == 0.625
    assert macro_recall(counts) == 0.625
    assert accuracy(counts) == pytest.approx(4 / 6)


@pytest.mark.parametrize(("truth", "said"), [([0, -1], [0, 1]), ([0, 1], [0, 2])])
def test_what_is_not_known_is_counted_as_no_label(truth: list[int], said: list[int]) -> None:
    with pytest.raises(ValueError, match="leave out what is not known"):
        confusion(truth, said, 2)


def test_a_label_that_never_occurs_does_not_count_but_saying_it_costs() -> None:
    right, wrong = confusion([0, 2], [0, 2], 3), confusion([0, 2], [0, 1], 3)
    assert macro_f1(right) == 1
    assert macro_f1(wrong) == 0.5


def test_an_interval_holds_the_figure_and_narrows_with_more_posts() -> None:
    few, many = (estimated(macro_f1, confusion(TRUTH * n, SAID * n, 2)) for n in (5, 500))
    for one in (few, many):
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.value < one.high
    assert (many.high or 0) - (many.low or 0) < ((few.high or 0) - (few.low or 0)) / 5
    assert estimated(macro_f1, confusion(TRUTH * 5, SAID * 5, 2)) == few


def test_a_mean_over_languages_weighs_each_the_same() -> None:
    good, bad = confusion([0, 1] * 50, [0, 1] * 50, 2), confusion([0, 1], [1, 0], 2)
    found = estimated(macro_f1, good, bad)
    assert (found.value, found.rows) == (0.5, 102)


def test_wilsons_interval_of_eight_in_ten() -> None:
    found = share(8, 10)
    assert (found.value, found.rows) == (0.8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-3)
    assert found.high == pytest.approx(0.9433, abs=1e-3)
    assert share(0, 0).high == 1


def test_recall_is_the_highest_where_precision_still_holds() -> None:
    scores, truth = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [1, 1, 1, 1, 0, 1]
    assert recall_at_precision(scores, truth, 0.8).value == 1
    assert recall_at_precision(scores, truth, 0.9).value == 0.8
    assert recall_at_precision([0.9, 0.1], [0, 1], 0.8).value == 0


def test_equal_scores_fall_on_one_side() -> None:
    assert recall_at_precision([0.5, 0.5, 0.5], [1, 0, 0], 0.8).value == 0


def test_probabilities_that_come_true_are_not_off() -> None:
    honest, truth = [0.25] * 4 + [0.75] * 4, [1, 0, 0, 0, 1, 1, 1, 0]
    assert calibration_error(by_width(honest, truth)) == 0
    assert calibration_error(by_width([0.95] * 8, truth)) == pytest.approx(0.45)


def test_bins_of_equal_mass_are_equally_full() -> None:
    chance = np.random.default_rng(1)
    found = by_mass(chance.random(1_000).tolist(), [0, 1] * 500)
    assert [one.rows for one in found] == [100] * 10
    assert [one.said for one in found] == sorted(one.said for one in found)


def test_certainty_falls_into_the_last_bin() -> None:
    assert [one.rows for one in by_width([1.0, 0.99, 0.0], [1, 1, 0])] == [1, 2]
