"""Replies on Mastodon: posted once, edited in place, deleted; never seen by more people than the post they answer."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from monitor.clients.faults import RETRY_S, Denied, Reason
from monitor.clients.mastodon import Found, MastodonClient
from monitor.domain.errors import RetryLater
from monitor.domain.records import Login
from monitor.sources.mastodon_posts import is_us, text_of, time_of
from responders.bar.length import length
from responders.ports import (
    CanReply,
    PublishRefused,
    Purpose,
    Receipt,
    Reply,
    Target,
)
from responders.publishers.sending import asking, nothing_sent, sending

PAGES: Final = 50  # of our own posts that are looked through for a reply
_CLOCKS_DIFFER: Final = timedelta(minutes=15)
_OPEN: Final = ("direct", "private", "unlisted", "public")  # from the fewest readers to the most
_SERVER_OF_HANDLE: Final = re.compile(r"(@[\w.-]+)@[\w-]+(?:\.[\w-]+)*(?::\d+)?")


def build(data: Path, faults: str = "") -> "MastodonPublisher":
    """Return the publisher; it keeps nothing."""
    del data, faults
    return MastodonPublisher()


class MastodonPublisher:
    """A `Publisher` over the server of the login."""

    def publish(self, reply: Reply) -> Receipt:
        """Send one request that changes something, never a second one.

        The server keeps our key for an hour, but only from the moment it is done: a quick repetition would be doubled.
        """
        client = _client(reply.login)
        if reply.purpose is Purpose.WITHDRAW:
            with sending():
                client.delete(_ours(reply).external_id)
            return Receipt(_ours(reply).external_id, _ours(reply).url, usage=client.usage)
        if reply.purpose is Purpose.CORRECT:
            with sending():
                done = client.edit(_ours(reply).external_id, addressed(reply), language=reply.lang)
            return _receipt(done, client)
        with _before():
            target = client.status(reply.to_external_id)
        _check(reply, target)
        with sending():
            done = client.post(
                addressed(reply),
                reply_to=reply.to_external_id,
                visibility=visibility(target.get("visibility"), reply.login),
                language=reply.lang,
                key=reply.key,
            )
        return _receipt(done, client)

    def find(self, reply: Reply) -> Receipt | None:
        """Look among our own posts, back to the time when the reply was claimed."""
        client = _client(reply.login)
        with asking():
            if reply.purpose is Purpose.ANSWER:
                return _posted(client, reply)
            there = _still_there(client, _ours(reply).external_id)
        if reply.purpose is Purpose.WITHDRAW:
            return None if there else Receipt(_ours(reply).external_id, _ours(reply).url, usage=client.usage)
        if there is None or not there.get("edited_at") or not _same(there, reply):
            return None
        return _receipt(there, client)

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Allow a reply unless the post is private, its author wants no bots, or it was read elsewhere."""
        extra, scopes = target.extra, str(login.options.get("scopes") or "").split()
        if not login.secret.get("token"):
            return CanReply(allowed=False, reason="No Mastodon account is connected that could reply.")
        if scopes and not {"write", "write:statuses"} & set(scopes):
            return CanReply(allowed=False, reason="The account was connected for reading only: connect it again.")
        if extra.get("host") not in {None, login.host.rstrip("/")}:
            why = f"The post was read at {extra['host']}, and the account is at {login.host}: answer it by hand."
            return CanReply(allowed=False, reason=why)
        if extra.get("visibility") == "direct":
            return CanReply(allowed=False, reason="This is a private message: answer it on Mastodon itself.")
        mentions = extra.get("mentions")
        asked = any(is_us(str(one), login) for one in mentions) if isinstance(mentions, list | tuple) else False
        if extra.get("no_bots") and not asked:
            return CanReply(allowed=False, reason="The author's profile asks for no bots, and the post is not to us.")
        return CanReply(allowed=True)


def visibility(of_post: object, login: Login) -> str:
    """Return who may see a reply: never more people than see the post, and not the public timelines unless asked."""
    wanted = "public" if login.options.get("visibility") == "public" else "unlisted"
    post = str(of_post) if of_post in _OPEN else "private"
    return min(wanted, post, key=_OPEN.index)


def addressed(reply: Reply) -> str:
    """Return the text as it is posted: Mastodon tells people of a reply only when it names them.

    Drafts do. Where a person took the name out, it is put back in front, for it is the address and not the message.
    A name without its server would be somebody else's, here.
    """
    acct, domain = reply.to_handle.lstrip("@"), str(reply.login.options.get("domain") or "")
    names = {acct} if "@" in acct or not domain else {acct, f"{acct}@{domain}"}
    either = "|".join(re.escape(one) for one in names)
    named = re.search(rf"(?<![\w@/])@(?:{either})(?![\w@]|[.-]\w)", reply.text, re.IGNORECASE)
    return reply.text if named or not acct or not reply.text else f"@{acct} {reply.text}"


def _client(login: Login) -> MastodonClient:
    return MastodonClient(login.host, login.secret.get("token", ""))


def _ours(reply: Reply) -> Receipt:
    if reply.replaces is None:
        message = "There is no reply of ours that could be changed. Nothing was sent."
        raise PublishRefused(message)
    return reply.replaces


def _receipt(done: Found, client: MastodonClient) -> Receipt:
    return Receipt(str(done["id"]), str(done.get("url") or done.get("uri") or ""), usage=client.usage)


@contextmanager
def _before() -> Iterator[None]:
    """Turn faults of the look at the post that is to be answered: whatever happens, nothing has been sent."""
    with sending(), nothing_sent():
        try:
            yield
        except Denied as fault:
            if fault.reason is Reason.LOGIN:
                raise
            gone = "The post is not there any more, or not for us." if fault.reason is Reason.GONE else str(fault)
            message = f"{gone} Nothing was sent."
            raise PublishRefused(message) from fault


def _check(reply: Reply, target: Found) -> None:
    """Raise `PublishRefused` for a reply that would go to somebody else, or that is too long."""
    account = target.get("account")
    acct = str(account.get("acct") or "") if isinstance(account, dict) else ""
    if acct.casefold() != reply.to_handle.lstrip("@").casefold():
        message = f"The post with this number belongs to @{acct} there, not to @{reply.to_handle.lstrip('@')}. Nothing was sent."
        raise PublishRefused(message)
    if target.get("visibility") == "direct":
        message = "This is a private message: answer it on Mastodon itself. Nothing was sent."
        raise PublishRefused(message)
    most = reply.login.options.get("max_characters")
    size = length(addressed(reply), "mastodon")
    if isinstance(most, int) and size > most:
        message = f"The reply has {size} characters, and this server takes {most}: shorten it. Nothing was sent."
        raise PublishRefused(message)


def _posted(client: MastodonClient, reply: Reply) -> Receipt | None:
    oldest, place = reply.at - _CLOCKS_DIFFER, ""
    me = str(reply.login.options.get("account_id") or client.me().get("id"))
    for _ in range(PAGES):
        # An empty page ends the search, so it is asked for twice.
        told = client.posted_by(me, max_id=place) or client.posted_by(me, max_id=place)
        page = [one for one in told if one.get("id")]
        for one in page:
            when = time_of(one)
            if when is not None and when < oldest:
                return None
            if _answers(one, reply) and _same(one, reply):
                return _receipt(one, client)
        if not page:
            return None
        place = str(page[-1]["id"])
    message = "The account posted so much since that this reply cannot be looked for: look on Mastodon yourself."
    raise RetryLater(message, after=RETRY_S)


def _answers(one: Found, reply: Reply) -> bool:
    """When the post it answers is deleted, a server forgets what a reply belongs to: then the words must do."""
    answered = one.get("in_reply_to_id")
    return bool(reply.text) if answered is None else str(answered) == reply.to_external_id


def _still_there(client: MastodonClient, status_id: str) -> Found | None:
    try:
        return client.status(status_id)
    except Denied as fault:
        if fault.reason is Reason.GONE:
            return None
        raise


def _same(status: Found, reply: Reply) -> bool:
    """Compare words as people see them: a server shows handles without their server, and breaks lines its own way."""
    return not reply.text or _bare(text_of(status)) in {_bare(reply.text), _bare(addressed(reply))}


def _bare(text: str) -> str:
    return "".join(_SERVER_OF_HANDLE.sub(r"\1", unicodedata.normalize("NFC", text)).split())
