"""Use case: judge what waits, and decide what each mention asks of us.

A batch is claimed, judged with no transaction open, and settled in one: the assessment is appended, and the mention
joins a case, opens one, or is set aside. All of it may run twice: the keys are unique and claims lapse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor import logs
from monitor.domain.audience import Audience, Look, at_last, larger
from monitor.domain.errors import Conflict, NotFound, RetryLater
from monitor.domain.lifecycle import LIVE, STALE_ON_NEW_MENTION, Action, Actor, CaseState, next_state
from monitor.domain.records import Flag, FlagHit, Kind, Sentiment, Severity, Span, Verdict
from monitor.domain.thresholds import Thresholds, thresholds_of
from monitor.domain.triage import FLAG_WORDS, SAME_AUTHOR_JOINS_WITHIN, Priority, asks_for, prioritise
from monitor.judging import layering
from monitor.ports import Classifier, Layer
from monitor.store import accounts, alerts, brands, cases, drafts, events, mentions, publications, reach, rechecks
from monitor.store.brands import BrandRow
from monitor.store.cases import CaseRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow

_log = logs.get(__name__)
_JUDGE = Actor.worker("assess")
_RANK = {Kind.NONE: 0, Kind.THANKS: 1, Kind.QUESTION: 2, Kind.COMPLAINT: 3}
_SETTLED = frozenset({CaseState.REPLIED, CaseState.CLOSED, CaseState.DISMISSED})


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
            _judge_anew(work, house.row, row, verdict, now)
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
    kind = asks_for(verdict.kind, frozenset(_flags(verdict)))
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
        _join(work, house.row, case, row, verdict, now)
        return None
    if verdict.kind is Kind.NONE:
        return "not_complaint"
    _open(work, house.row, row, verdict, now, _JUDGE)
    return None


def _audience(work: Work, row: MentionRow, brand: BrandRow, now: datetime, *, looked: bool = False) -> Audience:
    """Return who is likely to see a post; how fast it spreads is known once it was `looked` at again."""
    looks = reach.looks(work, row) if looked else []
    return at_last([*looks, Look(now, reach.figures_of(row, looks))], now, row.written_at, brand.promises.six_thousand)


def _reach(audience: Audience) -> dict[str, Any]:
    names = {"audience": audience.people, "audience_low": audience.low, "audience_high": audience.high}
    return {**names, "rising": audience.rising}


def _passes(work: Work, brand: BrandRow, case: CaseRow, audience: Audience, now: datetime, *, sooner: bool) -> None:
    """Write down that a case is due sooner, or passed the brand's line: that happens once, its audience never falls."""
    line, people = brand.promises.six_thousand, audience.people or 0
    passed = {"passed": line} if (case.audience or 0) < line <= people else {}
    if sooner or passed:
        told = {"people": audience.people, "per_hour": audience.per_hour, **passed}
        events.record(work, "reach", case.brand_id, _JUDGE, now, case_id=case.id, data=told)


def _flags(verdict: Verdict) -> tuple[Flag, ...]:
    return tuple(dict.fromkeys(hit.flag for hit in verdict.flags))


def _open(work: Work, brand: BrandRow, row: MentionRow, verdict: Verdict, now: datetime, actor: Actor) -> int:
    """Open a case for a mention that none took, and page when it is urgent."""
    audience, flags = _audience(work, row, brand, now), _flags(verdict)
    place = prioritise(verdict.kind, verdict.severity, frozenset(flags), audience, row.clock_at, brand.promises)
    values = {
        "brand_id": brand.id,
        "author_id": row.author_id,
        "thread_id": row.thread_id,
        "mention_id": row.id,
        "latest_mention_id": row.id,
        "kind": verdict.kind,
        "lang": verdict.lang,
        "severity": int(verdict.severity),
        "flags": list(flags),
        "topics": list(verdict.topics),
        "clock_at": row.clock_at,
        "draft_wanted": True,
        **_reach(audience),
        **_placed(place),
    }
    case_id = cases.open_case(work, values, [row.id], actor, now)
    if place.pages:
        _page(work, brand.id, case_id, flags, now)
    return case_id


def _placed(place: Priority) -> dict[str, Any]:
    return {"tier": place.tier, "reply_by": place.reply_by, "delicate": place.delicate}


def _page(
    work: Work, brand_id: int, case_id: int, flags: Sequence[Flag], now: datetime, *, again: bool = False
) -> None:
    reason = ", ".join(FLAG_WORDS[flag] for flag in flags) or "a customer blames us or threatens"
    page_id = alerts.raise_alert(work, brand_id, case_id, reason, now, again=again)
    if page_id is not None:
        events.record(work, "alert", brand_id, _JUDGE, now, case_id=case_id, data={"page": page_id})


def _join(work: Work, brand: BrandRow, case: CaseRow, row: MentionRow, verdict: Verdict, now: datetime) -> None:
    """Add a mention to the case it belongs to: the reply goes to the newest post, and the urgency never falls."""
    case = cases.get(work, case.id, lock=True)  # as it is now, and so until this is written
    cases.join(work, case.id, [row.id])
    if case.state in _SETTLED and verdict.kind not in {Kind.COMPLAINT, Kind.QUESTION}:
        if verdict.kind is Kind.THANKS and case.state is not CaseState.DISMISSED:
            cases.add_outcome(work, case.id, "recovered", now, mention_id=row.id)
        return
    if case.state is CaseState.REPLIED:
        cases.add_outcome(work, case.id, "still_unhappy", now, mention_id=row.id)
    changes = _sum(work, brand, case, row, verdict, now)
    _passes(work, brand, case, Audience(changes["audience"]), now, sooner=False)
    if case.state is CaseState.APPROVED:  # approval is bound to what was read
        drafts.end_reviews(work, case.id)
        publications.call_off(work, case.id, now)
        changes |= {"send_after": None}
    under_way = case.state in {CaseState.PUBLISHING, CaseState.UNCERTAIN}
    unanswered = case.state in STALE_ON_NEW_MENTION
    stale = unanswered and case.revision > 0
    latest = _newest(work, case, row) if unanswered else row.id
    wants = case.state in _SETTLED or (case.state is CaseState.OPEN and case.draft_wanted)
    changes |= {"latest_mention_id": latest, "draft_stale": stale, "draft_wanted": wants, "draft_attempts": 0}
    changes |= {"opens_again": under_way, "draft_claimed_until": None}
    moved = cases.transition(work, case.id, Action.NEW_MENTION, _JUDGE, now, data={"mention": row.id}, **changes)
    again = case.state in _SETTLED
    if moved.delicate and (again or not case.delicate):
        _page(work, brand.id, case.id, moved.flags, now, again=again)


def _newest(work: Work, case: CaseRow, row: MentionRow) -> int:
    """Return the post to reply to: files are often read newest first, so what comes last may be the older one."""
    (known,) = mentions.get_many(work, [case.latest_mention_id])
    there = [one for one in (known, row) if one.gone_at is None] or [row]
    return max(there, key=lambda one: (one.written_at or one.stored_at, one.id)).id


def _sum(
    work: Work, brand: BrandRow, case: CaseRow, row: MentionRow, verdict: Verdict, now: datetime
) -> dict[str, Any]:
    """Return the place of a case that also holds this mention."""
    again = case.state in _SETTLED  # an answered case starts a new clock, and a new judgement
    kind = verdict.kind if again else max(case.kind, verdict.kind, key=_RANK.__getitem__)
    severity = verdict.severity if again else max(case.severity, verdict.severity)
    flags = _flags(verdict) if again else tuple(dict.fromkeys((*case.flags, *_flags(verdict))))
    seen = _audience(work, row, brand, now)
    audience = replace(larger(reach.weighed(case), seen), rising=seen.rising or case.rising)
    clock = row.clock_at if again or case.kind is not Kind.COMPLAINT else min(row.clock_at, case.clock_at)
    place = prioritise(kind, severity, frozenset(flags), audience, clock, brand.promises)
    if not again:
        reply_by = min((one for one in (case.reply_by, place.reply_by) if one), default=None)
        place = replace(place, tier=max(case.tier, place.tier), reply_by=reply_by)
    return {
        "kind": kind,
        "severity": int(severity),
        "flags": list(flags),
        "topics": list(dict.fromkeys((*case.topics, *verdict.topics))),
        "clock_at": clock,
        **_reach(audience),
        **_placed(place),
    }


def _judge_anew(work: Work, brand: BrandRow, row: MentionRow, verdict: Verdict, now: datetime) -> None:
    """Let an edited post weigh in its case as it says now; the urgency never falls, and what is settled stays so."""
    case = cases.get(work, mentions.case_of(work, row.id) or 0, lock=True)
    if case.state not in LIVE:
        return
    changes = _sum(work, brand, case, row, verdict, now)
    _passes(work, brand, case, Audience(changes["audience"]), now, sooner=False)
    moved = cases.weigh(work, case, now, **changes)
    if moved.delicate and not case.delicate:
        _page(work, brand.id, case.id, moved.flags, now)


def weigh_word(work: Work, case_id: int, severity: int | None, topics: Sequence[str] | None, now: datetime) -> None:
    """Let a person's word on a post weigh in its case while it waits. None is what nobody said anything of.

    What follows from it (tier, promise, who must approve) only becomes more urgent: nobody talks a case past the PR lead.
    """
    case = cases.get(work, case_id, lock=True)
    if case.state not in LIVE:
        return
    alone = len(cases.mentions_of(work, case_id)) == 1  # else the other posts count as well
    put = Severity(case.severity if severity is None else severity if alone else max(case.severity, severity))
    named = case.topics if topics is None else topics if alone else dict.fromkeys((*case.topics, *topics))
    audience, promises = replace(reach.weighed(case), rising=case.rising), brands.get(work, case.brand_id).promises
    place = prioritise(case.kind, put, frozenset(case.flags), audience, case.clock_at, promises)
    reply_by = min((one for one in (case.reply_by, place.reply_by) if one), default=None)
    due = {"tier": max(case.tier, place.tier), "reply_by": reply_by, "delicate": case.delicate or place.delicate}
    cases.weigh(work, case, now, severity=int(put), topics=list(named), **due)
    if place.delicate and not case.delicate:
        _page(work, case.brand_id, case.id, case.flags, now)


def weigh_reach(work: Work, mention_id: int, now: datetime) -> Audience | None:
    """Let the figures of a post, as they are now, weigh in its case while it waits: it can only become due sooner.

    Returns the audience of the post, None where no case waits.
    """
    case_id = mentions.case_of(work, mention_id)
    case = cases.get(work, case_id, lock=True) if case_id is not None else None
    if case is None or case.state not in LIVE:
        return None
    (row,) = mentions.get_many(work, [mention_id])
    brand = brands.get(work, case.brand_id)
    seen = _audience(work, row, brand, now, looked=True)
    rising = seen.rising or (case.rising and row.id != case.latest_mention_id)
    audience = replace(larger(reach.weighed(case), seen), rising=rising, per_hour=seen.per_hour, seen_at=now)
    place = prioritise(case.kind, case.severity, frozenset(case.flags), audience, case.clock_at, brand.promises)
    reply_by = min((one for one in (case.reply_by, place.reply_by) if one), default=None)
    changes = {**_reach(audience), "tier": max(place.tier, case.tier), "reply_by": reply_by}
    if any(getattr(case, name) != value for name, value in changes.items()):
        cases.weigh(work, case, now, **changes)
    _passes(work, brand, case, audience, now, sooner=place.tier > case.tier or reply_by != case.reply_by)
    return seen


def open_by_hand(store: Store, actor: Actor, mention_id: int, now: datetime) -> int:
    """Open a case for what the judge set aside ("this is one") and return its id.

    The promise runs from now: nobody can be late for what was only just found. Raises `NotFound`, and `Conflict`
    when a case has the mention already.
    """
    next_state(None, Action.OPEN, actor)
    with store.unit_of_work(durable=True) as work:
        rows = mentions.get_many(work, [mention_id])
        if not rows or rows[0].text is None:
            message = f"There is no mention number {mention_id}, or its author deleted it."
            raise NotFound(message)
        if mentions.case_of(work, mention_id) is not None:
            message = "This mention is in a case already."
            raise Conflict(message)
        row, brand = replace(rows[0], clock_at=now), brands.get(work, rows[0].brand_id)
        verdict = _said_by_hand(work, row)
        mentions.took_from_aside(work, mention_id)
        case = cases.for_author(work, row.brand_id, row.author_id, row.thread_id, now - SAME_AUTHOR_JOINS_WITHIN)
        if case is not None:
            _join(work, brand, case, row, verdict, now)
            return case.id
        return _open(work, brand, row, verdict, now, actor)


def _said_by_hand(work: Work, row: MentionRow) -> Verdict:
    """Return what the judge made of a mention, with a person's word on what it is."""
    known = mentions.latest_verdict(work, row.id)
    if known is None:  # parked: nobody judged it
        flags: list[list[Any]] = []
        lang, feeling, severity, topics = "und", Sentiment(1, 0, 0), Severity.DISAPPROVAL, ()
    else:
        flags, topics, lang = known.flags, tuple(known.topics), known.lang
        feeling = Sentiment(known.negative, known.neutral, known.positive)
        severity = Severity(known.severity)
    return Verdict(
        lang=lang,
        complaint=1.0,
        is_complaint=True,
        kind=Kind.COMPLAINT,
        sentiment=feeling,
        severity=severity,
        needs_reply=True,
        flags=tuple(FlagHit(Flag(name), Span(start, end)) for name, start, end in flags),
        topics=topics,
        version="by hand",
    )
