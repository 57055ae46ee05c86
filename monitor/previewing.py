"""Use case: try a watch before it starts. What it would have found is shown, and nothing of it is stored."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from monitor import budgets
from monitor.arranging import Wanted, settled
from monitor.domain import prices
from monitor.domain.errors import Remedy, SourceRefused
from monitor.domain.records import Page, Post, Watch
from monitor.ports import MentionSource
from monitor.pulling import LogIn
from monitor.store import spending
from monitor.store.accounts import AccountRow
from monitor.store.engine import Store, Work

SHOWN: Final = 5  # posts
_LEAST_SPAN: Final = timedelta(minutes=10)  # two posts within seconds say nothing about a day
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What one look found: the newest posts, and how many of which language.

    `a_day` posts and `a_month` millionths of a dollar are reckoned from how the posts lie in time; None: too few to tell.
    """

    count: int
    more: bool  # there are further ones that were not asked for
    posts: tuple[Post, ...]
    langs: tuple[tuple[str, int], ...]  # "" where the platform does not say; most first
    dropped: int | None  # what was read and left out; None: the platform does not count
    cost: int  # of this look, in millionths of a dollar
    a_day: float | None
    a_month: int | None


def preview(
    store: Store, wanted: Wanted, load_source: Callable[[str], MentionSource], log_in: LogIn, now: datetime
) -> Preview:
    """Ask the platform once. What that costs is booked; the posts are not stored.

    Raises `BadInput`, `SourceRefused` and `RetryLater`.
    """
    with store.reading() as work:
        query, account = settled(work, wanted)
        asked = query.as_json() if query else dict(wanted.query)
        if account:
            _within_cap(work, account, str(asked.get("kind", "")), now)
    login = log_in(account, wanted.source, now)
    page = load_source(wanted.source).fetch(Watch(0, wanted.brand_id, wanted.source, asked, login), "")
    with store.unit_of_work() as work:
        budgets.book(work, account, "preview", page.usage, now, platform=wanted.source)
    return _told(page, wanted.source)


def _within_cap(work: Work, account: AccountRow, kind: str, now: datetime) -> None:
    """Ask for a page only where it cannot break the account's cap."""
    most = prices.largest_page(account.platform, kind)
    if (
        account.cap_micros is not None
        and most
        and spending.this_month(work, account.id, now) + most > account.cap_micros
    ):
        page, cap = prices.dollars(most), prices.dollars(account.cap_micros)
        message = f"A look may cost {page}, and that would pass the account's cap of {cap} a month. Raise it first."
        raise SourceRefused(message, remedy=Remedy.RAISE_CAP)


def _told(page: Page, source: str) -> Preview:
    dated = sorted((one for one in page.posts if one.written_at), key=_when, reverse=True)
    posts = [*dated, *(one for one in page.posts if not one.written_at)]
    langs = Counter(one.lang.split("-")[0].lower() for one in posts)
    spent = prices.cost(source, page.usage.billed)
    read = sum(page.usage.billed.get(kind, 0) for kind in ("post_read", "own_read"))
    span = _when(dated[0]) - _when(dated[-1]) if dated else timedelta(0)
    told = span >= _LEAST_SPAN
    return Preview(
        len(posts),
        page.more,
        tuple(posts[:SHOWN]),
        tuple(langs.most_common()),
        max(read - len(posts), 0) if page.usage.billed else None,
        spent,
        (len(dated) - 1) * (_DAY / span) if told else None,
        prices.a_month(spent, span) if told else None,
    )


def _when(post: Post) -> datetime:
    return post.written_at or datetime.min.replace(tzinfo=UTC)


def as_json(told: Preview) -> dict[str, object]:
    """Return a preview for programs."""
    posts = [
        {
            "author": one.author.handle,
            "text": one.text,
            "lang": one.lang,
            "url": one.url,
            "written_at": one.written_at and one.written_at.isoformat(),
        }
        for one in told.posts
    ]
    plain = {name: getattr(told, name) for name in ("count", "more", "dropped", "cost", "a_day", "a_month")}
    return {**plain, "langs": dict(told.langs), "posts": posts}
