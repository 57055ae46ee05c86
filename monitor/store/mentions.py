"""Mentions as they arrive, wait, are judged, set aside and purged."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select, union_all, update

from monitor.domain.records import Author, Engagement, Post, Verdict
from monitor.domain.triage import HISTORY_AFTER, clock_start, is_history
from monitor.store.engine import Work, insert_new
from monitor.store.tables import assessment, author, case, case_mention, mention, publication, thread

CLAIM_FOR = timedelta(minutes=5)
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch of posts."""

    new: tuple[int, ...]  # ids of the mentions that were not known before
    known: int


@dataclass(frozen=True, slots=True)
class Found:
    """How posts came to us: the watch that found them, and when to look whether they are still there."""

    watch_id: int | None = None
    check_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention with its author, as judged and shown. `text` is None once purged."""

    id: int
    brand_id: int
    platform: str
    external_id: str
    text: str | None
    url: str
    lang_hint: str
    written_at: datetime | None
    stored_at: datetime
    clock_at: datetime
    is_history: bool
    gone_at: datetime | None
    author_id: int
    handle: str
    display_name: str
    followers: int | None
    thread_id: int
    likes: int | None
    reposts: int | None
    replies: int | None
    views: int | None
    edited_at: datetime | None
    extra: Mapping[str, Any]  # what else its platform said

    @property
    def engagement(self) -> Engagement:
        """Return how far it has travelled."""
        return Engagement(self.likes, self.reposts, self.replies, self.views)


def digest(text: str) -> str:
    """Return what is kept of a text when the text itself must go."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def add(
    work: Work,
    brand_id: int,
    posts: Sequence[Post],
    now: datetime,
    *,
    as_live: bool = False,
    history_after: timedelta = HISTORY_AFTER,
    found: Found = Found(),
) -> Stored:
    """Store the posts that are new. One known already keeps its words; only its figures are refreshed."""
    if not posts:
        return Stored((), 0)
    authors = _author_ids(work, posts)
    begun = _threads_of(work, brand_id, posts)
    threads = _thread_ids(work, brand_id, {(post.platform, begun[_key(post)]) for post in posts})
    rows = {}
    for post in posts:
        old = not as_live and is_history(post.written_at, now, history_after)
        rows[post.platform, post.external_id] = {
            "brand_id": brand_id,
            "platform": post.platform,
            "external_id": post.external_id,
            "author_id": authors[post.platform, post.author.external_id],
            "thread_id": threads[post.platform, begun[_key(post)]],
            "text": post.text,
            "text_digest": digest(post.text),
            "url": post.url,
            "reply_to": post.reply_to,
            "lang_hint": post.lang[:20],
            "written_at": post.written_at,
            "stored_at": now,
            "clock_at": clock_start(post.written_at, now, as_live=as_live),
            "is_history": old,
            "likes": post.engagement.likes,
            "reposts": post.engagement.reposts,
            "replies": post.engagement.replies,
            "views": post.engagement.views,
            "extra": dict(post.extra),
            "watch_id": found.watch_id,
            "check_at": found.check_at,
        }
    new = insert_new(work, mention, list(rows.values()), ("id", "platform", "external_id"))
    _refresh_figures(work, [rows[key] for key in rows.keys() - {(row.platform, row.external_id) for row in new}])
    return Stored(tuple(sorted(row.id for row in new)), len(posts) - len(new))


_FIGURES = ("likes", "reposts", "replies", "views")
_REFRESH = (
    update(mention)
    .where(
        mention.c.brand_id == bindparam("of_brand"),
        mention.c.platform == bindparam("of_platform"),
        mention.c.external_id == bindparam("of_post"),
        mention.c.gone_at.is_(None),
    )
    .values({name: func.coalesce(bindparam(f"new_{name}", type_=BigInteger), mention.c[name]) for name in _FIGURES})
)


def refresh_figures(work: Work, mention_id: int, seen: Engagement) -> None:
    """Take over the figures a platform gave again; one it left out stays as it was."""
    given = {name: getattr(seen, name) for name in _FIGURES if getattr(seen, name) is not None}
    if given:
        work.execute(update(mention).where(mention.c.id == mention_id).values(**given))


def _refresh_figures(work: Work, known: Sequence[Mapping[str, Any]]) -> None:
    """Take over the figures a platform gave again; one it left out stays as it was."""
    rows = [
        {
            "of_brand": row["brand_id"],
            "of_platform": row["platform"],
            "of_post": row["external_id"],
            **{f"new_{name}": row[name] for name in _FIGURES},
        }
        for row in known
        if any(row[name] is not None for name in _FIGURES)
    ]
    if rows:
        work.execute(_REFRESH, rows)


def _author_ids(work: Work, posts: Sequence[Post]) -> dict[tuple[str, str], int]:
    seen: dict[tuple[str, str], Author] = {(post.platform, post.author.external_id): post.author for post in posts}
    rows = [
        {
            "platform": platform,
            "external_id": one.external_id,
            "handle": one.handle,
            "display_name": one.display_name,
            "followers": one.followers,
        }
        for (platform, _), one in seen.items()
    ]
    insert_new(work, author, rows)
    known = select(author.c.platform, author.c.external_id, author.c.id).where(
        author.c.external_id.in_({external for _, external in seen})
    )
    return {(row.platform, row.external_id): row.id for row in work.execute(known)}


def _key(post: Post) -> tuple[str, str]:
    return post.platform, post.external_id


def _threads_of(work: Work, brand_id: int, posts: Sequence[Post]) -> dict[tuple[str, str], str]:
    """Return the thread of each post, as its platform names it: by a first post.

    Some platforms know only what a post answers. Its thread is then the one of that post, where we have it, or the
    one of the reply of ours that it answers.
    """
    loose = {_key(post): post for post in posts if post.reply_to and post.thread in {"", post.reply_to}}
    known = _threads_known(work, brand_id, {post.reply_to for post in loose.values()}) if loose else {}
    found = {_key(post): post.thread or post.external_id for post in posts if _key(post) not in loose}
    for key, post in loose.items():
        way = [key]
        above = post.platform, post.reply_to
        while above in loose and above not in found and above not in way:
            way.append(above)
            above = above[0], loose[above].reply_to
        root = found.get(above) or known.get(above) or above[1]
        found |= dict.fromkeys(way, root)
    return found


def _threads_known(work: Work, brand_id: int, ids: set[str]) -> dict[tuple[str, str], str]:
    """Return the threads of stored posts, and of our own replies, by their external ids."""
    begun = (thread.c.platform, thread.c.external_id.label("begun"))
    posts = select(mention.c.external_id, *begun).join(thread, mention.c.thread_id == thread.c.id)
    posts = posts.where(mention.c.brand_id == brand_id, mention.c.external_id.in_(ids))
    ours = select(publication.c.external_id, *begun).join(case, publication.c.case_id == case.c.id)
    ours = ours.join(thread, case.c.thread_id == thread.c.id)
    ours = ours.where(case.c.brand_id == brand_id, publication.c.external_id.in_(ids))
    return {(row.platform, row.external_id): row.begun for row in work.execute(union_all(posts, ours))}


def _thread_ids(work: Work, brand_id: int, keys: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    insert_new(work, thread, [{"brand_id": brand_id, "platform": p, "external_id": e} for p, e in keys])
    known = select(thread.c.platform, thread.c.external_id, thread.c.id).where(
        thread.c.brand_id == brand_id, thread.c.external_id.in_({external for _, external in keys})
    )
    return {(row.platform, row.external_id): row.id for row in work.execute(known)}


def _select() -> Select[Any]:
    names = MentionRow.__slots__
    columns = [author.c[n] if n in {"handle", "display_name", "followers"} else mention.c[n] for n in names]
    return select(*columns).select_from(mention.join(author, mention.c.author_id == author.c.id))


def get_many(work: Work, ids: Sequence[int]) -> list[MentionRow]:
    """Return mentions by id, in id order."""
    rows = work.execute(_select().where(mention.c.id.in_(ids)).order_by(mention.c.id))
    return [MentionRow(*row) for row in rows]


def claim_waiting(work: Work, limit: int, now: datetime) -> list[MentionRow]:
    """Claim mentions that nobody has judged, live ones first. A claim lapses after `CLAIM_FOR`."""
    free = (
        select(mention.c.id)
        .where(mention.c.judged_at.is_(None))
        .where(mention.c.claimed_until.is_(None) | (mention.c.claimed_until < now))
        .order_by(mention.c.is_history, mention.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    values = {"claimed_until": now + CLAIM_FOR, "attempts": mention.c.attempts + 1}
    claimed = update(mention).where(mention.c.id.in_(free.scalar_subquery())).values(**values).returning(mention.c.id)
    return get_many(work, list(work.execute(claimed).scalars()))


def waiting(work: Work, limit: int = 1) -> bool:
    """Tell whether anything waits to be judged."""
    return work.execute(select(mention.c.id).where(mention.c.judged_at.is_(None)).limit(limit)).first() is not None


def attempts_of(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """Return how often each mention was tried."""
    rows = work.execute(select(mention.c.id, mention.c.attempts).where(mention.c.id.in_(ids)))
    return {row.id: row.attempts for row in rows}


def release(work: Work, ids: Sequence[int]) -> None:
    """Give claimed mentions back: the classifier could not be asked, so it was no try."""
    mine = update(mention).where(mention.c.id.in_(ids))
    work.execute(mine.values(claimed_until=None, attempts=mention.c.attempts - 1))


def record_verdicts(work: Work, verdicts: Mapping[int, Verdict], now: datetime) -> None:
    """Append assessments; one that is there already (same mention, same version) stays."""
    rows = [
        {
            "mention_id": mention_id,
            "version": one.version,
            "lang": one.lang,
            "complaint": one.complaint,
            "is_complaint": one.is_complaint,
            "kind": one.kind,
            "negative": one.sentiment.negative,
            "neutral": one.sentiment.neutral,
            "positive": one.sentiment.positive,
            "severity": int(one.severity),
            "needs_reply": one.needs_reply,
            "flags": [[hit.flag, hit.span.start, hit.span.end] for hit in one.flags],
            "topics": list(one.topics),
            "noise": one.noise or "",
            "layer_id": one.layer_id,
            "created_at": now,
        }
        for mention_id, one in verdicts.items()
    ]
    insert_new(work, assessment, rows)


def settle(work: Work, aside: Mapping[int, str | None], now: datetime) -> None:
    """Mark mentions judged, with where each lies: set aside for a reason, or (None) in a case."""
    for place in sorted({*aside.values()}, key=str):
        ids = [one for one, where in aside.items() if where == place]
        done = {"judged_at": now, "claimed_until": None, "aside": place}
        work.execute(update(mention).where(mention.c.id.in_(ids)).values(**done))


def park(work: Work, mention_id: int, why: str, now: datetime) -> None:
    """Stop trying to judge a mention; it lies in the set-aside tab for a person to look at."""
    done = {"judged_at": now, "claimed_until": None, "aside": "parked", "parked": why}
    work.execute(update(mention).where(mention.c.id == mention_id).values(**done))


def took_from_aside(work: Work, mention_id: int) -> None:
    """Record that a person opened a case for a mention that lay aside."""
    work.execute(update(mention).where(mention.c.id == mention_id).values(aside=None))


def latest_verdict(work: Work, mention_id: int) -> Any | None:
    """Return the newest assessment row of a mention, None while it waits or when it was parked."""
    wanted = select(assessment).where(assessment.c.mention_id == mention_id)
    return work.execute(wanted.order_by(assessment.c.id.desc()).limit(1)).first()


def case_of(work: Work, mention_id: int) -> int | None:
    """Return the case a mention belongs to."""
    return work.execute(select(case_mention.c.case_id).where(case_mention.c.mention_id == mention_id)).scalar()


def in_cases(work: Work, ids: Sequence[int]) -> set[int]:
    """Return those of the mentions that belong to a case already."""
    wanted = select(case_mention.c.mention_id).where(case_mention.c.mention_id.in_(ids))
    return set(work.execute(wanted).scalars())


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A mention that no case took, and what the judge made of it."""

    id: int
    brand_id: int
    platform: str
    handle: str
    text: str | None
    url: str
    written_at: datetime | None
    stored_at: datetime
    aside: str
    parked: str
    lang: str | None
    complaint: float | None
    kind: str | None
    noise: str | None


def set_aside(
    work: Work, *, brand_id: int | None, place: str | None, search: str = "", before: int = 0, limit: int = 50
) -> list[AsideRow]:
    """Return a page of what lies aside, newest first. `search` is looked for in text and handle."""
    other = assessment.alias()
    newest = select(func.max(other.c.id)).where(other.c.mention_id == mention.c.id).correlate(mention).scalar_subquery()
    columns = [mention.c[n] for n in ("id", "brand_id", "platform")] + [author.c.handle]
    columns += [mention.c[n] for n in ("text", "url", "written_at", "stored_at", "aside", "parked")]
    columns += [assessment.c[n] for n in ("lang", "complaint", "kind", "noise")]
    joined = mention.join(author, mention.c.author_id == author.c.id)
    wanted = select(*columns).select_from(joined.outerjoin(assessment, assessment.c.id == newest))
    places = (place,) if place else ("not_complaint", "history", "parked")
    wanted = wanted.where(mention.c.aside.in_(places))
    if brand_id is not None:
        wanted = wanted.where(mention.c.brand_id == brand_id)
    if search:
        like = f"%{_escaped(search)}%"
        wanted = wanted.where(mention.c.text.ilike(like, escape="\\") | author.c.handle.ilike(like, escape="\\"))
    if before:
        wanted = wanted.where(mention.c.id < before)
    return [AsideRow(*row) for row in work.execute(wanted.order_by(mention.c.id.desc()).limit(limit))]


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
