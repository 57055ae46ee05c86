"""What the columns of a model mean: our own heads, or the labels of any sequence classifier."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classifiers.shifts import Shift, log_odds, of_complaint, sigmoid
from monitor.domain.errors import BadInput
from monitor.domain.records import Flag, Kind, Noise, Sentiment, Severity

Logits = NDArray[np.float32]

_KINDS = tuple(Kind)
_NOISES = (None, *Noise)  # the order of the columns
_SURE = 0.5
_EVEN = np.zeros(3, np.float32)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one text; None where it has no head for it."""

    complaint: float
    sentiment: Sentiment
    severity: Severity | None = None
    kind: Kind | None = None  # what it would be if it were no complaint
    needs_reply: bool | None = None
    topics: tuple[str, ...] | None = None  # likeliest first
    noise: Noise | None = None
    flags: tuple[tuple[int, Flag], ...] = ()  # which are raised, each with its place among the marks
    doubted: frozenset[Flag] = frozenset()  # which are so unlikely that words alone do not set them


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a complaint logit into a probability: sigmoid(scale * logit + shift)."""

    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Heads:
    """How to read a row of logits, given the language and what the brand taught.

    `thresholds` holds the complaint probability from which we look closer, by language; "" for all others.
    """

    read: Callable[[Logits, str, Shift], Reading]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    version: str = ""
    max_length: int = 128

    def threshold(self, lang: str) -> float:
        """Return the operating point in a language."""
        return self.thresholds.get(lang, self.thresholds.get("", 0.5))


def heads_of(settings: Mapping[str, Any], labels: Mapping[int, str]) -> Heads:
    """Choose how to read a model. `settings` is `amends` in our config.json, `labels` is `id2label` of any other.

    Raises `BadInput` when the labels say neither sentiment nor complaint, or our settings are not whole.
    """
    if not settings:
        return _foreign([labels[i].lower().strip() for i in sorted(labels)])
    try:
        return _own(settings)
    except (KeyError, TypeError, ValueError) as error:
        message = f"The part `amends` of the model's config.json is not whole, or of a newer Amends: {error!r}."
        raise BadInput(message, where="model") from error


def _own(settings: Mapping[str, Any]) -> Heads:
    columns = {name: slice(*place) for name, place in settings["heads"].items()}
    calibrations = {lang: Calibration(**values) for lang, values in settings["calibration"].items()}
    plain = calibrations.get("", Calibration())
    temperature = float(settings.get("sentiment_temperature", 1.0))
    leaning = {lang: np.asarray(by, np.float32) for lang, by in settings.get("sentiment_shift", {}).items()}
    names: Sequence[str] = settings.get("topics", ())
    alarms = _alarms(settings.get("flags"))

    def read(row: Logits, lang: str, shift: Shift) -> Reading:
        def of(head: str) -> Logits:
            return row[columns[head]] + np.asarray(shift.get(head, 0.0), np.float32)

        calibration = calibrations.get(lang, plain)
        raw = float(row[columns["complaint"]][0])
        urgent = [sigmoid(float(score)) for score in of("flags")] if alarms else []
        score = calibration.scale * raw + calibration.shift + of_complaint(shift)
        return Reading(
            sigmoid(score),
            Sentiment(*map(float, _softmax(of("sentiment") / temperature + leaning.get(lang, _EVEN)))),
            Severity(int(np.argmax(of("severity")))) if "severity" in columns else None,
            _KINDS[int(np.argmax(of("kind")[1:])) + 1] if "kind" in columns else None,
            bool(of("needs_reply")[0] >= 0) if "needs_reply" in columns else None,
            _topics(names, row[columns["topics"]], of("topics")) if "topics" in columns else None,
            _noise(_softmax(of("noise"))) if "noise" in columns else None,
            tuple((i, flag) for i, (flag, alone, _) in enumerate(alarms) if urgent[i] >= alone),
            frozenset(flag for i, (flag, _, with_words) in enumerate(alarms) if urgent[i] < with_words),
        )

    thresholds = {lang: float(value) for lang, value in settings["threshold"].items()}
    return Heads(read, thresholds, str(settings["version"]), int(settings["max_length"]))


def _alarms(said: Mapping[str, Sequence[Any]] | None) -> list[tuple[Flag, float, float]]:
    """Give each flag with the probability from which it is raised alone, and the lower one where words set it too."""
    if not said:
        return []
    points = zip(said["names"], said["alone"], said["with_words"], strict=True)
    return [(Flag(name), float(alone), float(with_words)) for name, alone, with_words in points]


def _named(names: Sequence[str], scores: Logits) -> tuple[str, ...]:
    order = sorted(range(len(names)), key=lambda i: -float(scores[i]))
    return tuple(names[i] for i in order if scores[i] >= 0)[:3]


def _topics(names: Sequence[str], alone: Logits, taught: Logits) -> tuple[str, ...]:
    """Give what is named with what the brand taught; ("other",) when that took away all that the model names alone."""
    return _named(names, taught) or (("other",) if _named(names, alone) else ())


def _noise(shares: Logits) -> Noise | None:
    likeliest = int(np.argmax(shares))
    return _NOISES[likeliest] if shares[likeliest] >= _SURE else None


def _foreign(labels: list[str]) -> Heads:
    groups = _sentiment_columns(labels)
    if groups is not None:
        return Heads(lambda row, _, shift: _by_sentiment(_softmax(row), groups, shift))
    complaint = [i for i, label in enumerate(labels) if _IS_COMPLAINT.fullmatch(label)]
    if len(complaint) == 1 and len(labels) <= 2:
        place = complaint[0]
        return Heads(lambda row, _, shift: _by_complaint(_softmax(row)[place] if len(row) > 1 else sigmoid(row[0]), shift))  # fmt: skip
    message = (
        f"The model's labels are {', '.join(labels) or 'missing'}. Amends reads negative/neutral/positive, LABEL_0 to LABEL_2, "
        "complaint/not_complaint, or 1 to 5 stars: say what they mean in AMENDS_MODEL_LABELS, for instance "
        "anger=negative,joy=positive,other=neutral, or as `id2label` in its config.json."
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


def _by_sentiment(probabilities: Logits, groups: _Columns, shift: Shift) -> Reading:
    negative, neutral, positive = (float(probabilities[group].sum()) for group in groups)
    return Reading(_shifted(negative, shift), Sentiment(negative, neutral, positive))


def _by_complaint(probability: float, shift: Shift) -> Reading:
    complaint = _shifted(float(probability), shift)
    return Reading(complaint, Sentiment(complaint, 1 - complaint, 0.0))


def _shifted(probability: float, shift: Shift) -> float:
    return sigmoid(log_odds(probability) + of_complaint(shift)) if "complaint" in shift else probability


def _softmax(row: Logits) -> Logits:
    powers = np.exp(row - row.max())
    return np.asarray(powers / powers.sum(), np.float32)
