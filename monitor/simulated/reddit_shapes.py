"""How Reddit shows posts and comments, and how its listings find them without going through all there is."""

import heapq
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from monitor.simulated.server import Answer
from monitor.simulated.world import SimPost, SimUser, World

DEEP: Final = 1000  # no listing goes further back
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAMED: Final = re.compile(r"\bu/([\w-]+)")
_WORD: Final = re.compile(r"\w+")

Shape = dict[str, object]


def base36(number: int) -> str:
    """Write a number as Reddit writes its ids."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def fullname(post: SimPost) -> str:
    """Return the id of a thing with its kind: t3 is a post, t1 a comment."""
    return f"{'t3' if post.reply_to is None else 't1'}_{post.id}"


class Shelf:
    """Posts by place, word, author and whom they speak to, in the order of their arrival."""

    def __init__(self, world: World) -> None:
        """Nothing is read before it is asked for."""
        self._world, self._read = world, 0
        self._lists: defaultdict[str, list[SimPost]] = defaultdict(list)

    def newest(self, keys: Iterable[str], before: SimPost | None) -> Iterator[SimPost]:
        """Yield the posts under any of the keys, newest first, once each, from after `before` on."""
        self._catch_up()
        lists = [self._lists[key] for key in keys if key in self._lists]
        last = 0
        for post in heapq.merge(*(_back(one, before) for one in lists), key=lambda one: -one.number):
            if post.number != last:
                yield post
            last = post.number

    def depth(self, keys: Iterable[str], post: SimPost) -> int:
        """Return how many posts under the keys came after this one."""
        return sum(len(self._lists[key]) - _at(self._lists[key], post) for key in keys if key in self._lists)

    def _catch_up(self) -> None:
        for post in self._world.order[self._read :]:
            for key in set(_keys(post)):
                self._lists[key].append(post)
        self._read = len(self._world.order)


def _at(posts: list[SimPost], before: SimPost) -> int:
    return bisect_left(posts, before.number, key=lambda one: one.number)


def _back(posts: list[SimPost], before: SimPost | None) -> Iterator[SimPost]:
    start = len(posts) if before is None else _at(posts, before)
    return (posts[index] for index in range(start - 1, -1, -1))


def _keys(post: SimPost) -> Iterator[str]:
    if post.reply_to is None:
        yield f"new {post.place.lower()}"
        yield from (f"word {one}" for one in _WORD.findall(f"{post.title} {post.text}".casefold()))
        return
    yield f"comments {post.place.lower()}"
    yield f"by {post.author.handle.lower()}"
    for handle in {post.reply_to.author.handle, *_NAMED.findall(post.text)} - {post.author.handle}:
        yield f"to {handle.lower()}"


# --- shapes ---------------------------------------------------------------------------------------------------------


def thing(post: SimPost, replies: int = 0) -> Shape:
    """Return a post or comment as everybody sees it: what was deleted or removed as Reddit shows that."""
    if post.reply_to is None:
        return {"kind": "t3", "data": _common(post) | _submission(post, replies)}
    return {"kind": "t1", "data": _common(post) | _comment(post)}


def _common(post: SimPost) -> Shape:
    extra, subs = post.extra, post.root.extra.get("subscribers", 5200)
    deleted = not post.there or (post.reply_to is not None and bool(extra.get("removed")))
    author: Shape = {"author": "[deleted]", "author_fullname": None, "author_flair_text": None}
    if not deleted and not post.author.extra.get("left"):
        author = _author(post.author)
    return author | {
        "id": post.id, "name": fullname(post), "created_utc": float(int(post.at)), "created": float(int(post.at)),
        "permalink": permalink(post), "subreddit": post.place, "subreddit_name_prefixed": f"r/{post.place}",
        "subreddit_id": "t5_2qh0s", "subreddit_type": "public", "subreddit_subscribers": subs,
        "score": 1 + post.likes, "ups": 1 + post.likes, "downs": 0, "edited": post.edited_at or False,
        "locked": bool(extra.get("locked")), "archived": bool(post.root.extra.get("archived")), "stickied": False,
        "distinguished": None, "gilded": 0, "saved": False, "likes": None, "all_awardings": [],
    }  # fmt: skip


def _author(user: SimUser) -> Shape:
    return {"author": user.handle, "author_fullname": f"t2_{user.id}", "author_flair_text": user.extra.get("flair")}


def _words(post: SimPost) -> str:
    if not post.there:
        return "[deleted]"
    return "[removed]" if post.extra.get("removed") else post.text


def _submission(post: SimPost, replies: int) -> Shape:
    why = "deleted" if not post.there else "moderator" if post.extra.get("removed") else None
    parent = post.extra.get("crosspost_of")
    shape: Shape = {
        "title": post.title, "selftext": _words(post), "is_self": True, "num_comments": replies,
        "num_crossposts": post.reposts, "upvote_ratio": 0.93, "over_18": False, "quarantine": False,
        "hide_score": False, "removed_by_category": why, "spoiler": False, "domain": f"self.{post.place}",
        "url": f"https://www.reddit.com{permalink(post)}", "media": None, "preview": None,
    }  # fmt: skip
    if isinstance(parent, SimPost):
        shape |= {"selftext": "", "crosspost_parent": fullname(parent)}
        shape["crosspost_parent_list"] = [thing(parent)["data"]]
    return shape


def _comment(post: SimPost) -> Shape:
    assert post.reply_to is not None
    return {
        "body": _words(post), "body_html": f"<div>{_words(post)}</div>", "link_id": fullname(post.root),
        "parent_id": fullname(post.reply_to), "link_title": post.root.title, "num_comments": 7,
        "score_hidden": bool(post.extra.get("score_hidden")), "controversiality": 0, "collapsed": False,
        "is_submitter": False, "replies": "",
    }  # fmt: skip


def message(post: SimPost, to: str) -> Shape:
    """Return a comment as the inbox shows it: other fields, and the thread only in an address."""
    assert post.reply_to is not None
    shown = _common(post)
    kept = {
        name: shown[name] for name in ("id", "name", "author", "author_fullname", "created_utc", "created", "score")
    }
    ours = post.reply_to.author.handle == to
    above = "post_reply" if post.reply_to.reply_to is None else "comment_reply"
    return {"kind": "t1", "data": kept | {
        "body": _words(post), "subreddit": post.place, "subreddit_name_prefixed": f"r/{post.place}", "dest": to,
        "context": f"{permalink(post)}?context=3", "parent_id": fullname(post.reply_to), "was_comment": True,
        "type": above if ours else "username_mention", "link_title": post.root.title, "new": True, "likes": None,
        "subject": above.replace("_", " ") if ours else "username mention", "num_comments": 7, "first_message": None,
    }}  # fmt: skip


def permalink(post: SimPost) -> str:
    """Return the address of a thing on the site, without the host."""
    base = f"/r/{post.place}/comments/{post.root.id}/a_thread/"
    return base if post.reply_to is None else f"{base}{post.id}/"


def listing(things: list[Shape], after: str | None) -> Shape:
    """Return a page."""
    data: Shape = {
        "after": after,
        "before": None,
        "dist": len(things),
        "modhash": None,
        "geo_filter": "",
        "children": things,
    }
    return {"kind": "Listing", "data": data}


# --- answers --------------------------------------------------------------------------------------------------------

_SAID: Final = {
    "THREAD_LOCKED": "Comments are locked.",
    "TOO_OLD": "that's a piece of history now; it's too late to reply to it",
    "DELETED_COMMENT": "that comment has been deleted",
    "DELETED_LINK": "the link you are commenting on has been deleted",
    "TOO_LONG": "this is too long (max: 10000)",
    "NO_TEXT": "we need something here",
    "NOT_AUTHOR": "you can't do that",
    "USER_REQUIRED": "Please log in to do that.",
}


def refusal(status: int, words: str, error: str = "") -> Answer:
    """Return a plain no; `error` is what it says of the token."""
    heads = {"www-authenticate": f'Bearer realm="reddit", error="{error}"'} if error else {}
    return Answer({"message": words, "error": status}, status, heads)


def errors(code: str) -> Answer:
    """Return an error as writes meet it: with status 200."""
    return Answer({"json": {"errors": [[code, _SAID.get(code, code.lower()), "parent"]]}})


def too_often(wait: float) -> Answer:
    """Return the answer to an account that writes too often."""
    words = f"{int(wait * 1000)} milliseconds" if wait < 1 else f"{int(wait)} seconds"
    words = f"{int(wait // 60)} minutes" if wait >= 120 else words
    said = f"Looks like you've been doing that a lot. Take a break for {words} before trying again."
    return Answer({"json": {"ratelimit": wait, "errors": [["RATELIMIT", said, "ratelimit"]]}})


def unfit(text: str) -> Answer | None:
    """Return the refusal of a text that Reddit does not take."""
    if not text.strip():
        return errors("NO_TEXT")
    return errors("TOO_LONG") if len(text) > 10_000 else None


def written(post: SimPost | None) -> Answer:
    """Return the answer to a comment made or edited; None: a filter has it and nothing is shown."""
    return Answer({"json": {"errors": [], "data": {"things": [] if post is None else [thing(post)]}}})


def kept(text: str) -> str:
    """Return a text as Reddit keeps it: ends trimmed, line ends made one kind."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


# --- search ---------------------------------------------------------------------------------------------------------

_TERM: Final = re.compile(r'(NOT\s+)?(?:"([^"]+)"|([^\s()"]+))')


@dataclass(frozen=True)
class Wanted:
    """What a search looks for: any of the phrases and none of the others, in these places (none: everywhere)."""

    phrases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()

    @property
    def keys(self) -> list[str]:
        """Return where on the shelf the first words of the phrases are."""
        firsts = (_WORD.findall(one)[:1] for one in self.phrases)
        return [f"word {one}" for first in firsts for one in first]

    def matches(self, post: SimPost) -> bool:
        """Tell whether a post is looked for."""
        text = f"{post.title} {post.text}".casefold()
        if self.places and post.place.lower() not in self.places:
            return False
        return (not self.phrases or any(one in text for one in self.phrases)) and not any(
            o in text for o in self.others
        )


def wanted(written: str, places: Iterable[str] = ()) -> Wanted:
    """Read a search."""
    terms = [(no, (phrase or word).casefold()) for no, phrase, word in _TERM.findall(written) if word != "OR"]
    phrases, others = (tuple(text for no, text in terms if bool(no) is out) for out in (False, True))
    return Wanted(phrases, others, frozenset(places))
