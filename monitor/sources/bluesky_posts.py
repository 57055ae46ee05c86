"""From Bluesky's views to posts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from monitor.clients.bluesky import Json, entries, entry, values, when
from monitor.domain.records import Author, Engagement, Post

SIGNED_IN_ONLY: Final = "!no-unauthenticated"  # the label of people who show themselves to signed-in readers only
NO_WORDS: Final = "[no text]"
_BROKEN: Final = frozenset({"", "handle.invalid"})


def did_in(uri: str) -> str:
    """Return whose record an address names."""
    return uri.removeprefix("at://").split("/")[0]


def web_url(uri: str, handle: str) -> str:
    """Return the public address of a post."""
    return f"https://bsky.app/profile/{handle or did_in(uri)}/post/{uri.rsplit('/', 1)[-1]}"


def sort_time(view: Json) -> datetime | None:
    """Return the time Bluesky sorts a post by: what its author says, but never later than it arrived."""
    said = [when(entry(view, "record").get("createdAt")), when(view.get("indexedAt"))]
    return min((one for one in said if one is not None), default=None)


def for_signed_in_only(view: Json) -> bool:
    """Tell whether the author asks not to be shown to readers who are not signed in."""
    return SIGNED_IN_ONLY in values(entries(entry(view, "author"), "labels"))


def event_view(event: Json, profile: Json) -> Json:
    """Return an event of the stream in the shape of a view; there are no figures in it."""
    commit, did = event["commit"], str(event.get("did") or "")
    arrived = datetime.fromtimestamp(event["time_us"] / 1_000_000, UTC).isoformat()
    author = profile or {"did": did}
    return {"uri": event_uri(event), "cid": commit.get("cid"), "author": author, "record": commit.get("record")} | {
        "indexedAt": arrived
    }


def event_uri(event: Json) -> str:
    """Return the address of the record that an event is about."""
    commit = event["commit"]
    return f"at://{event.get('did')}/{commit.get('collection')}/{commit.get('rkey')}"


def words_of(record: Json) -> str:
    """Return what a post says: its text, else the descriptions of its pictures."""
    text = str(record.get("text") or "").strip()
    embed = entry(record, "embed")
    pictures = [*entries(embed, "images"), *entries(entry(embed, "media"), "images"), embed]
    return text or "\n".join(str(one["alt"]) for one in pictures if one.get("alt")) or NO_WORDS


def post_of(view: Json, profiles: Mapping[str, Json]) -> Post | None:
    """Read a view; None for one that names no post. `profiles` by DID bring what a view does not say."""
    uri, record = str(view.get("uri") or ""), entry(view, "record")
    if not uri.startswith("at://") or not record:
        return None
    did = str(entry(view, "author").get("did") or did_in(uri))
    author = {**profiles.get(did, {}), **entry(view, "author")}
    handle = str(author.get("handle") or "")
    handle = "" if handle in _BROKEN else handle
    said = record.get("langs")
    langs = [str(one) for one in said if one] if isinstance(said, list) else []
    reply = entry(record, "reply")
    root = str(entry(reply, "root").get("uri") or uri)
    return Post(
        platform="bluesky",
        external_id=uri,
        text=words_of(record),
        author=Author(did, handle or did, str(author.get("displayName") or ""), _count(author, "followersCount")),
        written_at=sort_time(view),
        url=web_url(uri, handle),
        thread=root,
        reply_to=str(entry(reply, "parent").get("uri") or ""),
        lang=langs[0] if langs else "",
        engagement=Engagement(_count(view, "likeCount"), _count(view, "repostCount"), _count(view, "replyCount")),
        extra=_extra(view, author, root, langs),
    )


def _extra(view: Json, author: Json, root: str, langs: list[str]) -> dict[str, object]:
    """Keep what the platform said beyond our fields. What it did not say is not there."""
    viewer, to_us = entry(view, "viewer"), entry(author, "viewer")
    rules = entry(view, "threadgate").get("record")
    found: dict[str, object] = {
        "cid": view.get("cid"),
        "root": root,
        "langs": langs,
        "mentions": mentioned(entry(view, "record")),
        "labels": values(entries(view, "labels")),
        "author_labels": values(entries(author, "labels")),
        "quotes": _count(view, "quoteCount"),
        "reply_disabled": bool(viewer.get("replyDisabled")) if "viewer" in view else None,
        "reply_rules": _rules(rules) if isinstance(rules, dict) and isinstance(rules.get("allow"), list) else None,
        "blocked": bool(to_us.get("blockedBy") or to_us.get("blocking")) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _rules(gate: Json) -> list[str]:
    """Return who may answer in a thread, e.g. ["mention", "following"]; [] is nobody."""
    return [str(one.get("$type") or "").rsplit("#", 1)[-1].removesuffix("Rule") for one in entries(gate, "allow")]


def mentioned(record: Json) -> list[str]:
    """Return the DIDs that a record mentions."""
    features = [feature for facet in entries(record, "facets") for feature in entries(facet, "features")]
    return list(dict.fromkeys(str(one["did"]) for one in features if one.get("did")))


def _count(view: Mapping[str, Any], name: str) -> int | None:
    found = view.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
