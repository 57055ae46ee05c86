"""The drafter by itself."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from monitor.domain.records import Kind, Severity
from responders import bar, drafters
from responders.bar.length import limit_for
from responders.ports import Brief, Voice
from tests.bench import posts

_RUNS = 5


def measure(folder: Path | None) -> list[tuple[str, str, str]]:
    """Return (what, measured, target)."""
    texts = posts.texts(2_000, folder)
    return [("drafter and bar, a case, 50 earlier replies", f"{_draft_ms(texts):.1f} ms", "")]


def _median(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


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
