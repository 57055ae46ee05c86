"""How far posts had travelled each time somebody looked: what a speed is the difference of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from monitor.domain.audience import Audience, Figures, Look
from monitor.domain.records import Engagement
from monitor.store.cases import CaseRow, DeskRow
from monitor.store.engine import Work, insert_new
from monitor.store.mentions import MentionRow
from monitor.store.tables import author, mention, reach

_FIGURES = ("likes", "reposts", "replies", "views", "followers")
_KEPT = 200  # newest looks of a post that are read: weeks of them


def weighed(row: CaseRow | DeskRow) -> Audience:
    """Return the audience of a case as it was weighed last; no speed."""
    return Audience(row.audience, row.rising, row.audience_low, row.audience_high)


def record(work: Work, mention_id: int, seen: Engagement, followers: int | None, now: datetime) -> bool:
    """Keep what a look showed where anything changed, and until when it had stood as before. True: it changed.

    A figure the platform left out counts as unchanged. Comes before the mention takes the figures over.
    """
    columns: list[Any] = [mention.c[name] for name in _FIGURES[:4]] + [author.c.followers]
    since = func.coalesce(mention.c.checked_at, mention.c.stored_at).label("since")
    joined = mention.join(author, mention.c.author_id == author.c.id)
    row = work.execute(select(*columns, since).select_from(joined).where(mention.c.id == mention_id)).first()
    if row is None:
        return False
    before = {name: getattr(row, name) for name in _FIGURES}
    last = work.execute(_newest(mention_id).limit(1)).first()
    if last is not None and last.followers is not None:
        before["followers"] = last.followers
    given = {**{name: getattr(seen, name) for name in _FIGURES[:4]}, "followers": followers}
    after = {name: given[name] if given[name] is not None else before[name] for name in _FIGURES}
    if after == before:
        return False
    kept = [{**before, "mention_id": mention_id, "seen_at": min(row.since, now)}]
    insert_new(work, reach, [*kept, {**after, "mention_id": mention_id, "seen_at": now}])
    return True


def _newest(mention_id: int) -> Any:
    return select(reach).where(reach.c.mention_id == mention_id).order_by(reach.c.seen_at.desc())


def looks(work: Work, row: MentionRow) -> list[Look]:
    """Return what the looks at a post showed, oldest first; those that showed nothing new are left out."""
    found = work.execute(_newest(row.id).limit(_KEPT)).all()
    now = figures_of(row)
    shown = [(one.seen_at, replace(now, followers=one.followers, engagement=_seen(one))) for one in reversed(found)]
    return [Look(*one) for one in shown]


def _seen(row: Row[Any]) -> Engagement:
    return Engagement(row.likes, row.reposts, row.replies, row.views)


def figures_of(row: MentionRow, seen: Sequence[Look] = ()) -> Figures:
    """Return what is known of a post now; its author's followers as they were when it was `seen` last."""
    members, liked = row.extra.get("subreddit_subscribers"), row.extra.get("upvote_ratio")
    return Figures(
        row.platform,
        seen[-1].figures.followers if seen else row.followers,
        row.engagement,
        members if isinstance(members, int) else None,
        float(liked) if isinstance(liked, int | float) and 0 <= liked <= 1 else None,
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """How a post is looked at: when it was last, and when it is next (None: never)."""

    checked_at: datetime | None
    check_at: datetime | None


def watched(work: Work, mention_id: int) -> Watched:
    """Return when a post was looked at, and when it is next."""
    wanted = select(mention.c.checked_at, mention.c.check_at).where(mention.c.id == mention_id)
    return Watched(*work.execute(wanted).one())
