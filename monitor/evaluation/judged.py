"""Posts beside the verdicts on them, and the figures that compare the two."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monitor.classifiers.training.data import SENTIMENTS, UNKNOWN
from monitor.domain.records import Verdict
from monitor.evaluation.figures import (
    Counts,
    Estimate,
    accuracy,
    by_mass,
    by_width,
    calibration_error,
    confusion,
    estimated,
    f1,
    macro_f1,
    macro_recall,
    recall_at_precision,
    share,
)
from monitor.evaluation.sets import Post
from monitor.ports import Classifier

Tell = Callable[[str, int, int], None]  # what is being done, how many are done, how many in all
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled post and what the judge made of it."""

    post: Post
    verdict: Verdict


Some = Sequence[Judged]


def judged(judge: Classifier, texts: Sequence[str], tell: Tell, what: str) -> Iterator[Verdict]:
    """Judge texts in batches, without a hint of their language."""
    for start in range(0, len(texts), _BATCH):
        yield from judge.assess(texts[start : start + _BATCH])
        tell(what, min(start + _BATCH, len(texts)), len(texts))


def with_complaint(some: Some) -> list[Judged]:
    """Return those of which it is known whether they are complaints."""
    return [one for one in some if one.post.complaint != UNKNOWN]


def with_sentiment(some: Some) -> list[Judged]:
    """Return those whose sentiment is known."""
    return [one for one in some if one.post.sentiment != UNKNOWN]


def complaint_f1(some: Some) -> Estimate:
    """Macro-F1 of complaint or not, at a probability of 0.5."""
    return estimated(macro_f1, _pairs((one.post.complaint, one.verdict.complaint >= 0.5) for one in some))


def unhappy_f1(some: Some) -> Estimate:
    """Macro-F1 of unhappy or not: a complaint at 0.5, or negative the likeliest."""
    return estimated(macro_f1, _pairs((one.post.complaint, _unhappy(one)) for one in some))


def recall_at_80(some: Some) -> Estimate:
    """Recall of complaints where four in five of those named are complaints."""
    return recall_at_precision([one.verdict.complaint for one in some], [one.post.complaint for one in some], 0.8)


def precision(some: Some) -> Estimate:
    """Share of the complaints named at the operating point that are complaints."""
    named = [one for one in some if one.verdict.is_complaint]
    return share(sum(one.post.complaint for one in named), len(named))


def recall(some: Some) -> Estimate:
    """Share of the complaints that are found at the operating point."""
    complaints = [one for one in some if one.post.complaint == 1]
    return share(sum(one.verdict.is_complaint for one in complaints), len(complaints))


def severity_f1(some: Some) -> Estimate:
    """Macro-F1 of the four levels, over complaints of which it is known, found or not."""
    graded = [one for one in some if one.post.complaint == 1 and one.post.severity != UNKNOWN]
    table = confusion([one.post.severity for one in graded], [int(one.verdict.severity) for one in graded], 4)
    return estimated(macro_f1, table)


def sentiment_f1(some: Some) -> Estimate:
    """Macro-F1 of negative, neutral, positive."""
    return estimated(macro_f1, _sentiments(some))


def sentiment_accuracy(some: Some) -> Estimate:
    """Share of sentiments that are right."""
    return estimated(accuracy, _sentiments(some))


def sentiment_recall(some: Some) -> Estimate:
    """Mean recall of negative, neutral, positive."""
    return estimated(macro_recall, _sentiments(some))


def mean_sentiment_f1(some: Some) -> Estimate:
    """Macro-F1 of the sentiment, the mean of the languages."""
    langs = sorted({one.post.lang for one in some})
    return estimated(macro_f1, *(_sentiments([one for one in some if one.post.lang == lang]) for lang in langs))


def negative_f1(some: Some) -> Estimate:
    """F1 of negative; where subtitles have no neutral, neutral is no answer either."""
    return estimated(lambda counts: f1(counts)[..., 0], _sentiments(some))


def off_by(some: Some) -> Estimate:
    """Expected calibration error in ten bins of equal width."""
    return Estimate(calibration_error(by_width(*_probabilities(some))), rows=len(some))


def off_by_mass(some: Some) -> Estimate:
    """Expected calibration error in ten bins of equal mass."""
    return Estimate(calibration_error(by_mass(*_probabilities(some))), rows=len(some))


def language_right(some: Some) -> Estimate:
    """Share of posts whose language was told right."""
    return share(sum(one.verdict.lang == one.post.lang for one in some), len(some))


def leading(verdict: Verdict, *, has_neutral: bool = True) -> int:
    """Return the likeliest sentiment: an index into SENTIMENTS."""
    shares = {name: getattr(verdict.sentiment, name) for name in SENTIMENTS if has_neutral or name != "neutral"}
    return SENTIMENTS.index(max(shares, key=shares.__getitem__))


def _unhappy(one: Judged) -> bool:
    return one.verdict.complaint >= 0.5 or leading(one.verdict) == 0


def _pairs(pairs: Iterator[tuple[int, bool]]) -> Counts:
    every = list(pairs)
    return confusion([truth for truth, _ in every], [int(said) for _, said in every], 2)


def _sentiments(some: Some) -> Counts:
    said = [leading(one.verdict, has_neutral=one.post.has_neutral) for one in some]
    return confusion([one.post.sentiment for one in some], said, 3)


def _probabilities(some: Some) -> tuple[list[float], list[int]]:
    return [one.verdict.complaint for one in some], [one.post.complaint for one in some]
