"""Several judges together: "a,b" or, one counting twice, "a:2,b". Each reads every text; what they say is averaged."""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.domain.errors import BadInput
from monitor.domain.records import FlagHit, Kind, Sentiment, Severity, Span, Verdict
from monitor.domain.signals import needs_reply, tell_kind
from monitor.ports import Classifier, Layer

_HALF = 0.5
_LITTLE = 1e-6
_ROOM = 0.02  # so that what a brand taught can lift a level that no judge named
_LONGEST_NAME = 100
_WEIGHTED = re.compile(r"(.+):(\d+(?:\.\d+)?)")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Member:
    """A judge and its share of the say; the shares sum to one."""

    judge: Classifier
    share: float


class Ensemble:
    """Averages log-odds and sentiment. Whether it is a complaint is a vote; equal votes make it one.

    Each judge votes at its own operating point, so urgent posts and languages count as they do with it alone.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        """Put judges together."""
        self._members = members
        self._version = _shortened("+".join(_named(one, len(members)) for one in members))

    @property
    def version(self) -> str:
        """Name all judges, as it is written on every verdict."""
        return self._version

    def assess(
        self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[Layer | None] = ()
    ) -> list[Verdict]:
        """Return one verdict per text, in order; a layer is heard when it was learned on all of them together."""
        said = list(zip(*(one.judge.assess(texts, hints) for one in self._members), strict=True))
        shifts = self._shifts(texts, list(layers))
        taught = chain(layers, repeat(None))
        return [
            self._verdict(text, verdicts, shift, layer)
            for text, verdicts, shift, layer in zip(texts, said, shifts, taught, strict=False)
        ]

    def features(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what each judge makes of the texts, side by side."""
        return np.concatenate([np.asarray(one.judge.features(texts), np.float32) for one in self._members], axis=1)

    def why(self, text: str, layer: Layer | None = None) -> tuple[Span, ...]:
        """Return the words that moved the judges, each word by what it weighs with all of them."""
        spans = [(span, one.share) for one in self._members for span in one.judge.why(text, layer)]
        weights = {word.span(): _weight(word.span(), spans) for word in _WORD.finditer(text)} if spans else {}
        most = max(weights.values(), default=0.0)
        found = (Span(*place, weight / most) for place, weight in weights.items() if weight > 0)
        return tuple(sorted(found, key=lambda span: -span.weight))

    def _shifts(self, texts: Sequence[str], layers: list[Layer | None]) -> list[Mapping[str, Any]]:
        shifts: list[Mapping[str, Any]] = [{}] * len(texts)
        wanted = [i for i, one in enumerate(layers[: len(texts)]) if one is not None and one.base == self._version]
        rows = self.features([texts[i] for i in wanted]) if wanted else ()
        for i, row in zip(wanted, rows, strict=True):
            layer = layers[i]
            assert layer is not None
            shifts[i] = layer.shift(row)
        return shifts

    def _verdict(self, text: str, said: Sequence[Verdict], shift: Mapping[str, Any], layer: Layer | None) -> Verdict:
        shares = [one.share for one in self._members]
        odds = sum(share * _log_odds(one.complaint) for one, share in zip(said, shares, strict=True))
        votes = sum(share for one, share in zip(said, shares, strict=True) if one.is_complaint)
        is_complaint = votes >= _HALF - _LITTLE
        complaint = _probability(odds)
        if "complaint" in shift:
            moved = _probability(odds + float(shift["complaint"][0]))
            is_complaint = moved >= _point(complaint, is_complaint=is_complaint)
            complaint = moved
        heaviest = said[shares.index(max(shares))]
        flags = _flags(said)
        kind = Kind.COMPLAINT if is_complaint else _kind(text, heaviest)
        waits = sum(share for one, share in zip(said, shares, strict=True) if one.needs_reply and not one.is_complaint)
        return Verdict(
            lang=heaviest.lang,
            complaint=complaint,
            is_complaint=is_complaint,
            kind=kind,
            sentiment=_feeling(said, shares),
            severity=_severity(said, shares, shift) if is_complaint else Severity.MISMATCH,
            needs_reply=needs_reply(kind, flags) or waits >= _HALF,
            flags=flags,
            topics=_topics(said, shares, heaviest),
            version=self._version,
            noise=None if is_complaint else next((one.noise for one in (heaviest, *said) if one.noise), None),
            layer_id=layer.id if shift and layer is not None else None,
        )


def parts_of(model: str) -> list[tuple[str, float]]:
    """Return the judges that "a:2,b" names, with their weights. Raises `BadInput` for an empty name or no weight."""
    found = []
    for part in model.split(","):
        weighted = _WEIGHTED.fullmatch(part.strip())
        name, weight = (weighted[1].strip(), float(weighted[2])) if weighted else (part.strip(), 1.0)
        if not name or weight <= 0:
            message = f'"{model}" does not name several judges: write them like shipped:2,owner/name, none of weight 0.'
            raise BadInput(message, where="model")
        found.append((name, weight))
    return found


def build(*, model: str, threads: int = 0, labels: str = "") -> Classifier:
    """Load several judges. Raises `BadInput` when one of them cannot be used, saying why."""
    from monitor.classifiers import load

    named = parts_of(model)
    total = sum(weight for _, weight in named)
    return Ensemble([Member(load(name, threads=threads, labels=labels), weight / total) for name, weight in named])


def _named(member: Member, count: int) -> str:
    equal = math.isclose(member.share * count, 1.0)
    return member.judge.version if equal else f"{member.judge.version}:{member.share:.2f}"


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _point(complaint: float, *, is_complaint: bool) -> float:
    """Return an operating point at which this probability gets the answer that was voted for, as near 0.5 as can be."""
    return min(complaint, _HALF) if is_complaint else max(math.nextafter(complaint, 1.0), _HALF)


def _feeling(said: Sequence[Verdict], shares: Sequence[float]) -> Sentiment:
    rows = [(one.sentiment.negative, one.sentiment.neutral, one.sentiment.positive) for one in said]
    logs = np.average(np.log(np.clip(rows, _LITTLE, 1.0)), axis=0, weights=shares)
    powers = np.exp(logs - logs.max())
    return Sentiment(*(float(one) for one in powers / powers.sum()))


def _severity(said: Sequence[Verdict], shares: Sequence[float], shift: Mapping[str, Any]) -> Severity:
    """Return the level most named by those that see a complaint (by all where none does); of equals the graver."""
    unhappy = any(one.is_complaint for one in said)
    levels = np.zeros(len(Severity))
    for one, share in zip(said, shares, strict=True):
        levels[int(one.severity)] += share if one.is_complaint or not unhappy else 0.0
    score = np.log(levels / levels.sum() + _ROOM) + np.asarray(shift.get("severity", np.zeros(len(Severity))))
    return Severity(len(score) - 1 - int(np.argmax(np.round(score[::-1], 6))))


def _topics(said: Sequence[Verdict], shares: Sequence[float], heaviest: Verdict) -> tuple[str, ...]:
    named: dict[str, float] = {}
    for one, share in zip(said, shares, strict=True):
        for topic in one.topics:
            named[topic] = named.get(topic, 0.0) + share
    most = tuple(sorted((name for name, share in named.items() if share >= _HALF), key=lambda name: -named[name]))
    return most or heaviest.topics


def _flags(said: Sequence[Verdict]) -> tuple[FlagHit, ...]:
    return tuple({hit.flag: hit for one in reversed(said) for hit in one.flags}.values())


def _kind(text: str, heaviest: Verdict) -> Kind:
    return heaviest.kind if heaviest.kind is not Kind.COMPLAINT else tell_kind(text, is_complaint=False)


def _weight(word: tuple[int, int], spans: Sequence[tuple[Span, float]]) -> float:
    start, end = word
    return sum(span.weight * share for span, share in spans if span.start < end and start < span.end)


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LITTLE), 1 - _LITTLE)
    return math.log(bounded / (1 - bounded))


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
