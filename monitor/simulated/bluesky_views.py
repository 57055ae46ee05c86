"""What the simulated Bluesky shows: identifiers, records, views, and an index of words and notifications.

Shapes as in the lexicons `app.bsky.feed.defs`, `app.bsky.actor.defs`, `app.bsky.feed.post` and
`app.bsky.richtext.facet`.
"""

import base64
import hashlib
import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from monitor.simulated.world import SimPost, SimUser, World

Json = dict[str, Any]
POST: Final = "app.bsky.feed.post"
_SORTED: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TOKEN: Final = re.compile(r"\w+")
_MENTION: Final = re.compile(r"(?:(?<=\s)|(?<=\()|^)@([\w.-]+\.\w+)")
_QUOTED: Final = re.compile(r'"([^"]+)"')


def full_handle(handle: str) -> str:
    """Return a handle as this network writes them: a domain name."""
    bare = handle.lstrip("@").lower()
    return bare if "." in bare else f"{bare.replace('_', '-')}.bsky.social"


def did_of(user: SimUser) -> str:
    """Return somebody's permanent identifier."""
    digest = hashlib.sha256(f"{user.id}:{user.handle}".encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def uri_of(post: SimPost) -> str:
    """Return the address of a post's record."""
    return f"at://{did_of(post.author)}/{POST}/{post.id}"


def cid_of(record: object) -> str:
    """Return the hash that names a version of a record, in the form of a CID."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
    return "b" + base64.b32encode(b"\x01\x71\x12\x20" + digest).decode().lower().rstrip("=")


def iso(at: float) -> str:
    """Write a time as the network does."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sort_at(post: SimPost) -> float:
    """Return the time a post is sorted by: its author's word, unless that lies in the future."""
    return min(float(str(post.extra.get("created", post.at))), post.at)


def rkey_at(number: int, at: float) -> str:
    """Return a record key (TID) that is new for every number of arrival."""
    value = (int(at * 1_000_000) + number) << 10 | 7
    return "".join(_SORTED[value >> shift & 31] for shift in range(60, -1, -5))


class Shown:
    """The views of a world, and who may see what."""

    def __init__(self, world: World) -> None:
        """The index grows with the world, a few posts at a time, so that no call scans all of it."""
        self.world = world
        self.blocks: set[tuple[str, str]] = set()  # handles: (who blocks, whom)
        self._indexed = 0
        self._words: defaultdict[str, list[SimPost]] = defaultdict(list)
        self._told: defaultdict[str, list[tuple[SimPost, str]]] = defaultdict(list)
        self._dids: dict[str, SimUser] = {}
        self._users_known = 0

    def by_did(self, actor: str) -> SimUser | None:
        """Return the account behind a DID or a handle."""
        with self.world.lock:
            if len(self.world.users) != self._users_known:
                self._dids = {did_of(one): one for one in self.world.users.values()}
                self._users_known = len(self.world.users)
            return self._dids.get(actor) or self.world.users.get(actor.lower())

    def by_uri(self, uri: str) -> SimPost | None:
        """Return the post of an address, deleted or not."""
        parts = uri.removeprefix("at://").split("/")
        user = self.by_did(parts[0]) if len(parts) == 3 else None
        post = self.world.posts.get(parts[2]) if user else None
        return post if post is not None and post.author is user else None

    # --- records

    def record(self, post: SimPost) -> Json:
        """Return the record of a post: as it was written, or made of the world's facts."""
        kept = post.extra.get("record")
        if isinstance(kept, dict):
            return kept
        created = float(str(post.extra.get("created", post.at)))
        made: Json = {"$type": POST, "text": post.text, "createdAt": iso(created)}
        if post.extra.get("langs", ["en"]):
            made["langs"] = post.extra.get("langs", ["en"])
        facets = self.facets(post.text)
        if facets:
            made["facets"] = facets
        if post.reply_to is not None:
            made["reply"] = {"root": self.ref(post.root), "parent": self.ref(post.reply_to)}
        return made

    def ref(self, post: SimPost) -> Json:
        """Return a strong reference: address and version."""
        return {"uri": uri_of(post), "cid": self.cid(post)}

    def cid(self, post: SimPost) -> str:
        """Return the version of a post."""
        return cid_of(self.record(post))

    def facets(self, text: str) -> list[Json]:
        """Find the accounts a text mentions; places are counted in bytes."""
        found: list[Json] = []
        for hit in _MENTION.finditer(text) if "@" in text else ():
            user = self.world.users.get(hit[1].lower())
            if user is not None:
                start, end = (len(text[:place].encode()) for place in hit.span())
                features = [{"$type": "app.bsky.richtext.facet#mention", "did": did_of(user)}]
                found.append({"index": {"byteStart": start, "byteEnd": end}, "features": features})
        return found

    def mentioned(self, post: SimPost) -> set[str]:
        """Return the DIDs that a post mentions."""
        facets = self.record(post).get("facets") or [] if "record" in post.extra else self.facets(post.text)
        return {str(one.get("did")) for facet in facets for one in facet["features"] if one.get("did")}

    # --- who sees what

    def blocked(self, one: SimUser | None, other: SimUser) -> bool:
        """Tell whether one of two accounts blocks the other."""
        pair = (one.handle, other.handle) if one else ("", "")
        return pair in self.blocks or pair[::-1] in self.blocks

    def visible(self, post: SimPost, viewer: SimUser | None) -> bool:
        """Tell whether a view of a post is given out."""
        return post.there and not post.author.extra.get("status") and not self.blocked(viewer, post.author)

    def reply_disabled(self, post: SimPost, viewer: SimUser) -> bool:
        """Tell whether the rules of a thread keep somebody from answering."""
        gate, root = post.root.extra.get("gate"), post.root
        if gate is None or viewer is root.author:
            return False
        return not (isinstance(gate, list) and "mention" in gate and did_of(viewer) in self.mentioned(root))

    # --- views

    def profile(self, user: SimUser, viewer: SimUser | None, *, detailed: bool = False) -> Json:
        """Return a profile, with figures where it is a detailed one."""
        did = did_of(user)
        labels = [{"src": did, "uri": did, "val": one, "cts": iso(user.at)} for one in _listed(user, "labels")]
        made: Json = {"did": did, "handle": user.handle, "displayName": user.name, "labels": labels}
        if viewer is not None:
            made["viewer"] = {"muted": False, "blockedBy": (user.handle, viewer.handle) in self.blocks}
        if detailed:
            figures = {
                "followersCount": user.followers,
                "followsCount": 0,
                "postsCount": len(self.world.by(user.handle)),
            }
            made |= {**figures, "createdAt": iso(user.at), "indexedAt": iso(user.at)}
        return made

    def view(self, post: SimPost, viewer: SimUser | None) -> Json:
        """Return a post as apps get it."""
        made: Json = {
            "uri": uri_of(post),
            "cid": self.cid(post),
            "author": self.profile(post.author, viewer),
            "record": self.record(post),
            "replyCount": len(self.world.replies_to(post.id)),
            "repostCount": post.reposts,
            "likeCount": post.likes,
            "quoteCount": 0,
            "bookmarkCount": 0,
            "indexedAt": iso(post.at),
            "labels": [],
        }
        if viewer is not None:
            made["viewer"] = {"bookmarked": False, "threadMuted": False, "embeddingDisabled": False}
            if self.reply_disabled(post, viewer):
                made["viewer"]["replyDisabled"] = True
        gate = post.extra.get("gate")
        if isinstance(gate, list):
            rules = [{"$type": f"app.bsky.feed.threadgate#{one}Rule"} for one in gate]
            uri = uri_of(post).replace(POST, "app.bsky.feed.threadgate")
            record = {"$type": "app.bsky.feed.threadgate", "post": uri_of(post), "allow": rules}
            made["threadgate"] = {"uri": uri, "cid": cid_of(record), "record": record, "lists": []}
        return made

    # --- the index

    def _index(self) -> None:
        with self.world.lock:
            fresh = self.world.order[self._indexed :]
            self._indexed = len(self.world.order)
            for post in fresh:
                for token in set(_TOKEN.findall(post.text.casefold())):
                    self._words[token].append(post)
                whom = dict.fromkeys(self.mentioned(post), "mention")
                if post.reply_to is not None:
                    whom[did_of(post.reply_to.author)] = "reply"
                for did, reason in whom.items():
                    if did != did_of(post.author):
                        self._told[did].append((post, reason))

    def search(self, query: str, since: float, until: float) -> Iterator[SimPost]:
        """Yield the posts that hold all words of a query, newest first, in [since, until)."""
        self._index()
        tokens = _TOKEN.findall(query.casefold())
        phrases = [one.casefold() for one in _QUOTED.findall(query)]
        with self.world.lock:
            shortest = min((self._words.get(one, []) for one in tokens), key=len, default=[])
            end = bisect_left(shortest, until, key=lambda post: post.at) if until < float("inf") else len(shortest)
        for place in range(end - 1, -1, -1):
            post = shortest[place]
            if post.at < since:
                return
            text = post.text.casefold()
            held = set(_TOKEN.findall(text))
            if since <= sort_at(post) and held.issuperset(tokens) and all(one in text for one in phrases):
                yield post

    def told(self, user: SimUser) -> list[tuple[SimPost, str]]:
        """Return what somebody was notified of, oldest first, each with its reason."""
        self._index()
        return self._told[did_of(user)]


def _listed(user: SimUser, name: str) -> list[str]:
    found = user.extra.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []
