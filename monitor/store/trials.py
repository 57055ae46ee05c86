"""Trials: another judge's verdicts on old posts, kept beside those in use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, update

from monitor.domain.errors import NotFound
from monitor.domain.records import Flag, FlagHit, Kind, Noise, Sentiment, Severity, Span, Verdict
from monitor.domain.replay import NEEDLESS
from monitor.store import mentions
from monitor.store.corrections import stands_now
from monitor.store.engine import Work, insert_new
from monitor.store.tables import (
    assessment,
    author,
    brand,
    case_mention,
    correction,
    mention,
    publication,
    trial,
    trial_verdict,
    user,
)
from monitor.store.tables import case as case_

# In what a verdict differs from the one in use: bits of `trial_verdict.changed`.
BECOMES, NO_LONGER, SEVERITY, LANGUAGE, FLAGS = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as it stands. `state` is running, ready, taken_over, dropped or failed."""

    id: int
    model: str
    version: str  # "" until it was loaded
    who: str  # who started it; "": a command
    state: str
    since: datetime
    total: int
    done: int
    last_mention: int
    changed: int
    attempts: int
    error: str
    started_at: datetime
    finished_at: datetime | None
    taken_at: datetime | None
    copied_to: int
    copied_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A post for a trial to read, and the verdict in use on it."""

    id: int
    brand_id: int
    settings: Mapping[str, Any]  # of its brand
    text: str
    lang_hint: str
    kind: str
    is_complaint: bool
    complaint: float
    severity: int
    lang: str
    flags: Sequence[Sequence[Any]]  # [[flag, start, end], ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What a trial made of a post, whether that makes it a complaint for its brand, and in what it differs (bits)."""

    verdict: Verdict
    is_complaint: bool
    changed: int


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """A post that another judge sees differently. `is_complaint` is what it makes it for the brand."""

    mention_id: int
    brand: str
    platform: str
    handle: str
    text: str | None
    url: str
    changed: int
    new: Verdict
    is_complaint: bool
    old_version: str
    old_complaint: float
    old_severity: int
    old_lang: str
    old_flags: tuple[str, ...]
    case_id: int | None
    case_state: str | None
    close_reason: str
    decided: bool | None  # what people said: a complaint or none; None: nobody said

    @property
    def old_is_complaint(self) -> bool:
        """Return what the judge in use made it."""
        return self.is_complaint != bool(self.changed & (BECOMES | NO_LONGER))


def _select() -> Any:
    names = [name for name in TrialRow.__slots__ if name != "who"]
    columns = [trial.c[name] for name in names[:3]] + [func.coalesce(user.c.name, "")]
    columns += [trial.c[name] for name in names[3:]]
    return select(*columns).select_from(trial.outerjoin(user, trial.c.user_id == user.c.id))


def start(work: Work, model: str, user_id: int | None, since: datetime, now: datetime) -> int | None:
    """Begin a trial and return its number; None when another one is running."""
    values = {"model": model, "version": "", "user_id": user_id, "state": "running", "since": since, "started_at": now}
    values |= dict.fromkeys(("done", "last_mention", "changed", "attempts", "copied_to"), 0) | {"error": ""}
    made = insert_new(work, trial, [{**values, "total": count_since(work, since)}])
    return int(made[0].id) if made else None


def get(work: Work, trial_id: int) -> TrialRow:
    """Return one trial. Raises `NotFound`."""
    row = work.execute(_select().where(trial.c.id == trial_id)).first()
    if row is None:
        message = f"There is no trial number {trial_id}."
        raise NotFound(message)
    return TrialRow(*row)


def all_of(work: Work, limit: int = 50) -> list[TrialRow]:
    """Return the trials, newest first."""
    return [TrialRow(*row) for row in work.execute(_select().order_by(trial.c.id.desc()).limit(limit))]


def in_state(work: Work, state: str) -> TrialRow | None:
    """Return the trial that is running, or the one that has taken over: there is one of each at most."""
    row = work.execute(_select().where(trial.c.state == state).order_by(trial.c.id.desc()).limit(1)).first()
    return None if row is None else TrialRow(*row)


def unfinished(work: Work) -> bool:
    """Tell whether a trial has posts to read, or verdicts that history waits for."""
    copying = (trial.c.state == "taken_over") & trial.c.copied_at.is_(None)
    return work.execute(select(trial.c.id).where((trial.c.state == "running") | copying).limit(1)).first() is not None


def change(work: Work, trial_id: int, **values: Any) -> None:
    """Set columns of a trial."""
    work.execute(update(trial).where(trial.c.id == trial_id).values(**values))


def move(work: Work, one: TrialRow, state: str, **values: Any) -> bool:
    """Bring a trial from the state it was found in to another. False: it is not in that one any more."""
    found = (trial.c.id == one.id) & (trial.c.state == one.state)
    return work.execute(update(trial).where(found).values(state=state, **values)).rowcount == 1


def hold(work: Work) -> None:
    """Keep others from changing the state of any trial until this transaction ends: people decide one at a time."""
    work.execute(select(trial.c.id).order_by(trial.c.id).with_for_update())


# --- reading ------------------------------------------------------------------------------------------------------


def _newest() -> Any:
    """Return the id of a mention's newest assessment."""
    other = assessment.alias()
    return select(func.max(other.c.id)).where(other.c.mention_id == mention.c.id).correlate(mention).scalar_subquery()


def _readable(since: datetime) -> ColumnElement[bool]:
    return and_(mention.c.stored_at >= since, mention.c.judged_at.is_not(None), mention.c.text.is_not(None))


def count_since(work: Work, since: datetime) -> int:
    """Return how many judged posts were stored from then on and still have their words."""
    judged = exists().where(assessment.c.mention_id == mention.c.id)
    return int(work.execute(select(func.count()).select_from(mention).where(_readable(since), judged)).scalar_one())


def next_posts(work: Work, one: TrialRow, limit: int) -> list[ReadRow]:
    """Return the next posts of a trial, oldest first; none: it has read them all."""
    of_mention: list[Any] = [mention.c.id, mention.c.brand_id, brand.c.settings, mention.c.text, mention.c.lang_hint]
    verdict = [assessment.c[name] for name in ("kind", "is_complaint", "complaint", "severity", "lang", "flags")]
    joined = mention.join(assessment, assessment.c.id == _newest()).join(brand, brand.c.id == mention.c.brand_id)
    wanted = select(*of_mention, *verdict).select_from(joined).where(_readable(one.since))
    wanted = wanted.where(mention.c.id > one.last_mention).order_by(mention.c.id).limit(limit)
    return [ReadRow(*row) for row in work.execute(wanted)]


def _names(flags: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name, _, _ in flags))


def record(work: Work, one: TrialRow, last: int, read: int, verdicts: Mapping[int, Read]) -> bool:
    """Keep what was made of the posts up to mention `last`; `read` is how many were tried.

    False, with nothing kept: the trial is no longer where it was, because it was dropped or another worker went on.
    """
    mine = (trial.c.id == one.id) & (trial.c.state == "running") & (trial.c.last_mention == one.last_mention)
    changed = sum(each.changed != 0 for each in verdicts.values())
    forward = {"last_mention": last, "done": trial.c.done + read, "changed": trial.c.changed + changed, "attempts": 0}
    if work.execute(update(trial).where(mine).values(**forward)).rowcount != 1:
        return False
    rows = [
        {"trial_id": one.id, "mention_id": mention_id, "verdict": _kept(each), "changed": each.changed}
        for mention_id, each in verdicts.items()
    ]
    insert_new(work, trial_verdict, rows)
    return True


def empty(work: Work, trial_id: int) -> None:
    """Delete a trial's verdicts; the trial itself stays in the list."""
    work.execute(delete(trial_verdict).where(trial_verdict.c.trial_id == trial_id))


def _kept(read: Read) -> dict[str, Any]:
    one = read.verdict
    return {
        "decides": read.is_complaint,
        "lang": one.lang,
        "complaint": one.complaint,
        "is_complaint": one.is_complaint,
        "kind": one.kind,
        "sentiment": [one.sentiment.negative, one.sentiment.neutral, one.sentiment.positive],
        "severity": int(one.severity),
        "needs_reply": one.needs_reply,
        "flags": [[hit.flag, hit.span.start, hit.span.end] for hit in one.flags],
        "topics": list(one.topics),
        "noise": one.noise or "",
    }


def _verdict(kept: Mapping[str, Any], version: str) -> Verdict:
    return Verdict(
        lang=kept["lang"],
        complaint=kept["complaint"],
        is_complaint=kept["is_complaint"],
        kind=Kind(kept["kind"]),
        sentiment=Sentiment(*kept["sentiment"]),
        severity=Severity(kept["severity"]),
        needs_reply=kept["needs_reply"],
        flags=tuple(FlagHit(Flag(name), Span(start, end)) for name, start, end in kept["flags"]),
        topics=tuple(kept["topics"]),
        version=version,
        noise=Noise(kept["noise"]) if kept["noise"] else None,
    )


# --- the difference -------------------------------------------------------------------------------------------------


def changes(work: Work, trial_id: int) -> dict[int, int]:
    """Return how many posts differ in what: bits -> count; those that agree are under 0."""
    bits = trial_verdict.c.changed
    rows = work.execute(select(bits, func.count()).where(trial_verdict.c.trial_id == trial_id).group_by(bits))
    return {int(row[0]): int(row[1]) for row in rows}


def _said() -> ColumnElement[Any]:
    """What people said of a mention: 1 a complaint, 0 none, NULL nothing.

    The newest correction that stands goes before what became of its case: a reply that went out makes the post the
    case opened with a complaint, a dismissal only when its reason says so.
    """
    newest = (
        select(correction.c.is_complaint)
        .where(correction.c.mention_id == mention.c.id, stands_now())
        .where(correction.c.is_complaint.is_not(None))
        .order_by(correction.c.id.desc())
        .limit(1)
        .correlate(mention)
        .scalar_subquery()
    )
    sent = exists().where(publication.c.case_id == case_.c.id, publication.c.state == "sent").correlate(case_)
    answered = (case_.c.kind == Kind.COMPLAINT) & or_(sent, case_.c.answer_url != "", case_.c.state == "replied")
    refused = (case_.c.state == "dismissed") & (case_.c.close_reason.in_(NEEDLESS))
    return func.coalesce(newest, case((case_.c.mention_id != mention.c.id, None), (refused, 0), (answered, 1)))


def _with_case() -> Any:
    joined = trial_verdict.join(mention, mention.c.id == trial_verdict.c.mention_id)
    joined = joined.outerjoin(case_mention, case_mention.c.mention_id == mention.c.id)
    return joined.outerjoin(case_, case_.c.id == case_mention.c.case_id)


def decided(work: Work, trial_id: int) -> Iterator[tuple[bool, bool, int]]:
    """Yield (people say it is a complaint, the trial's judge says so, bits of change) of posts people spoke about."""
    said = _said().label("said")
    new = trial_verdict.c.verdict["decides"].as_boolean()
    inner = select(said, new.label("new"), trial_verdict.c.changed).select_from(_with_case())
    rows = inner.where(trial_verdict.c.trial_id == trial_id).subquery()
    for row in work.execute(select(rows).where(rows.c.said.is_not(None))):
        yield bool(row.said), bool(row.new), int(row.changed)


def examples(work: Work, one: TrialRow, bits: int, limit: int, before: int = 0) -> list[ExampleRow]:
    """Return posts that changed in any of these respects, the newest first."""
    of_post: list[Any] = [
        mention.c.id,
        brand.c.name,
        mention.c.platform,
        author.c.handle,
        mention.c.text,
        mention.c.url,
    ]
    verdict = [trial_verdict.c.changed, trial_verdict.c.verdict, trial_verdict.c.id.label("row")]
    names = ("version", "complaint", "severity", "lang", "flags")
    old = [assessment.c[name].label(f"old_{name}") for name in names]
    of_case = [case_.c.id.label("case_id"), case_.c.state, func.coalesce(case_.c.close_reason, "").label("reason")]
    joined = _with_case().join(author, author.c.id == mention.c.author_id).join(brand, brand.c.id == mention.c.brand_id)
    joined = joined.join(assessment, assessment.c.id == _before(one.version))
    wanted: Any = select(*of_post, *verdict, *old, *of_case, _said().label("said")).select_from(joined)
    wanted = wanted.where(trial_verdict.c.trial_id == one.id, trial_verdict.c.changed != 0)
    wanted = wanted.where(trial_verdict.c.changed.bitwise_and(bits) != 0)
    if before:
        wanted = wanted.where(mention.c.id < before)
    return [_example(row, one.version) for row in work.execute(wanted.order_by(mention.c.id.desc()).limit(limit))]


def _before(version: str) -> Any:
    """Return the id of a mention's newest assessment that this version did not make; its own where there is no other."""
    other = assessment.alias()
    newest = func.max(case((other.c.version != version, other.c.id)))
    wanted = select(func.coalesce(newest, func.max(other.c.id))).where(other.c.mention_id == mention.c.id)
    return wanted.correlate(mention).scalar_subquery()


def _example(row: Any, version: str) -> ExampleRow:
    return ExampleRow(
        mention_id=row[0],
        brand=row[1],
        platform=row[2],
        handle=row[3],
        text=row[4],
        url=row[5],
        changed=row.changed,
        new=_verdict(row.verdict, version),
        is_complaint=row.verdict["decides"],
        old_version=row.old_version,
        old_complaint=row.old_complaint,
        old_severity=row.old_severity,
        old_lang=row.old_lang,
        old_flags=_names(row.old_flags),
        case_id=row.case_id,
        case_state=row.state,
        close_reason=row.reason,
        decided=None if row.said is None else bool(row.said),
    )


# --- taking over -----------------------------------------------------------------------------------------------------


def copy_next(work: Work, one: TrialRow, limit: int, now: datetime) -> int:
    """Append the next verdicts of the judge that took over as assessments; returns how many were looked at.

    Cases are left alone. 0: history is complete, or another one copied them.
    """
    wanted = select(trial_verdict.c.mention_id, trial_verdict.c.verdict)
    wanted = wanted.where(trial_verdict.c.trial_id == one.id, trial_verdict.c.mention_id > one.copied_to)
    rows = list(work.execute(wanted.order_by(trial_verdict.c.mention_id).limit(limit)))
    mine = (trial.c.id == one.id) & (trial.c.state == "taken_over") & (trial.c.copied_to == one.copied_to)
    forward = {"copied_to": rows[-1].mention_id} if rows else {"copied_at": now}
    if work.execute(update(trial).where(mine).values(**forward)).rowcount != 1:
        return 0
    mentions.record_verdicts(work, {row.mention_id: _verdict(row.verdict, one.version) for row in rows}, now)
    return len(rows)


def uncopy(work: Work, one: TrialRow) -> None:
    """Take out the assessments that a trial appended; each post keeps those it had before, and the trial its verdicts."""
    first = assessment.alias()
    mine = select(trial_verdict.c.mention_id).where(trial_verdict.c.trial_id == one.id)
    earlier = exists().where(first.c.mention_id == assessment.c.mention_id, first.c.id < assessment.c.id)
    copied = (assessment.c.version == one.version) & assessment.c.mention_id.in_(mine) & earlier
    if one.taken_at is not None:
        copied &= assessment.c.created_at >= one.taken_at
    work.execute(delete(assessment).where(copied))


def brands_of(work: Work) -> list[int]:
    """Return the number of every brand: another judge concerns them all."""
    return list(work.execute(select(brand.c.id).order_by(brand.c.id)).scalars())
