"""What one brand taught the judge: a linear shift of its log-odds, learned on features that stay as they are.

The prior is "the judge is right": weights start at zero and are held there (ridge), so a few corrections move little.
The posts nobody objected to stand beside the corrections with the judge's own answer, so that what is learned of one
kind of post stays with posts like it.
"""

import io
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from monitor.domain.errors import BadInput
from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Severity, Verdict

TOPIC_NAMES: Final = tuple(TOPICS)
COLUMNS: Final = {"complaint": 1, "severity": len(Severity), "topics": len(TOPIC_NAMES)}
_UNREADABLE: Final = (
    ValueError,
    OSError,
    KeyError,
    EOFError,
    RuntimeError,
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
_MOST_BYTES: Final = 4_000_000
_WIDEST: Final = 20_000  # features
_FURTHEST: Final = 8.0  # log-odds a layer moves an answer by, at most: a text like no other cannot run away
_SURE: Final = 2.0  # log-odds a verdict stands for where it names its answer without a probability
_STEPS: Final = 200
_OTHERS_WEIGH: Final = 2.0  # all posts nobody spoke of together, beside all that somebody did
_MOST_BALANCE: Final = 3.0

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Weights by head, each (features + 1, columns); the last row is added whatever the text."""

    id: int | None
    base: str
    heads: Mapping[str, Matrix]

    def shift(self, features: Any) -> dict[str, Matrix]:
        """Return what to add to the log-odds of each head, from one row of features. Of another width: nothing."""
        row = np.asarray(features, np.float32)
        return {
            name: np.clip(row @ weights[:-1] + weights[-1], -_FURTHEST, _FURTHEST)
            for name, weights in self.heads.items()
            if len(weights) == len(row) + 1
        }

    def to_bytes(self) -> bytes:
        """Return the weights as NumPy keeps them."""
        kept = io.BytesIO()
        np.savez_compressed(kept, allow_pickle=False, **dict(self.heads.items()))
        return kept.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes, base: str, layer_id: int | None = None) -> "Layer":
        """Read weights back. Raises `BadInput` for anything but sound numbers of known heads; no code is ever run."""
        try:
            if len(kept) > _MOST_BYTES or sum(one.file_size for one in _members(kept)) > 2 * _MOST_BYTES:
                message = "they are too large"
                raise ValueError(message)
            with np.load(io.BytesIO(kept), allow_pickle=False) as archive:
                heads = {name: _sound(name, archive[name]) for name in archive.files}
        except _UNREADABLE as error:
            message = f"The weights of this layer cannot be read: {error}. Go back to another one, or learn anew."
            raise BadInput(message, where="layer") from error
        return cls(layer_id, base, heads)


def _members(kept: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        return archive.infolist()


def _sound(name: str, weights: Any) -> Matrix:
    if not isinstance(weights, np.ndarray):
        message = f"{name} holds no array"
        raise ValueError(message)  # noqa: TRY004  as for all that is wrong with it
    known = COLUMNS.get(name)
    shaped = weights.ndim == 2 and weights.shape[1] == known and 2 <= len(weights) <= _WIDEST + 1
    if known is None or not shaped or weights.dtype != np.float32 or not np.isfinite(weights).all():
        message = f"{name} holds {weights.dtype} of shape {weights.shape}, or numbers without end"
        raise ValueError(message)
    return weights


@dataclass(frozen=True, slots=True)
class Lesson:
    """What people said of one text; None: nothing. `weight` is how much it counts beside an express correction."""

    text: str
    hint: str = ""
    is_complaint: bool | None = None
    severity: int | None = None
    topics: tuple[str, ...] | None = None
    weight: float = 1.0


def learn(features: Any, lessons: Sequence[Lesson], verdicts: Sequence[Verdict], base: str) -> Layer:
    """Learn a layer from what people said, beside posts that nobody spoke of (lessons that say nothing).

    `features` is (texts, width) and `verdicts` are what the judge alone makes of the same texts. A head that nobody
    corrected is not learned.
    """
    scale = _Scale.of(np.asarray(features, np.float64))
    design = scale.design(np.asarray(features, np.float64))
    heads: dict[str, Matrix] = {}
    for name, task in (("complaint", _complaint), ("severity", _severity), ("topics", _topics)):
        offsets, wanted, said = task(lessons, verdicts)
        if said.any():
            weights = _weights(wanted, said, lessons)
            heads[name] = scale.unscaled(_fit(design, offsets, wanted, weights, exclusive=name == "severity"))
    return Layer(None, base, heads)


_Task = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]  # own log-odds, wanted answers, who spoke


def _complaint(lessons: Sequence[Lesson], verdicts: Sequence[Verdict]) -> _Task:
    own = np.clip([one.complaint for one in verdicts], 1e-4, 1 - 1e-4)
    said = np.array([one.is_complaint is not None for one in lessons])
    wanted = np.where(said, [bool(one.is_complaint) for one in lessons], own)
    return np.log(own / (1 - own))[:, None], wanted[:, None].astype(float), said


def _severity(lessons: Sequence[Lesson], verdicts: Sequence[Verdict]) -> _Task:
    offsets = _SURE * np.eye(len(Severity))[[int(one.severity) for one in verdicts]]
    said = np.array([one.severity is not None for one in lessons])
    named = np.eye(len(Severity))[[one.severity or 0 for one in lessons]]
    return offsets, np.where(said[:, None], named, _shares(offsets)), said


def _topics(lessons: Sequence[Lesson], verdicts: Sequence[Verdict]) -> _Task:
    offsets = _SURE * (2 * _named([one.topics for one in verdicts]) - 1)
    said = np.array([one.topics is not None for one in lessons])
    named = _named([one.topics or () for one in lessons])
    return offsets, np.where(said[:, None], named, _squash(offsets)), said


def _named(topics: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    return np.array([[float(name in names) for name in TOPIC_NAMES] for names in topics])


def _weights(wanted: NDArray[np.float64], said: NDArray[np.bool_], lessons: Sequence[Lesson]) -> NDArray[np.float64]:
    """Weigh lessons so that 200 of one answer do not drown 20 of another, nor all of them the silent posts."""
    weights = np.array([one.weight for one in lessons]) * said
    whole, classes = weights.sum(), wanted.round().astype(int) @ (1 << np.arange(wanted.shape[1]))
    kinds = [np.flatnonzero(said & (classes == one)) for one in np.unique(classes[said])]
    for mine in kinds:
        weights[mine] *= min(_MOST_BALANCE, whole / (len(kinds) * weights[mine].sum()))
    silent = ~said
    if silent.any():
        weights[silent] = min(1.0, _OTHERS_WEIGH * weights.sum() / silent.sum())
    return weights


@dataclass(frozen=True, slots=True)
class _Scale:
    """Brings features to a like size, so that one prior suits every encoder: a usual text has length 1."""

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.float64]) -> "_Scale":
        spread = features.std(0)
        least = 0.3 * float(np.sqrt((spread**2).mean())) or 1.0
        return cls(features.mean(0), np.maximum(spread, least) * np.sqrt(features.shape[1]))

    def design(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.hstack([(features - self.middle) / self.spread, np.ones((len(features), 1))])

    def unscaled(self, learned: NDArray[np.float64]) -> Matrix:
        weights = learned[:-1] / self.spread[:, None]
        return np.vstack([weights, learned[-1] - self.middle @ weights]).astype(np.float32)


_PRIOR: Final = 1.0  # 1 / variance of what a usual text is moved by, in log-odds
_PRIOR_OF_ALL: Final = 4.0  # the same of what is added whatever the text


def _fit(
    design: NDArray[np.float64],
    offsets: NDArray[np.float64],
    wanted: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    exclusive: bool,
) -> NDArray[np.float64]:
    """Return the weights, (width, columns), that bring the answers to the wanted ones as far as the prior lets them.

    Newton's steps on a curvature that is never less than the true one (Böhning's bound): none overshoots, and one
    inverse serves all of them.
    """
    answers, curvature = (_shares, 0.5) if exclusive else (_squash, 0.25)
    prior = np.full(design.shape[1], _PRIOR)
    prior[-1] = _PRIOR_OF_ALL
    inverse = np.linalg.inv(curvature * (design.T * weights) @ design + np.diag(prior))
    learned = np.zeros((design.shape[1], wanted.shape[1]))
    for _ in range(_STEPS):
        wrong = weights[:, None] * (answers(offsets + design @ learned) - wanted)
        step = inverse @ (design.T @ wrong + prior[:, None] * learned)
        learned -= step
        if np.abs(step).max() < 1e-5:
            break
    return learned


def _squash(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-scores)))


def _shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))
