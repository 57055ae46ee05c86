"""One run over everything: the numbers that were promised, every language and source, and our own sets."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from monitor.evaluation import judged as of
from monitor.evaluation.figures import Bin, Estimate, by_width
from monitor.evaluation.judged import Judged, Some, Tell, judged
from monitor.evaluation.numbers import CLOSE, POLITE, Line, labelled, line_of, lines
from monitor.evaluation.own import ALL, measure_own
from monitor.evaluation.sets import read_sets
from monitor.ports import Classifier

Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured. `lines` are the promises, `sources` a row for each language and source."""

    version: str
    part: str
    posts: int
    missing: list[str]
    lines: list[Line]
    sources: list[Figure]
    reliability: dict[str, list[Bin]]  # by language
    own: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return asdict(self) | {"lines": [line.as_dict() for line in self.lines]}


def measure(
    judge: Classifier, data: Path, tell: Tell, *, own: Path | None = None, most: int | None = None, part: str = "dev"
) -> Report:
    """Judge a part of the labelled posts in `data`, and our own sets in the folder `own`.

    Raises `BadInput` when `data` holds none, or a file cannot be read.
    """
    found = read_sets(data, part, most)
    verdicts = judged(judge, [post.text for post in found.posts], tell, "judging")
    every = [Judged(post, verdict) for post, verdict in zip(found.posts, verdicts, strict=True)]
    ours = measure_own(judge, own, tell) if own else None
    polite = [line_of(target, None) for target in POLITE]
    return Report(
        version=judge.version,
        part=part,
        posts=len(every),
        missing=[*found.missing, *(ours.missing if ours else ())],
        lines=[*lines(every), *(ours.lines if ours and ours.lines else polite)],
        sources=_sources(every),
        reliability={lang: _reliability(every, lang) for lang in CLOSE},
        own=ours.tables if ours else {},
    )


def _reliability(every: Some, lang: str) -> list[Bin]:
    some = [one for one in every if labelled(lang)(one)]
    return by_width([one.verdict.complaint for one in some], [one.post.complaint for one in some]) if some else []


def _sources(every: Sequence[Judged]) -> list[Figure]:
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in every:
        groups.setdefault((one.post.lang, ALL), []).append(one)
        groups.setdefault((one.post.lang, one.post.source), []).append(one)
    return [_source(lang, source, some) for (lang, source), some in groups.items()]


_COMPLAINT: Final[dict[str, Callable[[Some], Estimate]]] = {
    "complaint_macro_f1": of.complaint_f1,
    "precision": of.precision,
    "recall": of.recall,
    "calibration_error": of.off_by,
}
_SENTIMENT: Final[dict[str, Callable[[Some], Estimate]]] = {
    "sentiment_macro_f1": of.sentiment_f1,
    "negative_f1": of.negative_f1,
}


def _source(lang: str, source: str, some: Some) -> Figure:
    told = of.with_complaint(some)
    if source == ALL and any(one.post.gold for one in told):
        told = [one for one in told if one.post.gold]
    felt = of.with_sentiment(some)
    graded = [one for one in told if one.post.complaint == 1 and one.post.severity >= 0]
    both = {one.post.complaint for one in told} == {0, 1}
    found = {name: figure(told) if both else None for name, figure in _COMPLAINT.items()}
    found |= {name: figure(felt) if felt else None for name, figure in _SENTIMENT.items()}
    found |= {"severity_macro_f1": of.severity_f1(graded) if graded else None, "language": of.language_right(some)}
    return {
        "lang": lang,
        "source": source,
        "posts": len(some),
        "labels": ("gold" if told[0].post.gold else "from sentiment") if both else "",
        **{name: None if one is None else asdict(one) for name, one in found.items()},
    }
