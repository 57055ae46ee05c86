"""Bluesky: replies are records of ours, under a key of our own, so that the same one sent twice stands there once."""

from pathlib import Path
from typing import Final

import regex

from monitor.clients.bluesky import POST, Bluesky, Json, entry, own_key, stamp
from monitor.domain.records import Login
from monitor.sources.bluesky_posts import did_in, post_of, web_url
from responders.bar.length import length, limit_for
from responders.ports import CanReply, PublishRefused, Purpose, Receipt, Reply, Target
from responders.publishers.sending import asking, nothing_sent, sending

MOST_BYTES: Final = 3000
_CHAIN: Final = 10  # corrections of corrections that one withdrawal takes back
_LINK: Final = regex.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'…»]")
_MENTION: Final = regex.compile(r"(?<![\w@./])@((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)", regex.IGNORECASE)
_NO_SESSION: Final = "No account of this brand is signed in to Bluesky: connect it."
_CLOSED: Final = "The author of this thread does not let us answer in it."
_GONE: Final = "The post is not there any more, or its author has blocked us."
_OURS_GONE: Final = "Our reply is not there any more."


def build(data: Path, faults: str) -> "BlueskyPublisher":
    """Return the publisher; it keeps nothing here."""
    del data, faults
    return BlueskyPublisher()


class BlueskyPublisher:
    """A `Publisher`. Apps do not show edits, so a correction is a second reply, visible beneath our first."""

    def publish(self, reply: Reply) -> Receipt:
        """Look at what is answered, then write once."""
        if reply.purpose is not Purpose.WITHDRAW:
            _fits(reply.text)
        with Bluesky.of(reply.login) as api:
            if not api.signed_in:
                raise PublishRefused(_NO_SESSION)
            with sending(), nothing_sent():
                ready = _chain(api, reply) if reply.purpose is Purpose.WITHDRAW else _record(api, reply)
            with sending():
                if isinstance(ready, list):
                    api.delete(reply.login.external_id, ready)
                    return _receipt(_replaced(reply), reply, api)
                made = api.put(reply.login.external_id, own_key(reply.key, reply.at), ready)
                return _receipt(str(made["uri"]), reply, api)

    def find(self, reply: Reply) -> Receipt | None:
        """Ask for the record under our key: whatever its text is, nobody else can have put it there."""
        withdrawn = reply.purpose is Purpose.WITHDRAW
        uri = _replaced(reply) if withdrawn else _own_uri(reply)
        with asking(), Bluesky.of(reply.login) as api:
            there = api.record(uri) is not None
            return _receipt(uri, reply, api) if there != withdrawn else None

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Judge by the thread's rules and blocks, as far as the source saw them.

        A post that neither mentions us nor answers us may be answered only because a person approves each reply:
        uninvited replies in bulk are against the community guidelines.
        """
        if not login.secret.get("access"):
            return CanReply(allowed=False, reason=_NO_SESSION)
        if target.extra.get("blocked"):
            return CanReply(allowed=False, reason="Its author has blocked us, or we them.")
        # Without a look through our own eyes only one rule is certain: an empty list lets nobody in.
        seen = target.extra.get("reply_disabled")
        closed = target.extra.get("reply_rules") == [] and seen is None
        return CanReply(allowed=False, reason=_CLOSED) if seen or closed else CanReply(allowed=True)


def _fits(text: str) -> None:
    """Refuse what the lexicon of a post refuses."""
    graphemes, size = length(text, "bluesky"), len(text.encode())
    if graphemes > limit_for("bluesky") or size > MOST_BYTES:
        message = (
            f"This reply is {graphemes} characters and {size} bytes long. Bluesky takes {limit_for('bluesky')} and "
            f"{MOST_BYTES}. Nothing was sent."
        )
        raise PublishRefused(message)


def _record(api: Bluesky, reply: Reply) -> Json:
    """Build the record: the same for every try of a reply, as long as what it answers stays as it is."""
    parent, handles = _ours(api, reply) if reply.purpose is Purpose.CORRECT else _theirs(api, reply)
    root = entry(entry(parent["value"], "reply"), "root")
    parent_ref = {"uri": parent["uri"], "cid": parent["cid"]}
    made: Json = {"$type": POST, "text": reply.text, "createdAt": stamp(reply.at)}
    made["reply"] = {"root": {"uri": root["uri"], "cid": root["cid"]} if root else parent_ref, "parent": parent_ref}
    if reply.lang not in {"", "und"}:
        made["langs"] = [reply.lang]
    facets = _facets(api, reply.text, handles)
    if facets:
        made["facets"] = facets
    return made


def _theirs(api: Bluesky, reply: Reply) -> tuple[Json, dict[str, str]]:
    """Fetch the post that is answered, in its newest version, and check that it still may be."""
    found = [one for one in api.posts([reply.to_external_id]) if one.get("uri") == reply.to_external_id]
    post = post_of(found[0], {}) if found else None
    if post is None or not found[0].get("cid"):
        message = f"{_GONE} Nothing was sent."
        raise PublishRefused(message)
    if post.extra.get("reply_disabled"):
        message = f"{_CLOSED} Nothing was sent."
        raise PublishRefused(message)
    view = {"uri": reply.to_external_id, "cid": found[0]["cid"], "value": entry(found[0], "record")}
    return view, {post.author.handle.lower(): post.author.external_id}


def _ours(api: Bluesky, reply: Reply) -> tuple[Json, dict[str, str]]:
    """Fetch our own reply that a correction stands beneath; our own server knows it first."""
    found = api.record(_replaced(reply))
    if found is None:
        message = f"{_OURS_GONE} Nothing was sent."
        raise PublishRefused(message)
    return found, {}


def _chain(api: Bluesky, reply: Reply) -> list[str]:
    """Return the keys of what a withdrawal takes back: our newest reply, and those that it corrected."""
    keys: list[str] = []
    uri = _replaced(reply)
    while did_in(uri) == reply.login.external_id and uri != reply.to_external_id and len(keys) < _CHAIN:
        found = api.record(uri)
        if found is None:
            break
        keys.append(uri.rsplit("/", 1)[-1])
        uri = str(entry(entry(found["value"], "reply"), "parent").get("uri") or "")
    if not keys:
        message = f"{_OURS_GONE} Nothing was changed."
        raise PublishRefused(message)
    return keys


def _facets(api: Bluesky, text: str, handles: dict[str, str]) -> list[Json]:
    """Mark links and mentions: places are counted in bytes of UTF-8. A handle that nobody has stays plain text."""
    found = [(one.span(), {"$type": f"{_FACET}#link", "uri": one[0]}) for one in _LINK.finditer(text)]
    links = [span for span, _ in found]
    for one in _MENTION.finditer(text):
        handle = one[1].lower()
        if any(start <= one.start() < end for start, end in links):
            continue
        if handle not in handles:
            handles[handle] = api.resolve(handle)
        if handles[handle]:
            found.append((one.span(), {"$type": f"{_FACET}#mention", "did": handles[handle]}))
    return [
        {"index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}, "features": [feature]}
        for (start, end), feature in sorted(found, key=lambda one: one[0])
    ]


_FACET: Final = "app.bsky.richtext.facet"


def _own_uri(reply: Reply) -> str:
    return f"at://{reply.login.external_id}/{POST}/{own_key(reply.key, reply.at)}"


def _replaced(reply: Reply) -> str:
    if reply.replaces is None:
        message = f"{_OURS_GONE} Nothing was changed."
        raise PublishRefused(message)
    return reply.replaces.external_id


def _receipt(uri: str, reply: Reply, api: Bluesky) -> Receipt:
    return Receipt(uri, web_url(uri, reply.login.handle), usage=api.usage)
