"""Use case: judge what waits, and decide what each mention asks of us.

A batch is claimed, judged with no transaction open, and settled in one: the assessment is appended, and the mention
joins a case, opens one, or is set aside. All of it may run twice: the keys are unique and claims lapse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor import logs, weighing
from monitor.domain.errors import Conflict, NotFound, RetryLater
from monitor.domain.lifecycle import Action, Actor, next_state
from monitor.domain.records import Flag, FlagHit, Kind, Sentiment, Span, Verdict
from monitor.domain.thresholds import Thresholds, thresholds_of
from monitor.domain.triage import SAME_AUTHOR_JOINS_WITHIN, asks_for
from monitor.judging import layering
from monitor.ports import Classifier, Layer
from monitor.store import accounts, brands, cases, mentions, rechecks
from monitor.store.brands import BrandRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow

_log = logs.get(__name__)


def assess_batch(
    store: Store, classifier: Classifier, now: datetime, *, limit: int = 64, threshold: float | None = None
) -> int:
    """Judge up to `limit` waiting mentions and return how many were dealt with; 0 means nothing waits.

    `threshold` overrides the classifier's operating point; what a brand set itself overrides both. Raises
    `RetryLater`, with the claims given back, when the classifier cannot be asked now.
    """
    with store.unit_of_work() as work:
        claimed = mentions.claim_waiting(work, limit, now)
        tried = mentions.attempts_of(work, [row.id for row in claimed])
        suspects = [row for row in claimed if tried[row.id] > 1]
        if suspects:  # one of them may have brought its judge down: one at a time, and nobody else with it
            mentions.release(work, [row.id for row in claimed if row is not suspects[0]])
            claimed = suspects[:1]
        taught = layering.in_use(work, {row.brand_id for row in claimed}, classifier.version)
    worn_out = [row for row in claimed if tried[row.id] > mentions.MAX_ATTEMPTS]
    fresh = [row for row in claimed if tried[row.id] <= mentions.MAX_ATTEMPTS]
    try:
        verdicts = _judge(classifier, fresh, taught, alone=bool(suspects))
    except RetryLater:
        with store.unit_of_work() as work:
            mentions.release(work, [row.id for row in claimed])
        raise
    with store.unit_of_work() as work:
        for row in worn_out:
            mentions.park(work, row.id, "The judge failed on this post three times.", now)
        settle(work, [row for row in fresh if row.id in verdicts], verdicts, now, threshold)
    return len(claimed)


def _judge(
    classifier: Classifier, rows: Sequence[MentionRow], taught: Mapping[int, Layer], *, alone: bool
) -> dict[int, Verdict]:
    """Ask the classifier, one by one once a batch has failed, so that a poison post stops nobody else.

    `taught` are the layers of brands, by brand.
    """
    layers = [taught.get(row.brand_id) for row in rows]
    if not alone:
        texts, hints = [row.text or "" for row in rows], [row.lang_hint for row in rows]
        return dict(zip((row.id for row in rows), classifier.assess(texts, hints, layers), strict=True))
    verdicts = {}
    for row, layer in zip(rows, layers, strict=True):
        try:
            verdicts[row.id] = classifier.assess([row.text or ""], [row.lang_hint], [layer])[0]
        except RetryLater:
            raise
        except Exception:  # noqa: BLE001  a classifier of any maker may raise anything; the others go on
            _log.exception("judge failed", mention=row.id)
    return verdicts


def settle(
    work: Work,
    rows: Sequence[MentionRow],
    verdicts: Mapping[int, Verdict],
    now: datetime,
    threshold: float | None = None,
) -> None:
    """Record verdicts and triage each mention, in the transaction of `work`.

    A post that was deleted or edited while it was judged is left: what was judged is no more.
    """
    context: dict[int, _Brand] = {}
    words = rechecks.words_of(work, [row.id for row in rows])
    rows = [row for row in rows if words.get(row.id) == (row.text or "")]
    mentions.record_verdicts(work, {row.id: verdicts[row.id] for row in rows}, now)
    # Opened by hand before it was judged, or judged by two at once: it has its place.
    aside: dict[int, str | None] = dict.fromkeys(mentions.in_cases(work, [row.id for row in rows]))
    for row in rows:
        if row.id in aside and row.edited_at is None:
            continue
        if row.brand_id not in context:
            context[row.brand_id] = _brand(work, row.brand_id, threshold)
        house = context[row.brand_id]
        verdict = _weighed(verdicts[row.id], house.thresholds)
        if row.id in aside:
            weighing.judge_anew(work, house.row, row, verdict, now)
        else:
            aside[row.id] = _triage(work, house, row, verdict, now)
    mentions.settle(work, aside, now)


@dataclass(frozen=True, slots=True)
class _Brand:
    row: BrandRow
    thresholds: Thresholds
    own_handles: frozenset[tuple[str, str]]
    own_authors: frozenset[int]

    def wrote(self, row: MentionRow) -> bool:
        """Tell whether a post is the brand's own: by the platform's id of its author, or by their name there."""
        return row.author_id in self.own_authors or (row.platform, _name(row.handle)) in self.own_handles


def _brand(work: Work, brand_id: int, threshold: float | None) -> _Brand:
    row, ours = brands.get(work, brand_id), accounts.of_brand(work, brand_id)
    handles = frozenset((one.platform, _name(one.handle)) for one in ours)
    authors = rechecks.authors_of(work, [(one.platform, one.external_id) for one in ours if one.external_id])
    return _Brand(row, thresholds_of(row.settings, threshold), handles, frozenset(authors))


def _name(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def _weighed(verdict: Verdict, thresholds: Thresholds) -> Verdict:
    verdict = at_threshold(verdict, thresholds.of(verdict.lang))
    kind = asks_for(verdict.kind, frozenset(weighing.flags_of(verdict)))
    return verdict if kind is verdict.kind else replace(verdict, kind=kind, needs_reply=True)


def at_threshold(verdict: Verdict, threshold: float | None) -> Verdict:
    """Return the verdict at another operating point than its classifier's."""
    if threshold is None:
        return verdict
    unhappy = verdict.complaint >= threshold
    if unhappy == verdict.is_complaint:
        return verdict
    kind = Kind.COMPLAINT if unhappy else Kind.NONE
    return replace(verdict, is_complaint=unhappy, kind=kind, needs_reply=unhappy)


def _triage(work: Work, house: _Brand, row: MentionRow, verdict: Verdict, now: datetime) -> str | None:
    """Decide where one mention goes; returns where it lies aside, or None when a case took it."""
    if row.is_history:
        return "history"
    if house.wrote(row):
        return "not_complaint"
    since = now - SAME_AUTHOR_JOINS_WITHIN
    case = cases.for_author(work, row.brand_id, row.author_id, row.thread_id, since)
    if case is not None:
        weighing.join(work, house.row, case, row, verdict, now)
        return None
    if verdict.kind is Kind.NONE:
        return "not_complaint"
    weighing.open_case(work, house.row, row, verdict, now, weighing.JUDGE)
    return None


def open_by_hand(store: Store, actor: Actor, mention_id: int, now: datetime) -> int:
    """Open a case for what the judge set aside ("this is one") and return its id: see `open_found`."""
    with store.unit_of_work(durable=True) as work:
        return open_found(work, actor, mention_id, now)


def open_found(work: Work, actor: Actor, mention_id: int, now: datetime) -> int:
    """Open a case for what the judge set aside, in the transaction of `work`, and return its id.

    The promise runs from now: nobody can be late for what was only just found. Raises `NotFound`, and `Conflict`
    when a case has the mention already.
    """
    next_state(None, Action.OPEN, actor)
    if mention_id not in rechecks.words_of(work, [mention_id]):
        message = f"There is no mention number {mention_id}, or its author deleted it."
        raise NotFound(message)
    if mentions.case_of(work, mention_id) is not None:
        message = "This mention is in a case already."
        raise Conflict(message)
    (found,) = mentions.get_many(work, [mention_id])
    row, brand = replace(found, clock_at=now), brands.get(work, found.brand_id)
    verdict = _said_by_hand(work, row)
    mentions.took_from_aside(work, mention_id)
    case = cases.for_author(work, row.brand_id, row.author_id, row.thread_id, now - SAME_AUTHOR_JOINS_WITHIN)
    if case is not None:
        weighing.join(work, brand, case, row, verdict, now)
        return case.id
    return weighing.open_case(work, brand, row, verdict, now, actor)


def _said_by_hand(work: Work, row: MentionRow) -> Verdict:
    """Return what people and the judge made of a mention, as the complaint that a person says it is."""
    known, put = mentions.latest_verdict(work, row.id), weighing.put_of(work, row.id)
    if known is None:  # parked: nobody judged it
        flags: list[list[Any]] = []
        lang, feeling = "und", Sentiment(1, 0, 0)
    else:
        flags, lang, feeling = known.flags, known.lang, Sentiment(known.negative, known.neutral, known.positive)
    return Verdict(
        lang=lang,
        complaint=1.0,
        is_complaint=True,
        kind=Kind.COMPLAINT,
        sentiment=feeling,
        severity=put.severity,
        needs_reply=True,
        flags=tuple(FlagHit(Flag(name), Span(start, end)) for name, start, end in flags),
        topics=put.topics,
        version="by hand",
    )
