"""What people said of posts beside the judge: corrections, and the decisions that confirm it or contradict it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update

from monitor.store.engine import Work
from monitor.store.tables import case, correction, draft, event, mention, review, user

NOT_A_COMPLAINT = "not a complaint"  # the reason of a dismissal that says so
_CONFIRMED = 2_000  # newest decisions that are looked at


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A person's word on one post; None: nothing was said of that. The newest that stands holds all that was said."""

    id: int
    brand_id: int
    mention_id: int
    user_id: int | None
    who: str | None
    judged_by: str
    is_complaint: bool | None
    severity: int | None
    topics: tuple[str, ...] | None
    given_in: str
    created_at: datetime
    undone_at: datetime | None

    @property
    def word(self) -> tuple[bool | None, int | None, tuple[str, ...] | None]:
        """Return what was said: a complaint or not, how strongly, of what."""
        return self.is_complaint, self.severity, self.topics


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A post with what people said of it. `express`: as a correction; else it follows from what they decided."""

    mention_id: int
    text: str
    lang_hint: str
    is_complaint: bool | None
    severity: int | None
    topics: tuple[str, ...] | None
    express: bool


def _row(row: Any) -> CorrectionRow:
    said = None if row.is_complaint is None else bool(row.is_complaint)
    named = tuple(row.topics["names"]) if row.topics else None
    before = row.id, row.brand_id, row.mention_id, row.user_id, row.who, row.judged_by
    return CorrectionRow(*before, said, row.severity, named, row.given_in, row.created_at, row.undone_at)


def _select() -> Select[Any]:
    joined = correction.outerjoin(user, correction.c.user_id == user.c.id)
    return select(correction, user.c.name.label("who")).select_from(joined)


def add(
    work: Work,
    brand_id: int,
    mention_id: int,
    now: datetime,
    *,
    user_id: int | None,
    judged_by: str,
    is_complaint: bool | None,
    severity: int | None,
    topics: Sequence[str] | None,
    given_in: str,
) -> int:
    """Append a correction and return its id; it counts instead of those before it."""
    values = {
        "brand_id": brand_id,
        "mention_id": mention_id,
        "user_id": user_id,
        "judged_by": judged_by,
        "is_complaint": None if is_complaint is None else int(is_complaint),
        "severity": severity,
        "topics": {} if topics is None else {"names": list(topics)},
        "given_in": given_in,
        "created_at": now,
    }
    return int(work.execute(insert(correction).returning(correction.c.id), values).scalar_one())


def get(work: Work, correction_id: int) -> CorrectionRow | None:
    """Return one correction, undone or not."""
    row = work.execute(_select().where(correction.c.id == correction_id)).first()
    return _row(row) if row else None


def undo(work: Work, correction_id: int, now: datetime) -> bool:
    """Take a correction back; the one before it counts again. False: somebody did already."""
    mine = update(correction).where(correction.c.id == correction_id, correction.c.undone_at.is_(None))
    return work.execute(mine.values(undone_at=now)).rowcount == 1


def stands_now() -> ColumnElement[bool]:
    """Tell whether a correction was not taken back and is of the words of its mention as they are now."""
    unchanged = mention.c.edited_at.is_(None) | (mention.c.edited_at <= correction.c.created_at)
    return correction.c.undone_at.is_(None) & unchanged


def standing_of(work: Work, mention_id: int) -> CorrectionRow | None:
    """Return the correction of a mention that counts, None when there is none."""
    return standing_of_many(work, [mention_id]).get(mention_id)


def standing_of_many(work: Work, mention_ids: Sequence[int]) -> dict[int, CorrectionRow]:
    """Return the corrections that count, by mention."""
    mine = _select().join(mention, correction.c.mention_id == mention.c.id)
    mine = mine.where(correction.c.mention_id.in_(mention_ids), stands_now())
    return {row.mention_id: _row(row) for row in work.execute(mine.order_by(correction.c.id))}


def _standing(brand_id: int) -> Select[tuple[int]]:
    """Return the ids of the corrections that count and can teach: of words that are there as the person saw them."""
    newest = select(func.max(correction.c.id)).where(correction.c.brand_id == brand_id)
    newest = newest.where(correction.c.undone_at.is_(None)).group_by(correction.c.mention_id)
    wanted = select(correction.c.id).join(mention, correction.c.mention_id == mention.c.id)
    return wanted.where(correction.c.id.in_(newest), *_readable(), stands_now())


def _readable() -> tuple[Any, Any]:
    """Return the conditions that a post still has its words, and that the judge did not fail on it."""
    return mention.c.text.is_not(None), mention.c.parked == ""


def count_standing(work: Work, brand_id: int) -> int:
    """Return how many posts of a brand carry a correction that can teach."""
    return int(work.execute(select(func.count()).select_from(_standing(brand_id).subquery())).scalar_one())


def brands_corrected(work: Work) -> list[int]:
    """Return the brands that corrected anything."""
    return list(work.execute(select(correction.c.brand_id).distinct()).scalars())


def changed_since(work: Work, brand_id: int, since: datetime | None) -> int:
    """Return how many corrections of a brand were given or taken back after a moment (None: ever)."""
    wanted = select(func.count()).where(correction.c.brand_id == brand_id)
    if since is not None:
        wanted = wanted.where((correction.c.created_at > since) | (correction.c.undone_at > since))
    return int(work.execute(wanted).scalar_one())


def lessons(work: Work, brand_id: int, limit: int) -> list[LessonRow]:
    """Return the newest posts of a brand that people spoke of, each once; a correction counts before a decision."""
    wanted = select(correction, mention.c.text, mention.c.lang_hint).join(
        mention, correction.c.mention_id == mention.c.id
    )
    wanted = wanted.where(correction.c.id.in_(_standing(brand_id))).order_by(correction.c.id.desc()).limit(limit)
    found: dict[int, LessonRow] = {}
    for row in work.execute(wanted):
        said = None if row.is_complaint is None else bool(row.is_complaint)
        named = tuple(row.topics["names"]) if row.topics else None
        found[row.mention_id] = LessonRow(
            row.mention_id, row.text, row.lang_hint, said, row.severity, named, express=True
        )
    for mention_id, text, hint, unhappy in _decided(work, brand_id):
        if len(found) < limit:
            found.setdefault(mention_id, LessonRow(mention_id, text, hint, unhappy, None, None, express=False))
    return list(found.values())


def _decided(work: Work, brand_id: int) -> Iterator[tuple[int, str, str, bool]]:
    """Yield what follows from decisions: an answer was approved, a case opened by hand, or dismissed as no complaint."""
    of_mention = mention.c.id, mention.c.text, mention.c.lang_hint
    there = mention.c.brand_id == brand_id, *_readable()
    answered = select(*of_mention).join(draft, draft.c.mention_id == mention.c.id)
    answered = answered.join(review, review.c.draft_id == draft.c.id).join(case, draft.c.case_id == case.c.id)
    answered = answered.where(*there, review.c.standing, review.c.decision == "approve", case.c.kind == "complaint")
    answered = answered.where(mention.c.edited_at.is_(None) | (mention.c.edited_at <= draft.c.created_at))
    opened = select(*of_mention).join(case, case.c.mention_id == mention.c.id)
    dismissed = opened.where(*there, case.c.state == "dismissed", mention.c.edited_at.is_(None))
    # What was dismissed is the newest post; only where it is also the first is it sure which one was meant.
    dismissed = dismissed.where(case.c.close_reason == NOT_A_COMPLAINT, case.c.latest_mention_id == mention.c.id)
    opened = opened.join(event, event.c.case_id == case.c.id)
    opened = opened.where(*there, event.c.action == "open", event.c.actor == "person", mention.c.edited_at.is_(None))
    for wanted, unhappy in ((dismissed, False), (opened, True), (answered, True)):
        newest = wanted.distinct().order_by(mention.c.id.desc()).limit(_CONFIRMED)
        yield from ((row.id, row.text, row.lang_hint, unhappy) for row in work.execute(newest))


def others(work: Work, brand_id: int, limit: int) -> list[tuple[str, str]]:
    """Return (text, language hint) of the newest judged posts of a brand that nobody corrected."""
    mine = correction.c.mention_id == mention.c.id
    spoken_of = select(correction.c.id).where(mine, correction.c.undone_at.is_(None)).exists()
    wanted = select(mention.c.text, mention.c.lang_hint).where(
        mention.c.brand_id == brand_id, *_readable(), mention.c.judged_at.is_not(None), ~spoken_of
    )
    return [(row.text, row.lang_hint) for row in work.execute(wanted.order_by(mention.c.id.desc()).limit(limit))]
