"""Stored posts that are looked at again: what is due, what was seen, what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, update

from monitor.domain.lifecycle import LIVE
from monitor.domain.records import Engagement, Post
from monitor.store.engine import Work
from monitor.store.mentions import digest
from monitor.store.tables import assessment, author, case, case_mention, mention, trial_verdict, watch

CLAIM_FOR = timedelta(minutes=10)
_CHUNK = 500  # ids in one statement
_FIGURES = ("likes", "reposts", "replies", "views")


@dataclass(frozen=True, slots=True)
class DueRow:
    """A post that is due to be looked at. `source` and `account_id` are those of the watch that found it."""

    id: int
    brand_id: int
    platform: str
    external_id: str
    written_at: datetime
    source: str | None
    account_id: int | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """What is known of a post that somebody may want to answer."""

    id: int
    platform: str
    external_id: str
    author_id: int
    handle: str
    text: str | None
    reply_to: str
    extra: Mapping[str, Any]
    gone_at: datetime | None


def claim_due(work: Work, now: datetime, limit: int) -> list[DueRow]:
    """Claim the posts whose time has come, longest overdue first. A claim lapses after `CLAIM_FOR`."""
    due = (
        select(mention.c.id)
        .where(mention.c.check_at <= now, mention.c.gone_at.is_(None))
        .order_by(mention.c.check_at, mention.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    mine = update(mention).where(mention.c.id.in_(due.scalar_subquery()))
    ids = list(work.execute(mine.values(check_at=now + CLAIM_FOR).returning(mention.c.id)).scalars())
    columns: list[Any] = [mention.c[name] for name in ("id", "brand_id", "platform", "external_id")]
    columns += [func.coalesce(mention.c.written_at, mention.c.stored_at), watch.c.source, watch.c.account_id]
    wanted = select(*columns).select_from(mention.outerjoin(watch, mention.c.watch_id == watch.c.id))
    return [DueRow(*row) for row in work.execute(wanted.where(mention.c.id.in_(ids)).order_by(mention.c.id))]


def look_next(work: Work, mention_id: int, check_at: datetime | None, **seen: Any) -> None:
    """Say when a post is looked at next (None: never again), and set what was seen of it now."""
    still_there = (mention.c.id == mention_id) & mention.c.gone_at.is_(None)
    work.execute(update(mention).where(still_there).values(check_at=check_at, **seen))


_SEEN = (
    update(mention)
    .where(mention.c.id == bindparam("of_mention"), mention.c.gone_at.is_(None))
    .values(
        check_at=bindparam("next"),
        checked_at=bindparam("now"),
        **{name: func.coalesce(bindparam(f"new_{name}", type_=BigInteger), mention.c[name]) for name in _FIGURES},
    )
)


def seen_again(work: Work, seen: Mapping[int, tuple[datetime, Engagement]], now: datetime) -> None:
    """Record posts that are as they were: when each is looked at next, and its figures; one left out stays."""
    rows = [
        {
            "of_mention": mention_id,
            "next": check_at,
            "now": now,
            **{f"new_{name}": getattr(figures, name) for name in _FIGURES},
        }
        for mention_id, (check_at, figures) in seen.items()
    ]
    if rows:
        work.execute(_SEEN, rows)


def waiting(work: Work, ids: Sequence[int]) -> set[int]:
    """Return those of the mentions whose case is under way."""
    joined = case_mention.join(case, case_mention.c.case_id == case.c.id)
    wanted = select(case_mention.c.mention_id).select_from(joined)
    return set(work.execute(wanted.where(case_mention.c.mention_id.in_(ids), case.c.state.in_(LIVE))).scalars())


def hold(work: Work, brand_id: int, platform: str, external_ids: Sequence[str]) -> list[int]:
    """Return the mentions with these ids that are not gone, kept from all others until this transaction ends.

    Whoever also locks the case of a mention locks the mention first.
    """
    found: list[int] = []
    mine = (mention.c.brand_id == brand_id) & (mention.c.platform == platform) & mention.c.gone_at.is_(None)
    for start in range(0, len(external_ids), _CHUNK):
        chunk = mention.c.external_id.in_(external_ids[start : start + _CHUNK])
        wanted = select(mention.c.id).where(mine, chunk).order_by(mention.c.id).with_for_update(key_share=True)
        found += work.execute(wanted).scalars()
    return sorted(found)


def words_of(work: Work, ids: Sequence[int]) -> dict[int, str]:
    """Return the words of mentions as they are now, kept so until this transaction ends; those gone are left out."""
    mine = mention.c.id.in_(ids) & mention.c.gone_at.is_(None)
    wanted = select(mention.c.id, mention.c.text).where(mine).order_by(mention.c.id).with_for_update(key_share=True)
    return {row.id: row.text or "" for row in work.execute(wanted)}


def rewrite(work: Work, mention_id: int, post: Post, now: datetime) -> None:
    """Put an author's new words in the place of the old ones, and let them be judged anew.

    What was made of the old words goes with them: its offsets point into a text that is no more, and one version of
    the judge has one assessment of a mention.
    """
    work.execute(delete(assessment).where(assessment.c.mention_id == mention_id))
    work.execute(delete(trial_verdict).where(trial_verdict.c.mention_id == mention_id))
    values: dict[str, Any] = {"text": post.text, "text_digest": digest(post.text), "edited_at": now}
    values |= {"judged_at": None, "claimed_until": None, "attempts": 0, "parked": "", "aside": None}
    work.execute(update(mention).where(mention.c.id == mention_id).values(**values))


def targets(work: Work, ids: Sequence[int]) -> dict[int, TargetRow]:
    """Return what is known of posts that somebody may want to answer, by the id of the mention."""
    names = TargetRow.__slots__
    columns = [author.c.handle if name == "handle" else mention.c[name] for name in names]
    joined = mention.join(author, mention.c.author_id == author.c.id)
    rows = work.execute(select(*columns).select_from(joined).where(mention.c.id.in_(ids)))
    return {row.id: TargetRow(*row) for row in rows}


def gone_since(work: Work, since: datetime) -> dict[str, list[str]]:
    """Return the external ids of the posts found gone since then, by platform."""
    found: dict[str, list[str]] = {}
    wanted = select(mention.c.platform, mention.c.external_id).where(mention.c.gone_at >= since)
    for platform, external_id in work.execute(wanted):
        found.setdefault(platform, []).append(external_id)
    return found


def authors_of(work: Work, named: Sequence[tuple[str, str]]) -> set[int]:
    """Return the ids of the authors with these (platform, external id)."""
    wanted = select(author.c.id, author.c.platform, author.c.external_id)
    rows = work.execute(wanted.where(author.c.external_id.in_({external_id for _, external_id in named})))
    return {row.id for row in rows if (row.platform, row.external_id) in set(named)}
