"""From logits to honest probabilities, and from those to the point from which we look closer."""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

MISS_COSTS: Final = 5  # a complaint that is missed costs as much as so many needless looks
_POINTS = np.round(np.arange(0.05, 0.951, 0.05), 2)
_LOW = (0.0, 0.002, 0.005, 0.01, 0.02)
_LOWEST, _HIGHEST = 0.15, 0.5

Floats = NDArray[np.float32]


def platt(scores: Floats, labels: Floats, weights: Floats) -> tuple[float, float]:
    """Fit sigmoid(scale * score + shift) by weighted maximum likelihood."""
    x, y, w = (torch.tensor(values, dtype=torch.float64) for values in (scores, labels, weights))
    parameters = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)

    def loss() -> torch.Tensor:
        return torch.nn.functional.binary_cross_entropy_with_logits(parameters[0] * x + parameters[1], y, weight=w)

    _minimise(parameters, loss)
    return float(parameters[0].detach()), float(parameters[1].detach())


def temperature(logits: Floats, labels: NDArray[np.int64]) -> float:
    """Fit the one number that makes the sentiment shares honest."""
    x, y = torch.tensor(logits, dtype=torch.float64), torch.tensor(labels)
    value = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    _minimise(value, lambda: torch.nn.functional.cross_entropy(x / value, y))
    return float(value.detach())


def leaning(shares: Floats, labels: NDArray[np.int64]) -> list[float]:
    """Fit what is added to the three sentiments, negative first, so that the likeliest is right more evenly.

    `shares` is (posts, 3), logits over their temperature. A sentiment with a quarter of the posts of another is weighed twice as much:
    half way between the shares of these posts and three sentiments that count alike.
    """
    x, y = torch.tensor(shares, dtype=torch.float64), torch.tensor(labels)
    weights = torch.bincount(y, minlength=x.shape[1]).clamp(min=1).double().rsqrt()
    value = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    _minimise(value, lambda: torch.nn.functional.cross_entropy(x + value, y, weight=weights))
    return [round(float(one), 3) for one in value.detach() - value.detach().mean()]


def gain_of_leaning(shares: Floats, labels: NDArray[np.int64]) -> float:
    """Return by how much leaning raises the mean recall of the sentiments: fitted on each half, measured on the other."""
    even = np.arange(len(labels)) % 2 == 0
    leant = np.empty_like(labels)
    for half in (even, ~even):
        leant[half] = (shares[half] + leaning(shares[~half], labels[~half])).argmax(1)
    return _mean_recall(leant, labels) - _mean_recall(shares.argmax(1), labels)


def _mean_recall(said: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    return float(np.mean([(said[labels == each] == each).mean() for each in np.unique(labels)]))


def _minimise(parameters: torch.Tensor, loss: Callable[[], torch.Tensor]) -> None:
    optimizer = torch.optim.LBFGS([parameters], max_iter=200)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)


def operating_point(probabilities: Floats, labels: Floats) -> float:
    """Return the threshold that costs least when a miss costs `MISS_COSTS` needless looks."""

    def cost(threshold: float) -> float:
        said = probabilities >= threshold
        return MISS_COSTS * float((~said & (labels == 1)).sum()) + float((said & (labels == 0)).sum())

    return round(float(min(np.arange(_LOWEST, _HIGHEST + 0.001, 0.01), key=cost)), 2)


def flag_points(probabilities: Floats, words: NDArray[np.bool_], truth: Floats) -> tuple[float, float]:
    """Return from which probability a flag is raised alone, and from which lower one where `words` set it as well.

    The two that cost least together, a miss costing `MISS_COSTS` needless looks.
    """

    def cost(points: tuple[float, float]) -> float:
        said = (probabilities >= points[0]) | (words & (probabilities >= points[1]))
        return MISS_COSTS * float((~said & (truth == 1)).sum()) + float((said & (truth == 0)).sum())

    pairs = [(float(alone), low) for alone in _POINTS for low in (*_LOW, *map(float, _POINTS)) if low <= alone]
    return min(pairs, key=cost)


def curve(probabilities: Floats, labels: Floats) -> list[list[float]]:
    """Return [threshold, precision, recall] at every twentieth, as settings pages show it."""
    points = []
    for threshold in _POINTS:
        said = probabilities >= threshold
        hits = float((said & (labels == 1)).sum())
        precision, recall = hits / max(float(said.sum()), 1.0), hits / max(float(labels.sum()), 1.0)
        points.append([float(threshold), round(precision, 3), round(recall, 3)])
    return points
