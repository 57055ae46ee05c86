"""Several judges together: "a,b" or, one counting twice, "a:2,b". Each reads every text; what they say is averaged."""

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from monitor.classifiers import shifts, words
from monitor.classifiers.labels import shared_out
from monitor.classifiers.reading import identify
from monitor.classifiers.shifts import Shift, log_odds, of_complaint, sigmoid
from monitor.domain.errors import BadInput
from monitor.domain.records import FlagHit, Kind, Sentiment, Severity, Span, Verdict
from monitor.domain.signals import needs_reply, tell_kind
from monitor.ports import Classifier, Layer

_HALF = 0.5
_LITTLE = 1e-6
_LONGEST_NAME = 100
_WEIGHTED = re.compile(r"(.+):(\d+(?:\.\d+)?)")


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
        moved = self._shifts(texts, list(layers))
        taught = chain(layers, repeat(None))
        return [
            self._verdict(text, verdicts, shift, layer)
            for text, verdicts, shift, layer in zip(texts, said, moved, taught, strict=False)
        ]

    def features(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what each judge makes of the texts, side by side."""
        return np.concatenate([np.asarray(one.judge.features(texts), np.float32) for one in self._members], axis=1)

    def why(self, text: str, layer: Layer | None = None) -> tuple[Span, ...]:
        """Return the words that moved the judges, each word by what it weighs with all of them.

        A layer was learned on all of them together, so no judge can say what it did: the words are left out in turn.
        """
        if layer is not None and layer.base == self._version:
            return words.that_matter(text, partial(self._complaints, lang=identify(text), layer=layer))
        spans = [(span, one.share) for one in self._members for span in one.judge.why(text)]
        weights = {word.span(): _weight(word.span(), spans) for word in words.WORD.finditer(text)} if spans else {}
        most = max(weights.values(), default=0.0)
        found = (Span(*place, weight / most) for place, weight in weights.items() if weight > 0)
        return tuple(sorted(found, key=lambda span: -span.weight))

    def _complaints(self, texts: list[str], lang: str, layer: Layer) -> list[float]:
        return [one.complaint for one in self.assess(texts, [lang] * len(texts), [layer] * len(texts))]

    def _shifts(self, texts: Sequence[str], layers: list[Layer | None]) -> list[Shift]:
        found: list[Shift] = [{}] * len(texts)
        wanted = [i for i, one in enumerate(layers[: len(texts)]) if one is not None and one.base == self._version]
        rows = self.features([texts[i] for i in wanted]) if wanted else ()
        for i, row in zip(wanted, rows, strict=True):
            layer = layers[i]
            assert layer is not None
            found[i] = layer.shift(row)
        return found

    def _verdict(self, text: str, said: Sequence[Verdict], shift: Shift, layer: Layer | None) -> Verdict:
        shares = [one.share for one in self._members]
        odds = sum(share * log_odds(one.complaint) for one, share in zip(said, shares, strict=True))
        votes = sum(share for one, share in zip(said, shares, strict=True) if one.is_complaint)
        is_complaint = votes >= _HALF - _LITTLE
        complaint = sigmoid(odds)
        if "complaint" in shift:
            moved = sigmoid(odds + of_complaint(shift))
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
            severity=shifts.severity(_severity(said, shares), shift) if is_complaint else Severity.MISMATCH,
            needs_reply=needs_reply(kind, flags) or waits >= _HALF,
            flags=flags,
            topics=shifts.topics(_topics(said, shares, heaviest), shift),
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
    said = _labels([name for name, _ in named], labels)
    return Ensemble(
        [
            Member(load(name, threads=threads, labels=mine), weight / total)
            for (name, weight), mine in zip(named, said, strict=True)
        ]
    )


def _labels(names: Sequence[str], said: str) -> list[str]:
    """Return what is said of the labels of each judge; of our own nothing is."""
    from monitor.classifiers import OWN
    from monitor.classifiers.directory import find, labels_of

    foreign = any(name not in OWN for name in names)
    if not said.strip() or not foreign:
        return [""] * len(names)
    return shared_out(said, [() if name in OWN else labels_of(find(name)) for name in names])


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


def _severity(said: Sequence[Verdict], shares: Sequence[float]) -> Severity:
    """Return the level most named by those that see a complaint (by all where none does); of equals the graver."""
    unhappy = any(one.is_complaint for one in said)
    levels = np.zeros(len(Severity))
    for one, share in zip(said, shares, strict=True):
        levels[int(one.severity)] += share if one.is_complaint or not unhappy else 0.0
    return Severity(len(levels) - 1 - int(np.argmax(np.round(levels[::-1], 6))))


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
