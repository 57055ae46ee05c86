"""Replies on X. X keeps no key of ours and takes no edits: what was sent is found again among our own posts."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from monitor.clients.faults import RETRY_S, Denied, Reason
from monitor.clients.x import Found, Item, X, together
from monitor.clients.x_shapes import answered, facts_of, id_at, versions_of, words_of
from monitor.domain.errors import RetryLater
from monitor.domain.records import Login, Usage
from responders.ports import (
    CanReply,
    PublishDeferred,
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    Target,
)
from responders.publishers.sending import asking, nothing_sent, sending

SITE: Final = "https://x.com"
_EARLY: Final = timedelta(minutes=5)  # X's clock and ours may differ by this much
_PAGES: Final = 32  # X keeps our newest 3,200 posts
_LINK: Final = re.compile(r"(?:https?://|\b)(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_NAMES: Final = re.compile(r"^(?:@\w+\s+)+")
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_LAST_SLASH: Final = re.compile(r"/(?=\s|$)")

_APPROVAL: Final = (
    "X wants to approve replies that a machine drafts before the first one goes out. Once X has granted it to your app, "
    "switch it on in the settings of this account."
)
_CLOSED: Final = {
    "following": "The author lets only people they follow reply.",
    "subscribers": "The author lets only their subscribers reply.",
    "verified": "The author lets only verified accounts reply.",
}


class XPublisher:
    """Answers on X as a person approved it. A correction is a reply of ours beneath our own; a withdrawal deletes."""

    def publish(self, reply: Reply) -> Receipt:
        """Look at the post that is answered, then send one request."""
        with sending(), X(reply.login) as x:
            if reply.purpose is Purpose.WITHDRAW:
                return _withdraw(x, reply)
            parent, looked, billed = self._before(x, reply)
            try:
                made, used = x.create(reply.text, parent)
            except Denied as denied:
                if denied.reason is not Reason.DUPLICATE:
                    raise
                message = "X has the same words from us already: this reply may have been sent before."
                raise PublishUncertain(message) from denied
        return _receipt(made, reply.login, together(looked, used, Usage(billed={billed: 1})))

    def _before(self, x: X, reply: Reply) -> tuple[str, Usage, str]:
        """Return the id to answer, what looking at it used up, and what X will bill. Raises `PublishRefused`."""
        ours = _ours(reply)
        with nothing_sent():
            item, found = _newest(x, ours or reply.to_external_id)
        kind = "post_with_url" if _LINK.search(reply.text) else "post"
        if not ours:
            facts = facts_of(item, found.users.get(str(item.get("author_id"))))
            target = Target("x", reply.to_external_id, reply.to_handle, words_of(item), extra=facts)
            verdict = self.can_reply(target, reply.login)
            if not verdict.allowed:
                message = f"{verdict.reason} Nothing was sent."
                raise PublishRefused(message)
            kind = "summoned_reply" if kind == "post" and _summoned(target, reply.login) else kind
        return str(item["id"]), found.usage, kind

    def find(self, reply: Reply) -> Receipt | None:
        """Look among our own posts for what `publish` would have left; after a withdrawal, whether ours is gone."""
        with asking(), X(reply.login) as x:
            if reply.purpose is Purpose.WITHDRAW:
                return _withdrawn(x, reply)
            parent = _ours(reply) or reply.to_external_id
            history = x.posts([parent], ours=True)
            parents = {parent, *(one for item in history.posts for one in versions_of(item))}  # an edit gives a new id
            used = history.usage
            for page in _written_since(x, reply):
                used = together(used, page.usage)
                for item in page.posts:
                    same = not reply.text or _bare(words_of(item)) == _bare(reply.text)
                    if same and answered(item) in parents:
                        return _receipt(str(item["id"]), reply.login, used)
        return None

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Say what X's rules and the author's settings allow, from what came with the post."""
        reason = _reason(target, login)
        return CanReply(allowed=not reason, reason=reason)


def build(data: Path, faults: str = "") -> XPublisher:
    """Return the publisher."""
    del data, faults
    return XPublisher()


# --- may we? ------------------------------------------------------------------------------------------------------


def _reason(target: Target, login: Login) -> str:
    """Return why a post may not be answered, "" where it may."""
    if login.options.get("approval_held") is not True:
        return _APPROVAL
    if target.extra.get("author_protected"):
        return "The author's posts are protected, and our reply would be seen by more people than what they wrote."
    setting = str(target.extra.get("reply_settings") or "everyone")
    named = _named(target, login)
    if setting != "everyone" and not (setting in {"mentionedUsers", "mentioned_users"} and named):
        return _CLOSED.get(setting, "The author lets only people they mention reply.")
    if login.options.get("tier") != "enterprise" and not _summoned(target, login):
        return (
            f"X lets @{login.handle} reply only to posts that mention or quote it, unless the app is on the Enterprise "
            "plan. This one does neither: answer it by hand on X."
        )
    return ""


def _named(target: Target, login: Login) -> bool:
    handle = login.handle.casefold()
    in_text = re.search(rf"(?<!\w)@{re.escape(handle)}(?!\w)", target.text.casefold())
    return bool(handle) and (handle in _handles(target, "mentions") or in_text is not None)


def _summoned(target: Target, login: Login) -> bool:
    return _named(target, login) or login.handle.casefold() in _handles(target, "quotes")


def _handles(target: Target, name: str) -> set[str]:
    given = target.extra.get(name)
    return {str(one).casefold() for one in given} if isinstance(given, list | tuple) else set()


# --- sending ------------------------------------------------------------------------------------------------------


def _ours(reply: Reply) -> str:
    """Return the id of our own reply that is corrected or withdrawn, "" for an answer."""
    if reply.purpose is Purpose.ANSWER:
        return ""
    if reply.replaces is None:
        message = f"There is no reply of ours to {reply.purpose}. Nothing was sent."
        raise PublishRefused(message)
    return reply.replaces.external_id


def _newest(x: X, post_id: str) -> tuple[Item, Found]:
    """Return a post as it is now. The id of an earlier version still shows the earlier words."""
    found = x.posts([post_id], ours=True)
    item = _there(found, post_id)
    newest = versions_of(item)[-1]
    if newest == str(item["id"]):
        return item, found
    again = x.posts([newest], ours=True)
    return _there(again, newest), replace(again, usage=together(found.usage, again.usage))


def _there(found: Found, post_id: str) -> Item:
    """Return a post that can still be answered. Raises `PublishRefused` when it is gone or hidden."""
    item = next((one for one in found.posts if post_id in versions_of(one)), None)
    if item is not None:
        return item
    if _gone(found) or any(str(one.get("type")).endswith("not-authorized-for-resource") for one in found.errors):
        message = "The post is not there any more, or not for everybody. Nothing was sent."
        raise PublishRefused(message)
    message = "X did not say whether the post is still there. Nothing was sent."
    raise PublishDeferred(message, after=RETRY_S)


def _gone(found: Found) -> bool:
    return any(str(one.get("type")).endswith("resource-not-found") for one in found.errors)


def _withdraw(x: X, reply: Reply) -> Receipt:
    post_id = _ours(reply)
    with nothing_sent():
        found = x.posts([post_id], ours=True)
    _there(found, post_id)
    return _receipt(post_id, reply.login, together(found.usage, x.delete(post_id)))


def _receipt(post_id: str, login: Login, usage: Usage) -> Receipt:
    site = login.options.get("site") or SITE
    return Receipt(post_id, f"{site}/{login.handle}/status/{post_id}", usage=usage)


# --- finding ------------------------------------------------------------------------------------------------------


def _withdrawn(x: X, reply: Reply) -> Receipt | None:
    post_id = _ours(reply)
    found = x.posts([post_id], ours=True)
    if found.posts:
        return None
    if not _gone(found):
        message = "X does not say whether our reply is still there."
        raise RetryLater(message, after=RETRY_S)
    return _receipt(post_id, reply.login, found.usage)


def _written_since(x: X, reply: Reply) -> Iterator[Found]:
    """Yield the pages of our own posts since just before the reply. Raises `RetryLater` if not all can be seen."""
    since, token = id_at(reply.at - _EARLY), ""
    for _ in range(_PAGES):
        page = x.written_by(reply.login.external_id, since, token)
        yield page
        if not page.next:
            return
        if page.next == token:
            break
        token = page.next
    message = "X does not show all of our newest posts, so it cannot be said whether the reply is there."
    raise RetryLater(message, after=RETRY_S)


def _bare(text: str) -> str:
    """Return what of a text is the same before X has it and after: X adds names in front, and schemes to links."""
    plain = _SCHEME.sub("", unicodedata.normalize("NFC", text))
    return " ".join(_LAST_SLASH.sub("", _NAMES.sub("", plain.strip())).split())
