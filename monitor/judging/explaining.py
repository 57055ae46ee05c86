"""Use case: say which words moved the judge. A page asks; the worker that holds the judge answers.

The process that shows pages never loads a model. A question is a mark on the verdict's row; it is taken off before
the work begins, so that a text that brings a worker down does so once, and the person may ask again. Only the judge
that gave a verdict can say what moved it, with the layer that had a say in it; of another one nothing is made up.
"""

from datetime import datetime
from typing import Any

from monitor.domain.errors import NotFound, RetryLater
from monitor.domain.lifecycle import Actor
from monitor.domain.records import Span
from monitor.judging import layering
from monitor.ports import Classifier
from monitor.store import events, explanations, mentions
from monitor.store.engine import Store


def ask(store: Store, actor: Actor, mention_id: int, now: datetime) -> None:
    """Ask for the words that moved the newest verdict on a mention; one that is known or asked for is left alone.

    Raises `NotFound` where there is no verdict, or no text any more.
    """
    with store.unit_of_work() as work:
        rows, verdict = mentions.get_many(work, [mention_id]), mentions.latest_verdict(work, mention_id)
        if not rows or rows[0].text is None or verdict is None:
            message = f"Nobody has judged a mention number {mention_id}, or its author deleted it."
            raise NotFound(message)
        if known(verdict) is None and verdict.why_asked_at is None:
            explanations.ask(work, verdict.id, now)
            events.record(work, "why", rows[0].brand_id, actor, now, data={"mention": mention_id})


def known(verdict: Any | None) -> tuple[Span, ...] | None:
    """Return the words that moved a verdict (a row), strongest first; None while nobody worked them out."""
    if verdict is None or "words" not in verdict.why:
        return None
    return tuple(Span(start, end, weight) for start, end, weight in verdict.why["words"])


def is_lost(verdict: Any | None) -> bool:
    """Tell whether the words of a verdict (a row) were asked for when another judge judged already."""
    return verdict is not None and "another_judge" in verdict.why


def answer_next(store: Store, classifier: Classifier, now: datetime) -> int:
    """Work out the words for one question and return 1; 0 when nobody asks.

    Raises `RetryLater` when the classifier cannot be asked now; the question is kept.
    """
    with store.unit_of_work() as work:
        asked = explanations.take(work)
        if asked is None:
            return 0
        if asked.version != classifier.version:
            explanations.give_up(work, asked.assessment_id)
            return 1
        layer = layering.of_verdict(work, asked.layer_id, classifier.version)
    try:
        words = classifier.why(asked.text, layer)
    except RetryLater:
        with store.unit_of_work() as work:
            explanations.ask(work, asked.assessment_id, now)
        raise
    with store.unit_of_work() as work:
        explanations.answer(work, asked.assessment_id, words)
    return 1
