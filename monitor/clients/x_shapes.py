"""How X writes down a post: its words, links, ids and times, under the names of 2023 and those of 2026 alike."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

Item = Mapping[str, Any]

_EPOCH_MS: Final = 1288834974657
# What X calls some languages, and what it answers where it cannot tell or there are no words.
_LANGS: Final = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGS: Final = frozenset({"und", "zxx", "qam", "qct", "qht", "qme", "qst", "art"})


def id_at(when: datetime) -> str:
    """Return the smallest id of a moment: X counts milliseconds in the upper bits."""
    return str(max(int(when.timestamp() * 1000) - _EPOCH_MS, 1) << 22)


def time_of(post_id: str) -> datetime | None:
    """Return when a post of this id was made; None for ids that do not tell."""
    if not post_id.isdecimal() or not 1 << 22 <= int(post_id) < 1 << 63:
        return None
    return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)


def either(item: Item, *names: str) -> Any:
    """Return the first of these fields that is there; None: none is."""
    return next((item[name] for name in names if item.get(name) is not None), None)


def dict_of(given: object) -> Item:
    """Return an object, {} where something else came."""
    return given if isinstance(given, dict) else {}


def list_of(given: object) -> list[Item]:
    """Return the objects of a list, [] where something else came."""
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def words_of(post: Item) -> str:
    """Return a post's text as a person reads it: whole, unescaped, with its links as they were written."""
    long = dict_of(either(post, "note_tweet", "note_post"))
    text = str(long.get("text") or post.get("text") or "")
    for url in [*_urls(post), *list_of(dict_of(long.get("entities")).get("urls"))]:
        if url.get("url") and url.get("expanded_url"):
            text = text.replace(str(url["url"]), str(url["expanded_url"]))
    return html.unescape(text)


def versions_of(post: Item) -> list[str]:
    """Return the ids of all versions of a post, oldest first. An edit makes a new id."""
    ids = either(post, "edit_history_tweet_ids", "edit_history_post_ids")
    return [str(one) for one in ids] if isinstance(ids, list) and ids else [str(post["id"])]


def referenced(post: Item, *kinds: str) -> str:
    """Return the id of the post that this one answers, quotes or reposts; "" for none."""
    references = list_of(either(post, "referenced_tweets", "referenced_posts"))
    return next((str(one["id"]) for one in references if one.get("type") in kinds and one.get("id")), "")


def answered(post: Item) -> str:
    """Return the id of the post that this one answers, "" for none."""
    return referenced(post, "replied_to")


def reposted(post: Item) -> str:
    """Return the id of the post that this one only passes on, "" for none."""
    return referenced(post, "retweeted", "reposted")


def lang_of(post: Item) -> str:
    """Return X's guess as ISO 639, "" where it has none."""
    lang = str(post.get("lang") or "")
    return "" if lang in _NO_LANGS else _LANGS.get(lang, lang)


def lang_to(lang: str) -> str:
    """Return how X writes a language in a search."""
    return next((theirs for theirs, ours in _LANGS.items() if ours == lang), lang)


def facts_of(post: Item, author: Item | None) -> dict[str, object]:
    """Return what is kept beside a post's text: who may answer it, and what the team wants to see.

    `mentions` and `quotes` are handles in lower case: X lets a brand answer those who named or quoted it.
    """
    who = author or {}
    people = list_of(dict_of(post.get("entities")).get("mentions"))
    quoted = referenced(post, "quoted")
    links = [str(url.get("expanded_url") or "").split("/") for url in _urls(post)]
    handles = {parts[3].casefold() for parts in links if quoted and parts[4:6] == ["status", quoted]}
    kept = {
        "reply_settings": post.get("reply_settings"),
        "mentions": sorted({str(one["username"]).casefold() for one in people if one.get("username")}),
        "quotes": sorted(handles),
        "quoted_id": quoted,
        "conversation_id": post.get("conversation_id"),
        "author_verified": who.get("verified_type") or who.get("verified"),
        "author_protected": who.get("protected"),
        "versions": versions_of(post) if len(versions_of(post)) > 1 else None,
    }
    return {name: value for name, value in kept.items() if value}


def _urls(post: Item) -> list[Item]:
    return list_of(dict_of(post.get("entities")).get("urls"))
