"""Replies on Reddit: comments of the connected account. A correction is an edit, a withdrawal a deletion.

Reddit knows no key that would make a second try harmless. So a write is never tried twice: whether it stands is seen
in the account's own comments, by the thing it answers and its words.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from monitor.clients.http import READ_S
from monitor.clients.reddit import SITE, Listing, RedditClient, Thing, presence
from monitor.clients.reddit_sign_in import may
from monitor.domain.errors import RetryLater
from monitor.domain.records import Login, Presence, Usage
from responders.ports import (
    CanReply,
    PublishRefused,
    Purpose,
    Receipt,
    Reply,
    Target,
)
from responders.publishers.sending import asking, nothing_sent, sending

SHOWN_S: Final = 60.0  # after which Reddit's lists show what was written
_BACK_S: Final = 3600.0  # how far before a reply its list is read: clocks differ
_PAGES: Final = 10  # of our own comments; Reddit lists no more
_ESCAPED: Final = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~>|^&<])")
_BLANK: Final = re.compile(r"\s+")


def build(data: Path, faults: str = "") -> "RedditPublisher":
    """Make the publisher."""
    del data, faults
    return RedditPublisher()


def _utc_now() -> datetime:
    return datetime.now(UTC)


class RedditPublisher:
    """A `Publisher`. It keeps nothing between calls."""

    def __init__(self, *, clock: Callable[[], datetime] = _utc_now, read_s: float = READ_S) -> None:
        """`clock` is ours. `read_s`: seconds to wait for an answer."""
        self._clock, self._read_s = clock, read_s

    def publish(self, reply: Reply) -> Receipt:
        """Look at what is answered or changed, then write once."""
        if not may(reply.login, "submit" if reply.purpose is Purpose.ANSWER else "edit"):
            message = "This connection may not do that on Reddit: connect the account again, with all permissions."
            raise PublishRefused(message)
        with sending(), RedditClient(reply.login, read_s=self._read_s) as client:
            name = _subject(reply)
            with nothing_sent():
                found = client.info([name])
            _still_open(reply, _of(found, name))
            if reply.purpose is Purpose.ANSWER:
                made = client.reply(name, reply.text)
            elif reply.purpose is Purpose.CORRECT:
                made = client.edit(name, reply.text)
            else:
                client.delete(name)
                made = {"name": name}
            return _receipt(reply, made, client.usage)

    def find(self, reply: Reply) -> Receipt | None:
        """Look for what `publish` would have left. Only after a minute is not seeing it a proof."""
        with asking(), RedditClient(reply.login, read_s=self._read_s) as client:
            found = self._sent(client, reply) if reply.purpose is Purpose.ANSWER else _changed(client, reply)
            if found is not None:
                return _receipt(reply, found, client.usage)
            # By both clocks: one that is ahead must not make us sure too early.
            passed = min(client.at, self._clock().timestamp()) - (reply.tried_at or reply.at).timestamp()
        if passed < SHOWN_S:
            message = "Reddit may not show yet what was just written."
            raise RetryLater(message, after=max(SHOWN_S - passed, 1.0))
        return None

    def _sent(self, client: RedditClient, reply: Reply) -> Thing | None:
        """Look through our own comments, back to before the reply."""
        after, until = "", reply.at.timestamp() - _BACK_S
        for _ in range(_PAGES):
            page = client.own_comments(reply.login.handle, after)
            if not page.things and (after or page.after):
                break  # more was promised
            for one in page.things:
                if one.get("parent_id") == reply.to_external_id and _same(reply.text, str(one.get("body") or "")):
                    return one
            after = page.after
            if not after or float(page.things[-1].get("created_utc") or 0) < until:
                return None
        message = "Reddit does not list our comments far enough back to tell."
        raise RetryLater(message, after=SHOWN_S)

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Say whether a post takes replies, and from us there, by what its source kept."""
        reason = _why_not(target.extra, login)
        return CanReply(allowed=not reason, reason=reason)


def _why_not(facts: Mapping[str, object], login: Login) -> str:
    """Return why a post takes no reply of ours, "" when it does."""
    place = str(facts.get("subreddit") or "")
    if not may(login, "submit"):
        return "This connection may only read Reddit: connect an account that may reply."
    if place.lower() in _places(login):
        return f"r/{place} is on the list of subreddits where we do not reply."
    if facts.get("locked"):
        return "The moderators locked this: Reddit takes no replies here."
    return "The thread is archived: Reddit takes no replies here any more." if facts.get("archived") else ""


def _subject(reply: Reply) -> str:
    """Return what is answered, or what of ours is changed."""
    if reply.purpose is Purpose.ANSWER:
        return reply.to_external_id
    if reply.replaces is None:
        message = "It is not known which of our comments is to be changed."
        raise PublishRefused(message)
    return reply.replaces.external_id


def _still_open(reply: Reply, thing: Thing | None) -> None:
    """Raise `PublishRefused` where the post, or our own comment, is not there any more or takes nothing."""
    if thing is None or presence(thing) is not Presence.THERE:
        what = "The post" if reply.purpose is Purpose.ANSWER else "Our comment"
        message = f"{what} is not on Reddit any more, or not for everybody to see. Nothing was sent."
        raise PublishRefused(message)
    if reply.purpose is Purpose.ANSWER:
        reason = _why_not(thing, reply.login)
        if reason:
            raise PublishRefused(reason)


def _changed(client: RedditClient, reply: Reply) -> Thing | None:
    """Look at our comment: corrected when it has the new words, withdrawn when Reddit shows it as deleted."""
    name = _subject(reply)
    thing = _of(client.info([name]), name)
    if thing is None:
        message = "Reddit does not say what became of our comment."
        raise RetryLater(message, after=SHOWN_S)
    there = presence(thing)
    if reply.purpose is Purpose.WITHDRAW:
        return None if there is Presence.THERE else thing
    # Reddit does not mark an edit of the first minutes as one: the mark counts only where our text was purged.
    made = _same(reply.text, str(thing.get("body") or "")) if reply.text else bool(thing.get("edited"))
    return thing if there is Presence.THERE and made else None


def _of(listing: Listing, name: str) -> Thing | None:
    return next((one for one in listing.things if one["name"] == name), None)


def _same(ours: str, theirs: str) -> bool:
    """Tell whether a comment has our words, whatever Reddit did to blanks and escapes. A purged text matches any."""
    return not ours or _plain(ours) == _plain(theirs)


def _plain(text: str) -> str:
    return _BLANK.sub(" ", _ESCAPED.sub(r"\1", html.unescape(unicodedata.normalize("NFC", text)))).strip()


def _receipt(reply: Reply, made: Thing, usage: Usage) -> Receipt:
    link = str(made.get("permalink") or "")
    site = str(reply.login.options.get("site") or SITE)
    known = reply.replaces.url if reply.replaces else ""
    return Receipt(str(made["name"]), site + link if link else known, usage=usage)


def _places(login: Login) -> set[str]:
    given = str(login.options.get("no_reply_in") or "").lower().replace("\n", ",").split(",")
    return {one.strip().removeprefix("/").removeprefix("r/").strip("/") for one in given} - {""}
