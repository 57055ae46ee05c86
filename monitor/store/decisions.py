"""What was decided on a brand's posts, streamed: a month of it is never held in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from json import loads
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, cast, exists, func, or_, select
from sqlalchemy import case as when_

from monitor.domain.audience import Audience, Figures, Look, at_last
from monitor.domain.lifecycle import Action, CaseState
from monitor.domain.points import Decision
from monitor.domain.records import Engagement, Flag, Kind, Severity
from monitor.domain.replay import NEEDLESS, Became, OldCase, OldPost, Weight
from monitor.domain.thresholds import Judged, flags_of
from monitor.store.corrections import stands_now
from monitor.store.engine import Work
from monitor.store.tables import account, assessment, author, case, case_mention, correction, event, mention, sampled

_AT_ONCE: Final = 1000  # rows fetched together
_VERDICT: Final[list[ColumnElement[Any]]] = [
    *(assessment.c[name] for name in ("lang", "complaint", "is_complaint", "kind")),
    cast(assessment.c.flags, String),  # most are empty: not worth decoding
]
_EMPTY: Final = "[]"
_NONE: Final = frozenset[Flag]()
_KINDS: Final = {one.value: one for one in Kind}
_SEVERITIES: Final = tuple(Severity)


def _streamed(work: Work, wanted: Select[Any]) -> Iterator[Sequence[Any]]:
    return iter(work.execute(wanted, execution_options={"stream_results": True, "yield_per": _AT_ONCE}))


def _standing(work: Work, brand_id: int) -> dict[int, bool]:
    """Return what people said last of single posts: true where it is a complaint. There are never many."""
    said = (correction.c.brand_id == brand_id) & correction.c.is_complaint.is_not(None)
    wanted = select(correction.c.mention_id, correction.c.is_complaint)
    wanted = wanted.join(mention, correction.c.mention_id == mention.c.id).where(said, stands_now())
    rows = work.execute(wanted.order_by(correction.c.id))
    return {mention_id: bool(is_complaint) for mention_id, is_complaint in rows}


def _newest(mention_id: ColumnElement[int]) -> ScalarSelect[int]:
    """Return the number of a mention's newest assessment."""
    other = assessment.alias()
    return (
        select(func.max(other.c.id)).where(other.c.mention_id == mention_id).correlate_except(other).scalar_subquery()
    )


def _answered_at() -> ScalarSelect[datetime]:
    """Return when a case was answered first, by us or by hand."""
    first = select(func.min(event.c.created_at))
    first = first.where(event.c.case_id == case.c.id, event.c.to_state == CaseState.REPLIED)
    return first.correlate(case).scalar_subquery()


def _dismissed() -> ColumnElement[bool]:
    """Tell whether a person dismissed a case, and not its author by deleting the post."""
    said = exists().where(event.c.case_id == case.c.id, event.c.action == Action.DISMISS).correlate(case)
    return (case.c.state == CaseState.DISMISSED) & said


def _flags(stored: str | None) -> frozenset[Flag]:
    return _NONE if stored is None or stored == _EMPTY else flags_of(loads(stored))


# --- cases --------------------------------------------------------------------------------------------------


def cases_since(work: Work, brand_id: int, since: datetime) -> Iterator[OldCase]:
    """Stream the cases that a brand's posts opened since then, each with the newest verdict on its posts."""
    names = ("id", "mention_id", "state", "close_reason", "severity", "audience", "rising", "clock_at", "opened_at")
    columns: list[Any] = [*(case.c[name] for name in names), cast(case.c.flags, String)]
    columns += [_answered_at(), _dismissed(), case_mention.c.mention_id, *_VERDICT]
    joined = case.join(case_mention, case_mention.c.case_id == case.c.id)
    joined = joined.outerjoin(assessment, assessment.c.id == _newest(case_mention.c.mention_id))
    wanted = select(*columns).select_from(joined).where(case.c.brand_id == brand_id, case.c.opened_at >= since)
    said = _standing(work, brand_id)
    rows = _streamed(work, wanted.order_by(case.c.id, case_mention.c.mention_id))
    for _, posts in groupby(rows, key=itemgetter(0)):
        yield _case(list(posts), said)


def _case(rows: Sequence[Sequence[Any]], said: Mapping[int, bool]) -> OldCase:
    number, first, state, reason, severity, people, rising, clock, opened, flags, answered, dismissed = rows[0][:12]
    posts = tuple(Judged(*_verdict(row[12:]), said.get(row[12])) for row in rows if row[13] is not None)
    weight = Weight(_SEVERITIES[severity], _case_flags(flags), Audience(people, bool(rising)), clock)
    denied = any(said.get(row[12]) is False for row in rows) if said else False
    became = _became(state, reason, answered=answered is not None, dismissed=bool(dismissed), denied=denied)
    return OldCase(number, first, posts, weight, opened, became, answered)


def _case_flags(stored: str) -> frozenset[Flag]:
    return _NONE if stored == _EMPTY else frozenset(map(Flag, loads(stored)))


def _verdict(row: Sequence[Any]) -> tuple[int, str, float, bool, Kind, frozenset[Flag]]:
    """Read a mention's number and `_VERDICT`."""
    mention_id, lang, complaint, is_complaint, kind, flags = row
    return mention_id, lang, complaint, bool(is_complaint), _KINDS[kind], _flags(flags)


def _became(state: str, reason: str, *, answered: bool, dismissed: bool, denied: bool) -> Became:
    if answered:
        return Became.ANSWERED
    if denied or (dismissed and reason in NEEDLESS):
        return Became.NEEDLESS
    if state == CaseState.DISMISSED:
        return Became.DISMISSED if dismissed else Became.DELETED
    return Became.CLOSED if state == CaseState.CLOSED else Became.WAITING


# --- what was set aside -------------------------------------------------------------------------------------


def _aside(brand_id: int, since: datetime) -> ColumnElement[bool]:
    """Choose what the judge set aside. What was old when it came was never to be answered."""
    lies = (mention.c.aside == "not_complaint") & mention.c.gone_at.is_(None)
    return lies & (mention.c.brand_id == brand_id) & (mention.c.judged_at >= since)


def count_aside(work: Work, brand_id: int, since: datetime) -> int:
    """Count what was set aside as no complaint since then."""
    return int(work.execute(select(func.count()).select_from(mention).where(_aside(brand_id, since))).scalar_one())


def aside_since(work: Work, brand_id: int, since: datetime, least: float | None) -> Iterator[OldPost]:
    """Stream the posts set aside since then that can be anything at a threshold of `least` or above.

    The brand's own posts are left out: they are set aside whatever they say.
    """
    names = ("author_id", "platform", "written_at", "judged_at", "clock_at", "likes", "reposts", "replies", "views")
    columns: list[Any] = [*(mention.c[name] for name in names), author.c.followers, assessment.c.severity]
    columns += [mention.c.id, *_VERDICT]
    joined = mention.join(author, mention.c.author_id == author.c.id)
    joined = joined.join(assessment, assessment.c.id == _newest(mention.c.id))
    could = [assessment.c.kind != Kind.NONE, cast(assessment.c.flags, String) != _EMPTY]
    if least is not None:
        could.append(assessment.c.complaint >= least)
    wanted = select(*columns).select_from(joined).where(_aside(brand_id, since), or_(*could))
    ours, said = _own_authors(work, brand_id), _standing(work, brand_id)
    for row in _streamed(work, wanted.order_by(mention.c.id)):
        if row[0] not in ours:
            yield _post(row, said)


def _post(row: Sequence[Any], said: Mapping[int, bool]) -> OldPost:
    _, platform, written, judged_at, clock, likes, reposts, replies, views, followers, severity = row[:11]
    post = Judged(*_verdict(row[11:]), said.get(row[11]))
    look = Look(judged_at, Figures(platform, followers, Engagement(likes, reposts, replies, views)))
    audience = at_last([look], judged_at, written)
    return OldPost(post, Weight(_SEVERITIES[severity], post.flags, audience, clock), judged_at)


def _own_authors(work: Work, brand_id: int) -> Collection[int]:
    """Return the authors that are the brand itself: by the platform's id of an account, or by its name there."""
    bare = func.lower(func.ltrim(account.c.handle, "@"))
    same = (account.c.external_id != "") & (account.c.external_id == author.c.external_id)
    named = func.lower(func.ltrim(author.c.handle, "@")) == bare
    joined = author.join(account, (account.c.platform == author.c.platform) & or_(same, named))
    return set(work.execute(select(author.c.id).select_from(joined).where(account.c.brand_id == brand_id)).scalars())


# --- what people said ---------------------------------------------------------------------------------------


def said_since(work: Work, brand_id: int, since: datetime) -> Iterator[Decision]:
    """Stream the posts of which people said since then whether they are complaints.

    A correction counts before all else; then an answer (it was one) and a dismissal that says it was none.
    """
    said = _standing(work, brand_id)
    yield from _corrections(work, brand_id, since)
    yield from _reviews(work, brand_id, since, said)


def _corrections(work: Work, brand_id: int, since: datetime) -> Iterator[Decision]:
    other = correction.alias()
    newer = exists().where(other.c.mention_id == correction.c.mention_id, other.c.id > correction.c.id)
    newer = newer.where(other.c.undone_at.is_(None), other.c.is_complaint.is_not(None))
    joined = correction.join(assessment, assessment.c.id == _newest(correction.c.mention_id))
    joined = joined.outerjoin(sampled, sampled.c.mention_id == correction.c.mention_id)
    joined = joined.join(mention, correction.c.mention_id == mention.c.id)
    drawn = when_((sampled.c.answered_at.is_not(None), sampled.c.probability))  # a check that was answered
    columns = [correction.c.is_complaint, drawn, correction.c.mention_id]
    wanted = select(*columns, *_VERDICT).select_from(joined)
    mine = (correction.c.brand_id == brand_id) & (correction.c.created_at >= since)
    stands = stands_now() & correction.c.is_complaint.is_not(None) & ~newer
    for said, chance, *verdict in _streamed(work, wanted.where(mine, stands).order_by(correction.c.id)):
        post = Judged(*_verdict(verdict), bool(said))
        yield Decision(post, bool(said), 1 / chance if chance else 1.0, chance is not None)


def _reviews(work: Work, brand_id: int, since: datetime, said: Collection[int]) -> Iterator[Decision]:
    columns = [case.c.state, case.c.close_reason, case.c.kind, _answered_at(), _dismissed(), case.c.mention_id]
    joined = case.join(assessment, assessment.c.id == _newest(case.c.mention_id))
    wanted = select(*columns, *_VERDICT).select_from(joined)
    wanted = wanted.where(case.c.brand_id == brand_id, case.c.opened_at >= since).order_by(case.c.id)
    for state, reason, kind, answered, dismissed, *verdict in _streamed(work, wanted):
        became = _became(state, reason, answered=answered is not None, dismissed=bool(dismissed), denied=False)
        told = became is Became.NEEDLESS or (became is Became.ANSWERED and kind == Kind.COMPLAINT)
        if told and verdict[0] not in said:
            yield Decision(Judged(*_verdict(verdict)), became is Became.ANSWERED)
