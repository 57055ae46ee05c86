"""Draft revisions, what the bar found in them, and the reviews of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, update

from monitor.domain.errors import Conflict, NotFound
from monitor.store.engine import Work
from monitor.store.mentions import digest
from monitor.store.tables import case, case_mention, draft, finding, publication, review, user

TOLD_OTHERS = 50  # earlier replies a new one is compared with


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A revision. Its text never changes; None once purged. `who` is empty when a drafter wrote it."""

    id: int
    case_id: int
    revision: int
    purpose: str
    mention_id: int
    text: str | None
    lang: str
    user_id: int | None
    who: str | None
    version: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What the bar said of a revision."""

    rule: str
    level: str
    start: int | None
    end: int | None
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A person's decision on a revision."""

    id: int
    case_id: int
    draft_id: int
    user_id: int
    who: str
    decision: str
    standing: bool
    reason: str
    overruled: str
    created_at: datetime


def add(
    work: Work,
    case_id: int,
    *,
    revision: int,
    purpose: str,
    mention_id: int,
    text: str,
    lang: str,
    now: datetime,
    user_id: int | None = None,
    version: str = "",
    note: str = "",
) -> int:
    """Append a revision, end the standing of reviews it overtakes, and return its id.

    A review whose reply was sent keeps standing: it was carried out.
    """
    values = {
        "case_id": case_id,
        "revision": revision,
        "purpose": purpose,
        "mention_id": mention_id,
        "text": text,
        "text_digest": digest(text),
        "lang": lang,
        "user_id": user_id,
        "version": version,
        "note": note,
        "created_at": now,
    }
    draft_id = int(work.execute(insert(draft).returning(draft.c.id), values).scalar_one())
    end_reviews(work, case_id)
    return draft_id


def end_reviews(work: Work, case_id: int) -> None:
    """End the standing of a case's reviews that were not published."""
    unpublished = ~exists().where(publication.c.review_id == review.c.id)
    mine = update(review).where(review.c.case_id == case_id, review.c.standing, unpublished)
    work.execute(mine.values(standing=False))


def add_findings(work: Work, draft_id: int, found: Sequence[dict[str, Any]]) -> None:
    """Keep what the bar said of a revision."""
    if found:
        work.execute(insert(finding), [{**one, "draft_id": draft_id} for one in found])


_DRAFT = [draft.c[n] if n != "who" else user.c.name.label("who") for n in DraftRow.__slots__]
_DRAFTS = select(*_DRAFT).select_from(draft.outerjoin(user, draft.c.user_id == user.c.id))


def current(work: Work, case_id: int) -> DraftRow | None:
    """Return a case's newest revision."""
    wanted = _DRAFTS.where(draft.c.case_id == case_id).order_by(draft.c.revision.desc()).limit(1)
    row = work.execute(wanted).first()
    return DraftRow(*row) if row else None


def revision(work: Work, case_id: int, number: int) -> DraftRow:
    """Return one revision of a case. Raises `NotFound`."""
    row = work.execute(_DRAFTS.where(draft.c.case_id == case_id, draft.c.revision == number)).first()
    if row is None:
        message = f"Case {case_id} has no revision {number}."
        raise NotFound(message)
    return DraftRow(*row)


def by_id(work: Work, draft_id: int) -> DraftRow:
    """Return a revision. Raises `NotFound`."""
    row = work.execute(_DRAFTS.where(draft.c.id == draft_id)).first()
    if row is None:
        message = f"There is no draft number {draft_id}."
        raise NotFound(message)
    return DraftRow(*row)


def history(work: Work, case_id: int) -> list[DraftRow]:
    """Return a case's revisions, newest first."""
    rows = work.execute(_DRAFTS.where(draft.c.case_id == case_id).order_by(draft.c.revision.desc()))
    return [DraftRow(*row) for row in rows]


def findings(work: Work, draft_id: int) -> list[FindingRow]:
    """Return what the bar said of a revision, in the order it said it."""
    columns = [finding.c[name] for name in FindingRow.__slots__]
    rows = work.execute(select(*columns).where(finding.c.draft_id == draft_id).order_by(finding.c.id))
    return [FindingRow(*row) for row in rows]


def add_review(
    work: Work,
    row: DraftRow,
    user_id: int,
    decision: str,
    now: datetime,
    *,
    reason: str = "",
    overruled: str = "",
) -> int:
    """Record a signed-in person's decision on a revision and return its id."""
    values = {
        "case_id": row.case_id,
        "draft_id": row.id,
        "user_id": user_id,
        "decision": decision,
        "standing": True,
        "via": "session",
        "reason": reason,
        "overruled": overruled,
        "created_at": now,
    }
    return int(work.execute(insert(review).returning(review.c.id), values).scalar_one())


_REVIEW = [review.c[n] if n != "who" else user.c.name.label("who") for n in ReviewRow.__slots__]
_REVIEWS = select(*_REVIEW).select_from(review.join(user, review.c.user_id == user.c.id))


def standing_reviews(work: Work, draft_id: int) -> list[ReviewRow]:
    """Return the reviews of a revision that stand, oldest first."""
    wanted = _REVIEWS.where(review.c.draft_id == draft_id, review.c.standing).order_by(review.c.id)
    return [ReviewRow(*row) for row in work.execute(wanted)]


def approval(work: Work, case_id: int) -> ReviewRow:
    """Return the standing approval of a case that was not carried out yet, or was put off by the platform.

    Raises `Conflict` when there is none.
    """
    unpublished = ~exists().where(publication.c.review_id == review.c.id, publication.c.state != "deferred")
    wanted = _REVIEWS.where(review.c.case_id == case_id, review.c.decision == "approve", review.c.standing, unpublished)
    row = work.execute(wanted.order_by(review.c.id.desc()).limit(1)).first()
    if row is None:
        message = "No approval of this case stands. Nothing was sent."
        raise Conflict(message)
    return ReviewRow(*row)


def reviews_of(work: Work, case_id: int) -> list[ReviewRow]:
    """Return all reviews of a case, newest first."""
    rows = work.execute(_REVIEWS.where(review.c.case_id == case_id).order_by(review.c.id.desc()))
    return [ReviewRow(*row) for row in rows]


def told_others(work: Work, brand_id: int, case_id: int, limit: int = TOLD_OTHERS) -> tuple[str, ...]:
    """Return the newest replies of a brand that went out, or are about to, in other cases: not to be repeated."""
    wanted = (
        select(draft.c.text)
        .select_from(review.join(draft, review.c.draft_id == draft.c.id).join(case, draft.c.case_id == case.c.id))
        .where(case.c.brand_id == brand_id, case.c.id != case_id, draft.c.text.is_not(None))
        .where(review.c.decision == "approve", review.c.standing)
        .order_by(review.c.id.desc())
        .limit(limit)
    )
    return tuple(work.execute(wanted).scalars())


def recent_drafts(work: Work, brand_id: int, limit: int = TOLD_OTHERS) -> list[str]:
    """Return the newest proposals of a brand, so that the next ones differ from what already waits."""
    wanted = (
        select(draft.c.text)
        .select_from(draft.join(case, draft.c.case_id == case.c.id))
        .where(case.c.brand_id == brand_id, draft.c.text.is_not(None))
        .order_by(draft.c.id.desc())
        .limit(limit)
    )
    return list(work.execute(wanted).scalars())


def quoting(work: Work, mention_id: int) -> list[int]:
    """Return the drafts of the case a mention belongs to: they may quote it."""
    mine = select(case_mention.c.case_id).where(case_mention.c.mention_id == mention_id)
    return list(work.execute(select(draft.c.id).where(draft.c.case_id.in_(mine))).scalars())


def purge(work: Work, ids: Sequence[int]) -> None:
    """Forget the words of revisions, and what a drafter and the bar said of them."""
    work.execute(update(draft).where(draft.c.id.in_(ids)).values(text=None))
    work.execute(update(draft).where(draft.c.id.in_(ids), draft.c.user_id.is_(None)).values(note=""))
    work.execute(update(finding).where(finding.c.draft_id.in_(ids)).values(why="", fix="", start=None, end=None))
