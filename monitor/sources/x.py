"""Posts on X: by words, by mentions of our account, or by the threads they stand in."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from monitor.clients.faults import reading
from monitor.clients.x import AT_MOST, Found, Item, StalePlace, X, together
from monitor.clients.x_shapes import (
    answered,
    dict_of,
    either,
    facts_of,
    id_at,
    lang_of,
    lang_to,
    reposted,
    time_of,
    versions_of,
    words_of,
)
from monitor.domain.dates import in_utc
from monitor.domain.errors import Remedy, RetryLater, SourceRefused
from monitor.domain.query import Query
from monitor.domain.records import Author, Engagement, Login, Looked, Missed, Page, Post, Presence, Seen, Usage, Watch
from monitor.sources import cursors

SITE: Final = "https://x.com"
LONGEST: Final = {"enterprise": 4096}
_LONGEST: Final = 512  # characters of a query on every other plan
_REACH: Final = timedelta(days=7)  # of the search
_MENTIONS_PAGES: Final = 8  # X keeps the newest 800
_FIRST: Final = {"search": 3, "mentions": 3, "conversation": 5}  # pages at the very start: each post read is billed
_SETTLED: Final = timedelta(hours=1)  # by then a post is in the index, and clocks differ less
_QUIET: Final = timedelta(days=1)  # a place with nothing new moves on this often, so that it never gets too old

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Place(cursors.Sweep):
    """A walk; `wide`: it goes as far back as X reaches, because X no longer takes `since`."""

    wide: bool = False


def factory(clock: Clock) -> "XSource":
    """Make the source."""
    return XSource(clock)


class XSource:
    """A `MentionSource`. Pages run newest first, so a walk counts as done only after its last page."""

    at_most = AT_MOST

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Return the next page of the walk, or begin a new one. What X bills is in the usage."""
        query = Query.parse("x", watch.query)
        ask = _asking(query, watch.login)
        place = cursors.read(cursor, _Place)
        with reading(), X(watch.login) as x:
            try:
                found = ask(x, "" if place.wide else place.since, place.next)
            except StalePlace as stale:
                return self._begin_again(x, ask, place, query, watch.login, stale=stale)
            return self._page(x, found, place, query, watch.login)

    def _begin_again(self, x: X, ask: Any, place: _Place, query: Query, login: Login, *, stale: StalePlace) -> Page:
        """Walk anew: from the same place where only a page's token was refused, else as far back as X reaches."""
        if stale.token:
            anew = replace(place, newest="", next="", pages=0)
            return self._page(x, ask(x, "" if anew.wide else anew.since, ""), anew, query, login)
        anew = _Place(since=place.since, wide=True)
        page = self._page(x, ask(x, "", ""), anew, query, login)
        why = "X shows the last seven days only, and this watch last saw X before that. Older posts may be missing."
        return replace(page, missed=Missed(time_of(place.since), self._clock() - _REACH, why))

    def _page(self, x: X, found: Found, place: _Place, query: Query, login: Login) -> Page:
        if found.next and found.next == place.next:
            message = "X gave the same page again. It will be asked for once more."
            raise RetryLater(message)
        posts, usage = _posts(x, found, login)
        if query.kind == "mentions":
            posts = [post for post in posts if query.keeps(post)]
        walk = replace(place, newest=place.newest or found.newest, next=found.next, pages=place.pages + 1)
        first = not place.since and walk.pages >= _FIRST[query.kind]
        if walk.next and not first:
            return Page(tuple(posts), cursors.write(walk), more=True, usage=usage)
        missed = self._unreached(walk, query, posts) if walk.since else None
        return Page(tuple(posts), cursors.write(_Place(since=self._done(walk))), missed=missed, usage=usage)

    def _unreached(self, walk: _Place, query: Query, posts: Sequence[Post]) -> Missed | None:
        if query.kind != "mentions" or walk.pages < _MENTIONS_PAGES:
            return None
        dates = [post.written_at for post in posts if post.written_at]
        why = "X shows the newest 800 mentions only, and there were more. Those before them may be missing."
        return Missed(time_of(walk.since), min(dates, default=None), why)

    def _done(self, walk: _Place) -> str:
        """Return up to where all has been handed over, now that a walk has ended."""
        if walk.newest:
            return walk.newest
        now = self._clock()
        kept = time_of(walk.since)
        if kept is not None and kept > now - _QUIET and not walk.wide:
            return walk.since
        return id_at(now - _SETTLED)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say what became of posts. What X keeps silent about is unknown, never gone."""
        known = [one for one in external_ids if one.isdecimal()]
        silent = [Seen(one, Presence.UNKNOWN) for one in external_ids if one not in set(known)]
        if not known:
            return Looked(tuple(silent))
        with reading(), X(login) as x:
            return _looked(x, login, known, silent)


# --- queries ------------------------------------------------------------------------------------------------------


def _asking(query: Query, login: Login) -> Callable[[X, str, str], Found]:
    if query.kind == "mentions":
        if not login.external_id:
            message = "Mentions can be read only of an account that is connected: connect it again."
            raise SourceRefused(message, remedy=Remedy.RECONNECT)
        return lambda x, since, token: x.mentions(login.external_id, since, token)
    written = _written(query, LONGEST.get(str(login.options.get("tier", "")), _LONGEST))
    return lambda x, since, token: x.search(written, since, token)


def _written(query: Query, longest: int) -> str:
    """Return a query as X writes it. Raises `SourceRefused` when it is too long."""
    if query.kind == "conversation":
        wanted = [f"conversation_id:{_id_in(place)}" for place in query.places]
    else:
        wanted = [_word(one) for one in query.words]
    parts = [
        _any(wanted),
        _any([f"lang:{lang_to(one)}" for one in query.langs]),
        "-is:retweet",
        *(f"-{_word(one)}" for one in query.without),
        *(f"-from:{one.lstrip('@')}" for one in query.without_authors),
    ]
    written = " ".join(part for part in parts if part)
    if len(written) > longest:
        message = (
            f"This watch is too long for X: {len(written)} characters, and X takes {longest}. "
            "Take words away, or make two watches of it."
        )
        raise SourceRefused(message)
    return written


def _any(parts: Sequence[str]) -> str:
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)


def _word(given: str) -> str:
    """Return words so that X cannot take them for operators; handles and hashtags stay what they are."""
    bare = given.replace('"', " ").replace("\\", " ").strip()
    if re.fullmatch(r"[@#]?\w+", bare) and bare not in {"OR", "AND"}:
        return bare
    return f'"{bare}"'


def _id_in(place: str) -> str:
    found = re.fullmatch(r"\d+", place) or re.search(r"(?<=/status/)\d+|(?<=/statuses/)\d+", place)
    if found is None:
        message = f'"{place}" is not the address of a post on X: it looks like {SITE}/somebody/status/123.'
        raise SourceRefused(message)
    return found.group()


# --- posts --------------------------------------------------------------------------------------------------------


def _posts(x: X, found: Found, login: Login) -> tuple[list[Post], Usage]:
    """Return the posts of a page, each once; a repost stands for the post that it passes on."""
    passed_on = dict.fromkeys(reposted(one) for one in found.posts if reposted(one))
    here = {str(one["id"]): one for one in found.posts if not reposted(one)}
    away = [one for one in passed_on if one not in here and one not in found.others]
    more = x.posts(away) if away else None
    users = {**found.users, **(more.users if more else {})}
    originals = [found.others[one] for one in passed_on if one in found.others and one not in here]
    items = [*here.values(), *originals, *(more.posts if more else ())]
    hidden = _hidden_users((*found.errors, *(more.errors if more else ())))
    made = {post.external_id: post for post in (post_of(one, users, login) for one in _newest_last(items))}
    hidden |= {str(one.get("id")) for one in users.values() if one.get("protected")}  # seen as somebody they let in
    posts = [post for post in made.values() if post.author.external_id not in hidden]
    return posts[::-1], together(found.usage, *([more.usage] if more else []))


def _newest_last(items: Iterable[Item]) -> list[Item]:
    # Of two versions of an edited post on one page the newer one remains.
    return sorted(items, key=lambda one: int(one["id"]) if str(one["id"]).isdecimal() else 0)


def _hidden_users(errors: Iterable[Item]) -> set[str]:
    """Return the authors that X says are suspended, protected or gone: their posts are not ours to keep.

    An author that X leaves out without a word is something else: that post is kept, with an empty handle.
    """
    return {str(one.get("resource_id")) for one in errors if one.get("resource_type") == "user"}


def post_of(item: Item, users: Any, login: Login) -> Post:
    """Return a post as X wrote it down. Its id is that of its first version, so that an edit is no new post."""
    post_id, first = str(item["id"]), versions_of(item)[0]
    author_id = str(item.get("author_id") or "")
    user = users.get(author_id)
    who = user or {}
    handle = str(who.get("username") or "")
    figures = dict_of(item.get("public_metrics"))
    return Post(
        "x",
        first,
        words_of(item),
        Author(
            author_id or f"of-{first}",
            handle,
            str(who.get("name") or ""),
            _count(dict_of(who.get("public_metrics")), "followers_count"),
        ),
        in_utc(item.get("created_at")) or time_of(first),
        f"{login.options.get('site') or SITE}/{handle or 'i'}/status/{post_id}",
        str(item.get("conversation_id") or ""),
        answered(item),
        lang_of(item),
        Engagement(
            likes=_count(figures, "like_count"),
            reposts=_count(figures, "retweet_count", "repost_count"),
            replies=_count(figures, "reply_count"),
            views=_count(figures, "impression_count"),
        ),
        facts_of(item, user),
    )


def _count(figures: Item, *names: str) -> int | None:
    found = either(figures, *names)
    return found if isinstance(found, int) else None


# --- looking up ---------------------------------------------------------------------------------------------------


def _looked(x: X, login: Login, asked: Sequence[str], silent: Sequence[Seen]) -> Looked:
    found = x.posts(asked)
    items = {str(one["id"]): one for one in found.posts}
    newest = {one: versions_of(items[one])[-1] for one in items}
    edited = [version for one, version in newest.items() if version != one and version not in items]
    more = x.posts(edited) if edited else None
    items.update({str(one["id"]): one for one in (more.posts if more else ())})
    users = {**found.users, **(more.users if more else {})}
    missing = _missing(found.errors)
    seen = list(silent)
    for one in asked:
        item = items.get(newest.get(one, one)) or items.get(one)
        seen.append(_seen(one, item, users, login) if item else Seen(one, missing.get(one, Presence.UNKNOWN)))
    return Looked(tuple(seen), together(found.usage, *([more.usage] if more else [])))


def _seen(asked: str, item: Item, users: Any, login: Login) -> Seen:
    post = replace(post_of(item, users, login), external_id=asked)
    # With our own account's eyes we may see a protected author's posts; everybody cannot.
    if post.extra.get("author_protected"):
        return Seen(asked, Presence.HIDDEN)
    return Seen(asked, Presence.THERE, post)


def _missing(errors: Iterable[Item]) -> dict[str, Presence]:
    found = {}
    for error in errors:
        kind = str(error.get("type") or "")
        about = str(error.get("parameter") or "ids")
        if error.get("resource_type", "tweet") not in {"tweet", "post"} or about not in {"id", "ids"}:
            continue
        if kind.endswith("resource-not-found"):
            found[str(error.get("resource_id") or error.get("value"))] = Presence.GONE
        elif kind.endswith("not-authorized-for-resource"):
            found[str(error.get("resource_id") or error.get("value"))] = Presence.HIDDEN
    return found
