"""Use case: what a case's place in the queue follows from: its posts, the judge, what people said, and who reads along.

A post opens a case or joins one, is edited, travels, or is spoken of; each time its case is weighed anew, in the
transaction of the caller. While a case waits, its tier, its promise and who must approve it only become more urgent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor import forgetting
from monitor.domain.audience import Audience, Look, at_last, larger
from monitor.domain.lifecycle import LIVE, STALE_ON_NEW_MENTION, Action, Actor, CaseState
from monitor.domain.records import Flag, Kind, Severity, Verdict
from monitor.domain.triage import FLAG_WORDS, Priority, prioritise
from monitor.store import alerts, brands, cases, corrections, drafts, events, mentions, publications, reach
from monitor.store.brands import BrandRow
from monitor.store.cases import CaseRow
from monitor.store.engine import Work
from monitor.store.mentions import MentionRow

JUDGE = Actor.worker("assess")
DELICATE = "it became delicate, and one person had approved it: two must"
_RANK = {Kind.NONE: 0, Kind.THANKS: 1, Kind.QUESTION: 2, Kind.COMPLAINT: 3}
_SETTLED = frozenset({CaseState.REPLIED, CaseState.CLOSED, CaseState.DISMISSED})


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
        events.record(work, "reach", case.brand_id, JUDGE, now, case_id=case.id, data=told)


def flags_of(verdict: Verdict) -> tuple[Flag, ...]:
    """Return the urgent flags of a verdict, each once."""
    return tuple(dict.fromkeys(hit.flag for hit in verdict.flags))


def open_case(work: Work, brand: BrandRow, row: MentionRow, verdict: Verdict, now: datetime, actor: Actor) -> int:
    """Open a case for a mention that none took, and page when it is urgent."""
    audience, flags = _audience(work, row, brand, now), flags_of(verdict)
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
        events.record(work, "alert", brand_id, JUDGE, now, case_id=case_id, data={"page": page_id})


def join(work: Work, brand: BrandRow, case: CaseRow, row: MentionRow, verdict: Verdict, now: datetime) -> None:
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
    moved = cases.transition(work, case.id, Action.NEW_MENTION, JUDGE, now, data={"mention": row.id}, **changes)
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
    flags = flags_of(verdict) if again else tuple(dict.fromkeys((*case.flags, *flags_of(verdict))))
    seen = _audience(work, row, brand, now)
    audience = replace(larger(reach.weighed(case), seen), rising=seen.rising or case.rising)
    clock = row.clock_at if again or case.kind is not Kind.COMPLAINT else min(row.clock_at, case.clock_at)
    place = prioritise(kind, severity, frozenset(flags), audience, clock, brand.promises)
    return {
        "kind": kind,
        "severity": int(severity),
        "flags": list(flags),
        "topics": list(dict.fromkeys((*case.topics, *verdict.topics))),
        "clock_at": clock,
        **_reach(audience),
        **_placed(place if again else _no_later(case, place)),
    }


def _no_later(case: CaseRow, place: Priority) -> Priority:
    """Return a place that is no less urgent than the case's own: a severity set right may have fallen since."""
    reply_by = min((one for one in (case.reply_by, place.reply_by) if one), default=None)
    delicate = case.delicate or place.delicate
    return replace(place, tier=max(case.tier, place.tier), reply_by=reply_by, delicate=delicate)


def _weigh(work: Work, case: CaseRow, now: datetime, **changes: Any) -> None:
    """Give a case its new place. One that becomes delicate pages, and one person's approval of it is none any more."""
    moved = cases.weigh(work, case, now, **changes)
    if moved.delicate and not case.delicate:
        _page(work, case.brand_id, case.id, moved.flags, now)
        if moved.state is CaseState.APPROVED:
            forgetting.go_on(work, moved, DELICATE, JUDGE, now)


def judge_anew(work: Work, brand: BrandRow, row: MentionRow, verdict: Verdict, now: datetime) -> None:
    """Let an edited post weigh in its case as it says now; the urgency never falls, and what is settled stays so."""
    case = cases.get(work, mentions.case_of(work, row.id) or 0, lock=True)
    if case.state not in LIVE:
        return
    changes = _sum(work, brand, case, row, verdict, now)
    _passes(work, brand, case, Audience(changes["audience"]), now, sooner=False)
    _weigh(work, case, now, **changes)


@dataclass(frozen=True, slots=True)
class Put:
    """How strongly a post is put and what it is about: as a person said last, else as the judge did."""

    severity: Severity
    topics: tuple[str, ...]
    complaint: bool  # a person says that it is one


def put_of(work: Work, mention_id: int) -> Put:
    """Return how a post is put. What nobody judged or spoke of counts as disapproval, about nothing."""
    word, verdict = corrections.standing_of(work, mention_id), mentions.latest_verdict(work, mention_id)
    unhappy, severity, topics = word.word if word else (None, None, None)
    if severity is None:
        severity = verdict.severity if verdict else Severity.DISAPPROVAL
    if topics is None:
        topics = tuple(verdict.topics) if verdict else ()
    return Put(Severity(severity), topics, bool(unhappy))


def weigh_word(work: Work, case_id: int, now: datetime) -> None:
    """Let what people said of a case's posts weigh in it while it waits, beside what the judge makes of the others.

    What the case shows follows them up and down. What follows from that (tier, promise, who must approve) only becomes
    more urgent: nobody talks a case past the PR lead. A question that a person takes for a complaint is one from now on.
    """
    case = cases.get(work, case_id, lock=True)
    if case.state not in LIVE:
        return
    posts = {one: put_of(work, one) for one in cases.mentions_of(work, case_id)}
    here = [posts[one] for one in _of_this_round(work, case_id, posts)]
    severity = max(one.severity for one in here)
    kind = Kind.COMPLAINT if any(one.complaint for one in here) else case.kind
    clock = case.clock_at if kind is case.kind else now  # nobody can be late for what was only just found
    audience, promises = replace(reach.weighed(case), rising=case.rising), brands.get(work, case.brand_id).promises
    place = _no_later(case, prioritise(kind, severity, frozenset(case.flags), audience, clock, promises))
    topics = list(dict.fromkeys(topic for one in posts.values() for topic in one.topics))
    shown = {"kind": kind, "severity": int(severity), "topics": topics, "clock_at": clock}
    _weigh(work, case, now, **shown, **_placed(place))


def _of_this_round(work: Work, case_id: int, posts: Iterable[int]) -> set[int]:
    """Return those of a case's posts that weigh in it: all, or those since it was settled last, which began anew."""
    here = set(posts)
    for state, mention_id in events.arrivals(work, case_id):
        here = {mention_id} if state in _SETTLED else here | {mention_id}
    return here


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
