"""The judge and the drafter by themselves."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor import classifiers
from monitor.classifiers import Classifier
from monitor.domain.records import Kind, Severity
from responders import bar, drafters
from responders.bar.length import limit_for
from responders.ports import Brief, Voice
from tests.bench import posts

_RUNS = 5


def measure(folder: Path | None) -> list[tuple[str, str, str]]:
    """Return (what, measured, target)."""
    texts = _texts(folder)
    rows = []
    for name in ("shipped", "rules"):
        judge = classifiers.load(name, threads=2)
        judge.assess(texts[:64])
        rows.append((f"judge `{name}`, batches of 64, 2 threads", f"{_per_second(judge, texts):,.0f} posts/s", ""))
    rows.append(("drafter and bar, a case, 50 earlier replies", f"{_draft_ms(texts):.1f} ms", ""))
    return rows


def _texts(folder: Path | None) -> list[str]:
    import json

    with TemporaryDirectory() as temporary:
        path = Path(temporary) / "posts.jsonl"
        posts.write(path, 2_000, folder)
        return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def _median(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _per_second(judge: Classifier, texts: list[str]) -> float:
    def run() -> None:
        for first in range(0, len(texts), 64):
            judge.assess(texts[first : first + 64])

    return len(texts) / _median(run)


def _draft_ms(texts: list[str]) -> float:
    drafter = drafters.load("composing")
    told: list[str] = []

    def run() -> None:
        for number, text in enumerate(texts[:200]):
            brief = Brief(
                text, "x", "en", "kim", Kind.COMPLAINT, Severity.DISAPPROVAL, Voice("Vela"), limit_for("x"),
                told_others=tuple(told[-50:]), seed=str(number),
            )  # fmt: skip
            draft = drafter.draft(brief)
            bar.check(draft.text, brief)
            told.append(draft.text)

    return _median(run) / 200 * 1000
