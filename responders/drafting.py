"""Use case: write a first version of a reply for every case that wants one, and hold it against the bar."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from monitor import logs
from monitor.domain.errors import RetryLater
from monitor.domain.lifecycle import Action, Actor, CaseState
from monitor.store import brands, cases, drafts, events, mentions, optouts
from monitor.store.brands import BrandRow
from monitor.store.cases import CaseRow
from monitor.store.engine import Store, Work
from monitor.store.mentions import MentionRow
from responders import bar
from responders.bar.length import limit_for
from responders.ports import Brief, Drafter, DraftRefused, DraftText, Finding, Promise, Purpose, Voice
from responders.replying import MayReply, anybody_may, weigh

_log = logs.get(__name__)
_DRAFTS = Actor.worker("draft")
_VOICE = frozenset(one.name for one in fields(Voice))


@dataclass(frozen=True, slots=True)
class _Job:
    case: CaseRow
    brief: Brief


@dataclass(frozen=True, slots=True)
class _Done:
    case: CaseRow
    text: DraftText | None
    findings: tuple[Finding, ...]
    why_not: str = ""


def voice_of(brand: BrandRow) -> Voice:
    """Return how a brand speaks; settings of another version of the program are passed over."""
    known = {name: value for name, value in brand.voice.items() if name in _VOICE}
    return Voice(**{"brand": brand.name, **known})


def brief_for(
    work: Work, case: CaseRow, brand: BrandRow, now: datetime, *, told: Sequence[str], ask: str = ""
) -> Brief:
    """Gather what a drafter or the bar gets to know about a case."""
    rows = mentions.get_many(work, cases.mentions_of(work, case.id))
    latest = next(row for row in rows if row.id == case.latest_mention_id)
    return _brief(
        case,
        brand,
        latest,
        now,
        thread=tuple(row.text for row in rows if row.text and row.id != latest.id),
        earlier=cases.earlier_of(work, case),
        owner=next((answer for _, answer in cases.owner_words(work, case.id) if answer), ""),
        told=told,
        ask=ask,
    )


def _brief(
    case: CaseRow,
    brand: BrandRow,
    latest: MentionRow,
    now: datetime,
    *,
    thread: tuple[str, ...],
    earlier: int,
    owner: str,
    told: Sequence[str],
    ask: str,
) -> Brief:
    return Brief(
        text=latest.text or "",
        platform=latest.platform,
        lang=case.lang,
        handle=latest.handle,
        kind=case.kind,
        severity=case.severity,
        voice=voice_of(brand),
        limit=limit_for(latest.platform),
        flags=case.flags,
        topics=case.topics,
        thread=thread,
        earlier_mentions=earlier,
        owner_answer=owner,
        mandate=tuple(Promise(one["kind"], one.get("text", "")) for one in brand.settings.get("mandate", ())),
        told_others=tuple(told),
        waiting_hours=max(0.0, (now - case.clock_at).total_seconds() / 3600),
        seed=f"{case.id}.{case.revision + 1}",
        ask=ask,
    )


def draft_batch(
    store: Store, drafter: Drafter, now: datetime, *, limit: int = 50, may_reply: MayReply = anybody_may
) -> int:
    """Draft up to `limit` cases, the most urgent first, and return how many were dealt with; 0: none wants one.

    Claim, write with no transaction open, record: a case that moved on meanwhile keeps what it has. Raises
    `RetryLater`, with the claims left to lapse, when the drafter cannot be asked now. `may_reply` asks the publisher
    of an account whether it takes a reply; nothing is written for people who want no answer.
    """
    with store.unit_of_work() as work:
        claimed = cases.claim_undrafted(work, limit, now)
        jobs = _jobs(work, _without_opted_out(work, claimed), now)
    with store.reading() as work:
        by_hand = weigh(work, [job.case for job in jobs], may_reply)
    done = _write(drafter, jobs)
    with store.unit_of_work() as work:
        for one in done:
            _record(work, one, by_hand[one.case.id], drafter.version, now)
    return len(claimed)


def _without_opted_out(work: Work, claimed: Sequence[CaseRow]) -> list[CaseRow]:
    by_brand: defaultdict[int, list[CaseRow]] = defaultdict(list)
    for case in claimed:
        by_brand[case.brand_id].append(case)
    out = {brand: optouts.out(work, brand, [one.author_id for one in rows]) for brand, rows in by_brand.items()}
    for case in claimed:
        if case.author_id in out[case.brand_id]:
            cases.note(work, case.id, draft_wanted=False, draft_claimed_until=None)
    return [case for case in claimed if case.author_id not in out[case.brand_id]]


def _jobs(work: Work, claimed: Sequence[CaseRow], now: datetime) -> list[_Job]:
    told: dict[int, list[str]] = {}
    houses: dict[int, BrandRow] = {}
    jobs = []
    for case in claimed:
        if case.brand_id not in houses:
            houses[case.brand_id] = brands.get(work, case.brand_id)
            told[case.brand_id] = drafts.recent_drafts(work, case.brand_id)
        ask = _asked(work, case) if case.revision else ""
        brief = brief_for(work, case, houses[case.brand_id], now, told=told[case.brand_id], ask=ask)
        jobs.append(_Job(case, brief))
    return jobs


def _asked(work: Work, case: CaseRow) -> str:
    """Return what the reviewer wanted different when they sent the last revision back."""
    return next((one.reason for one in drafts.reviews_of(work, case.id) if one.decision == "reject"), "")


def _write(drafter: Drafter, jobs: Sequence[_Job]) -> list[_Done]:
    """Write the drafts. Each also knows the ones just written, so that no two customers get the same text."""
    fresh: defaultdict[int, list[str]] = defaultdict(list)
    done = []
    for job in jobs:
        told = (*fresh[job.case.brand_id][::-1], *job.brief.told_others)[: drafts.TOLD_OTHERS]
        brief = replace(job.brief, told_others=told)
        try:
            text = drafter.draft(brief)
            findings = bar.check(text.text, brief)
        except RetryLater:
            raise
        except DraftRefused as refused:
            done.append(_Done(job.case, None, (), str(refused)))
            continue
        except Exception:  # noqa: BLE001  a drafter of any maker may raise anything; a person writes this one
            _log.exception("drafter failed", case=job.case.id)
            done.append(_Done(job.case, None, (), "The drafter failed."))
            continue
        fresh[job.case.brand_id].append(text.text)
        done.append(_Done(job.case, text, findings))
    return done


def _record(work: Work, one: _Done, by_hand: str, version: str, now: datetime) -> None:
    """Keep a draft, and why it may have to be copied and sent by hand."""
    case = cases.get(work, one.case.id, lock=True)
    read = (one.case.latest_mention_id, one.case.changed_at)
    if case.state is not CaseState.OPEN or (case.latest_mention_id, case.changed_at) != read:
        return  # it moved on: what was written answers something else
    if one.text is None:
        cases.note(work, case.id, draft_wanted=False, draft_claimed_until=None, by_hand=by_hand)
        events.record(work, "draft_refused", case.brand_id, _DRAFTS, now, case_id=case.id)
        return
    text = one.text
    draft_id = drafts.add(
        work,
        case.id,
        revision=case.revision + 1,
        purpose=Purpose.ANSWER,
        mention_id=case.latest_mention_id,
        text=text.text,
        lang=text.lang,
        now=now,
        version=version,
        note=text.note,
    )
    drafts.add_findings(work, draft_id, finding_rows(one.findings))
    changes: dict[str, Any] = {"revision": case.revision + 1, "draft_wanted": False, "draft_stale": False}
    changes |= {"by_hand": by_hand}
    cases.transition(work, case.id, Action.DRAFT_READY, _DRAFTS, now, draft_claimed_until=None, **changes)


def finding_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as the store keeps them."""
    rows = []
    for one in findings:
        plain = asdict(one)
        start, end = plain.pop("span") or (None, None)
        rows.append({**plain, "start": start, "end": end})
    return rows
