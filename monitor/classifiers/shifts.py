"""Log-odds: there and back, and what a brand's layer adds to answers that come without a probability."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Severity

Shift = Mapping[str, Any]  # what a brand's layer adds to the log-odds of a head

_SURE: Final = 2.0  # log-odds such an answer stands for, as when the layer was learned
_LITTLE: Final = 1e-6
_FURTHEST: Final = 30.0
_MOST_TOPICS: Final = 3


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, kept from the ends."""
    bounded = min(max(probability, _LITTLE), 1 - _LITTLE)
    return math.log(bounded / (1 - bounded))


def sigmoid(score: float) -> float:
    """Return the probability of any log-odds, however large."""
    return 1 / (1 + math.exp(-min(max(score, -_FURTHEST), _FURTHEST)))


def of_complaint(shift: Shift) -> float:
    """Return what is added to the log-odds of a complaint: 0 when nothing was taught."""
    return float(np.ravel(shift.get("complaint", 0.0))[0])


def severity(said: Severity, shift: Shift) -> Severity:
    """Return the level that is likeliest after what a brand taught, given the one that was named."""
    if "severity" not in shift:
        return said
    scores = [float(score) for score in shift["severity"]]
    scores[said] += _SURE
    return Severity(scores.index(max(scores)))


def topics(said: tuple[str, ...], shift: Shift) -> tuple[str, ...]:
    """Return the topics that remain or are new after what a brand taught, likeliest first; ("other",) for none."""
    if "topics" not in shift:
        return said
    moved = zip(TOPICS, shift["topics"], strict=True)
    scores = {topic: float(score) + (_SURE if topic in said else -_SURE) for topic, score in moved}
    named = sorted((topic for topic, score in scores.items() if score > 0), key=lambda topic: -scores[topic])
    return tuple(named[:_MOST_TOPICS]) or ("other",)
