"""Measure a judge on the development parts.

python -m monitor.classifiers.training.evaluate --data DATA [--model DIRECTORY] [--rows 400]
"""

import argparse
import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path

from monitor.classifiers import load
from monitor.classifiers.training.data import OTHERS, SENTIMENTS, UNKNOWN, Row, dev_rows
from monitor.domain.records import Verdict
from monitor.ports import Classifier

_COMPLAINT_SETS = ("en/complaints_acl2019", "en/xfincorp", "en/cesamard_reviews")


def f1(truth: Sequence[int], said: Sequence[int], label: int) -> float:
    """F1 of one label, 0 to 100."""
    hits = sum(t == s == label for t, s in zip(truth, said, strict=True))
    named = sum(t == label for t in truth) + sum(s == label for s in said)
    return 200 * hits / named if named else 0.0


def macro_f1(truth: Sequence[int], said: Sequence[int]) -> float:
    """Mean F1 of the labels that occur in the truth, 0 to 100."""
    labels = sorted(set(truth))
    return sum(f1(truth, said, label) for label in labels) / len(labels)


def _leading(verdict: Verdict, *, has_neutral: bool) -> int:
    shares = {name: getattr(verdict.sentiment, name) for name in SENTIMENTS if has_neutral or name != "neutral"}
    return SENTIMENTS.index(max(shares, key=shares.__getitem__))


def _complaints(rows: list[Row], verdicts: list[Verdict]) -> str:
    pairs = [(row.complaint, verdict) for row, verdict in zip(rows, verdicts, strict=True) if row.complaint != UNKNOWN]
    truth = [label for label, _ in pairs]
    even = [int(verdict.complaint >= 0.5) for _, verdict in pairs]
    operating = [int(verdict.is_complaint) for _, verdict in pairs]
    if not sum(truth):
        return f"{len(truth)} rows without a complaint, {sum(operating)} taken for one"
    caught = sum(t and s for t, s in zip(truth, operating, strict=True)) / max(1, sum(truth))
    return (
        f"{len(truth)} rows, complaint macro-F1 {macro_f1(truth, even):.1f} at 0.5, {macro_f1(truth, operating):.1f} "
        f"at the operating point, which finds {100 * caught:.1f} % of the complaints"
    )


def _sentiments(rows: list[Row], verdicts: list[Verdict]) -> str:
    pairs = [(r.sentiment, _leading(v, has_neutral=r.has_neutral)) for r, v in zip(rows, verdicts, strict=True)]
    known = [pair for pair in pairs if pair[0] != UNKNOWN]
    truth, said = [t for t, _ in known], [s for _, s in known]
    return f"{len(known)} rows, sentiment macro-F1 {macro_f1(truth, said):.1f}, negative F1 {f1(truth, said, 0):.1f}"


def _severities(rows: list[Row], verdicts: list[Verdict]) -> str:
    pairs = [
        (r.severity, int(v.severity))
        for r, v in zip(rows, verdicts, strict=True)
        if r.severity != UNKNOWN and v.is_complaint
    ]
    return (
        f"{len(pairs)} found complaints, severity macro-F1 {macro_f1([t for t, _ in pairs], [s for _, s in pairs]):.1f}"
    )


def _never_seen(data: Path) -> list[Row]:
    """Posts on a brand that no training row came from: unhappy or not."""
    with gzip.open(data / "en" / "apple_dfe.dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        raws = [raw for raw in map(json.loads, lines) if raw["label"] in SENTIMENTS]
    return [Row(raw["text"], "apple_dfe", "en", complaint=int(raw["label"] == "negative")) for raw in raws]


def report(judge: Classifier, data: Path, most: int) -> None:
    """Print the figures of every set, one line each; of a larger set `most` rows, the same at every run."""
    for name in _COMPLAINT_SETS:
        rows, verdicts = _judged(judge, dev_rows(data, name), most)
        print(name, _complaints(rows, verdicts), "|", _sentiments(rows, verdicts), "|", _severities(rows, verdicts))
    print("en/apple_dfe, never learned from:", _complaints(*_judged(judge, _never_seen(data), most)))
    for lang, recipes in OTHERS.items():
        everything = [row for row in dev_rows(data, f"multi/{lang}") if row.source in recipes]
        posts = [
            row for row in everything if row.source != "xed"
        ] or everything  # subtitles only where all is subtitles
        rows, verdicts = _judged(judge, posts, most)
        print(
            lang, _sentiments(rows, verdicts), "| labels made from sentiment:", _complaints(rows, verdicts), flush=True
        )


def _judged(judge: Classifier, rows: list[Row], most: int) -> tuple[list[Row], list[Verdict]]:
    chosen = random.Random(0).sample(rows, min(most, len(rows)))
    return chosen, judge.assess([row.text for row in chosen])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="")
    parser.add_argument("--rows", type=int, default=100_000, help="at most so many of each set")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    report(load(given.model), given.data, given.rows)
