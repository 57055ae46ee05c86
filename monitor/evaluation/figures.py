"""Figures from what is true and what was said. Shares of one throughout; nothing here knows of posts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitor.domain.rates import wilson

Counts = NDArray[np.int64]  # (..., truth, said): how often each was said of each
Numbers = NDArray[np.float64]

_ROUNDS: Final = 1000
_SEED: Final = 7  # the same interval at every run


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, the bounds of its 95 % interval (None: there is none) and how many posts it rests on."""

    value: float
    low: float | None = None
    high: float | None = None
    rows: int = 0


def confusion(truth: Sequence[int], said: Sequence[int], size: int) -> Counts:
    """Count what was said of what: (size, size). Labels are 0 to size - 1; raises `ValueError` for others."""
    counts = np.zeros((size, size), np.int64)
    pairs = np.asarray(truth, np.int64), np.asarray(said, np.int64)
    if any(labels.size and not 0 <= labels.min() <= labels.max() < size for labels in pairs):
        message = f"labels are 0 to {size - 1}: leave out what is not known"
        raise ValueError(message)
    np.add.at(counts, pairs, 1)
    return counts


def f1(counts: Counts) -> Numbers:
    """F1 of each label: (..., labels); 0 for a label that neither occurs nor was said."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    return np.asarray(2 * hits / np.maximum(counts.sum(-1) + counts.sum(-2), 1), np.float64)


def macro_f1(counts: Counts) -> Numbers:
    """Mean F1 of the labels that occur."""
    return _over_labels(f1(counts), counts)


def macro_recall(counts: Counts) -> Numbers:
    """Mean recall of the labels that occur."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    return _over_labels(hits / np.maximum(counts.sum(-1), 1), counts)


def accuracy(counts: Counts) -> Numbers:
    """Share that is right."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1).sum(-1)
    return np.asarray(hits / np.maximum(counts.sum((-2, -1)), 1), np.float64)


def _over_labels(values: Numbers, counts: Counts) -> Numbers:
    occurs = counts.sum(-1) > 0
    return np.asarray(np.where(occurs, values, 0).sum(-1) / np.maximum(occurs.sum(-1), 1), np.float64)


def estimated(figure: Callable[[Counts], Numbers], *tables: Counts) -> Estimate:
    """Return the mean of `figure` over tables, with the interval that drawing as many posts again gives."""
    chance = np.random.default_rng(_SEED)
    value = float(np.mean([figure(table) for table in tables]))
    again = np.mean([figure(_drawn_again(table, chance)) for table in tables], axis=0)
    low, high = np.quantile(again, (0.025, 0.975))
    return Estimate(value, float(low), float(high), sum(int(table.sum()) for table in tables))


def _drawn_again(counts: Counts, chance: np.random.Generator) -> Counts:
    total = int(counts.sum())
    drawn = chance.multinomial(total, counts.ravel() / max(total, 1), size=_ROUNDS)
    return drawn.reshape(_ROUNDS, *counts.shape)


def share(hits: int, of: int) -> Estimate:
    """Return a share with Wilson's interval; of nothing it is 0, and may be anything."""
    found = wilson(hits, of)
    return Estimate(found.value, found.low, found.high, of) if found else Estimate(0.0, 0.0, 1.0)


def recall_at_precision(scores: Sequence[float], truth: Sequence[int], least: float) -> Estimate:
    """Return the highest recall at which precision is at least `least` (0 where there is none)."""
    x, y = np.asarray(scores, np.float64), np.asarray(truth, np.int64)
    chance = np.random.default_rng(_SEED)
    picks = [chance.integers(0, len(x), len(x)) for _ in range(_ROUNDS // 2)]
    low, high = np.quantile([_best_recall(x[pick], y[pick], least) for pick in picks], (0.025, 0.975))
    return Estimate(_best_recall(x, y, least), float(low), float(high), len(x))


def _best_recall(scores: Numbers, truth: Counts, least: float) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    cuts = np.append(scores[order][:-1] != scores[order][1:], True)  # equal scores fall on one side
    good = cuts & (hits / np.arange(1, len(hits) + 1) >= least)
    return float(hits[good].max() / max(hits[-1], 1)) if good.any() else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Posts of like probability: what was said of them on average, what came true, and how many they are."""

    said: float
    true: float
    rows: int


def by_width(probabilities: Sequence[float], truth: Sequence[int], count: int = 10) -> list[Bin]:
    """Part by probability, every bin equally wide; the empty ones are left out."""
    x = np.asarray(probabilities, np.float64)
    place = np.minimum((x * count).astype(np.int64), count - 1)
    return _bins(x, np.asarray(truth, np.int64), [np.flatnonzero(place == number) for number in range(count)])


def by_mass(probabilities: Sequence[float], truth: Sequence[int], count: int = 10) -> list[Bin]:
    """Part by probability, every bin as full as the others."""
    x = np.asarray(probabilities, np.float64)
    return _bins(x, np.asarray(truth, np.int64), np.array_split(np.argsort(x, kind="stable"), count))


def _bins(x: Numbers, y: Counts, groups: Sequence[NDArray[np.int64]]) -> list[Bin]:
    return [Bin(float(x[some].mean()), float(y[some].mean()), len(some)) for some in groups if len(some)]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return by how much the probabilities are off on average (expected calibration error)."""
    total = sum(one.rows for one in bins)
    return sum(one.rows * abs(one.said - one.true) for one in bins) / total if total else 0.0
