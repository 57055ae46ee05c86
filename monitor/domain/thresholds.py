"""From which probability on a post is a complaint: by language, and what that makes of a stored verdict. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.records import Flag, Kind
from monitor.domain.triage import asks_for


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The operating points of a brand: a language's own, else the one for all. None: the judge's own."""

    plain: float | None = None
    by_language: Mapping[str, float] = field(default_factory=dict)

    def of(self, lang: str) -> float | None:
        """Return the threshold of a language."""
        return self.by_language.get(lang, self.plain)

    @property
    def lowest(self) -> float | None:
        """Return the lowest threshold of all, None when none is set."""
        return min((one for one in (self.plain, *self.by_language.values()) if one is not None), default=None)


def thresholds_of(settings: Mapping[str, Any], operator: float | None = None) -> Thresholds:
    """Return a brand's thresholds from its settings; `operator` is the one set for all brands."""
    return Thresholds(settings.get("threshold", operator), settings.get("thresholds") or {})


def kind_at(kind: Kind, complaint: float, *, is_complaint: bool, threshold: float | None) -> Kind:
    """Return what a verdict says at another operating point than its classifier's; None: at its own."""
    if threshold is None or (complaint >= threshold) == is_complaint:
        return kind
    return Kind.NONE if is_complaint else Kind.COMPLAINT


@dataclass(frozen=True, slots=True)
class Judged:
    """What the judge made of a post, as it was stored, and what a person said of it since (None: nothing)."""

    mention_id: int
    lang: str
    complaint: float
    is_complaint: bool
    kind: Kind
    flags: frozenset[Flag] = frozenset()
    corrected: bool | None = None

    def kind_by(self, thresholds: Thresholds) -> Kind:
        """Return what the post asks of us at these thresholds, urgent flags included."""
        threshold = thresholds.of(self.lang)
        kind = kind_at(self.kind, self.complaint, is_complaint=self.is_complaint, threshold=threshold)
        return asks_for(kind, self.flags) if self.flags else kind


def flags_of(stored: Iterable[Iterable[Any]]) -> frozenset[Flag]:
    """Return the flags of a stored assessment: [[flag, start, end], ...]."""
    return frozenset(Flag(name) for name, *_ in stored)
