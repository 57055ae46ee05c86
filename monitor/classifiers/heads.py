"""What the columns of a model mean: our own heads, or the labels of any sequence classifier."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.domain.errors import BadInput
from monitor.domain.records import Sentiment, Severity

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one text; the severity only if it has a head for it."""

    complaint: float
    sentiment: Sentiment
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a complaint logit into a probability: sigmoid(scale * logit + shift)."""

    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Heads:
    """How to read a row of logits. `threshold` is the complaint probability from which we look closer."""

    read: Callable[[Logits], Reading]
    threshold: float = 0.5
    version: str = ""
    max_length: int = 128
    extra: Mapping[str, Any] = field(default_factory=dict)


def heads_of(settings: Mapping[str, Any], labels: Mapping[int, str]) -> Heads:
    """Choose how to read a model. `settings` is `amends` in our config.json, `labels` is `id2label` of any other.

    Raises `BadInput` when the labels say neither sentiment nor complaint.
    """
    return _own(settings) if settings else _foreign([labels[i].lower().strip() for i in sorted(labels)])


def _own(settings: Mapping[str, Any]) -> Heads:
    columns: Mapping[str, Sequence[int]] = settings["heads"]
    calibration = Calibration(**settings["calibration"])
    temperature = float(settings.get("sentiment_temperature", 1.0))

    def read(row: Logits) -> Reading:
        score = calibration.scale * float(row[columns["complaint"][0]]) + calibration.shift
        sentiment = _softmax(row[slice(*columns["sentiment"])] / temperature)
        severity = Severity(int(np.argmax(row[slice(*columns["severity"])]))) if "severity" in columns else None
        return Reading(_sigmoid(score), Sentiment(*map(float, sentiment)), severity)

    return Heads(read, float(settings["threshold"]), str(settings["version"]), int(settings["max_length"]), settings)


def _foreign(labels: list[str]) -> Heads:
    groups = _sentiment_columns(labels)
    if groups is not None:
        return Heads(lambda row: _by_sentiment(_softmax(row), groups))
    complaint = [i for i, label in enumerate(labels) if _IS_COMPLAINT.fullmatch(label)]
    if len(complaint) == 1 and len(labels) <= 2:
        return Heads(lambda row: _by_complaint(_softmax(row)[complaint[0]] if len(row) > 1 else _sigmoid(row[0])))
    message = (
        f"The model's labels are {', '.join(labels) or 'missing'}. Amends reads negative/neutral/positive, LABEL_0 to LABEL_2, "
        "complaint/not_complaint, or 1 to 5 stars: set `id2label` in its config.json."
    )
    raise BadInput(message, where="model")


_IS_COMPLAINT = re.compile(r"complaints?|is_complaint|unhappy")
_STARS = re.compile(r"([1-5])(?:[ _]?stars?)?")
_PREFIXES = ("neg", "neu", "pos")
_UNNAMED = {2: ([0], [], [1]), 3: ([0], [1], [2])}  # the order every public sentiment set uses

_Columns = tuple[list[int], list[int], list[int]]  # columns that are negative, neutral, positive


def _sentiment_columns(labels: list[str]) -> _Columns | None:
    if labels == [f"label_{i}" for i in range(len(labels))]:
        return _UNNAMED.get(len(labels))
    stars = [match and int(match[1]) for match in map(_STARS.fullmatch, labels)]
    if len(labels) == 5 and all(stars):
        return _where(stars, {1, 2}), _where(stars, {3}), _where(stars, {4, 5})
    found = [[i for i, label in enumerate(labels) if label.startswith(prefix)] for prefix in _PREFIXES]
    return (found[0], found[1], found[2]) if found[0] and sum(map(len, found)) == len(labels) else None


def _where(values: Sequence[int | None], wanted: set[int]) -> list[int]:
    return [i for i, value in enumerate(values) if value in wanted]


def _by_sentiment(probabilities: Logits, groups: _Columns) -> Reading:
    negative, neutral, positive = (float(probabilities[group].sum()) for group in groups)
    return Reading(negative, Sentiment(negative, neutral, positive))


def _by_complaint(probability: float) -> Reading:
    complaint = float(probability)
    return Reading(complaint, Sentiment(complaint, 1 - complaint, 0.0))


def _softmax(row: Logits) -> Logits:
    powers = np.exp(row - row.max())
    return np.asarray(powers / powers.sum(), np.float32)


def _sigmoid(score: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))
