"""How the simulated X writes things down: posts, people, pages' tokens and refusals."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.simulated.server import Answer, Ask, Fault
from monitor.simulated.world import SimPost, SimUser
from monitor.simulated.x_signin import Refusal

EPOCH_MS: Final = 1288834974657
PROBLEMS: Final = "https://api.x.com/2/problems/"
HANDLE: Final = re.compile(r"(?<!\w)@(\w+)")
_LINK: Final = re.compile(r"https?://[^\s]+|(?<![@\w.])(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?")
_LIGHT: Final = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))


def post_shape(
    post: SimPost, names: Iterable[str], version: str, *, replies: int, new: bool, site: str
) -> dict[str, Any]:
    """Return a post with the fields that were asked for. `version`: which one, by id; `new`: under the names of 2026."""
    written = versions(post)
    chosen, text = next((one for one in written if one[0] == version), written[-1])
    plain, urls = _shortened(str(post.extra.get("auto", "")) + text)
    long = len(plain) > 280 and "repost_of" not in post.extra
    whole: dict[str, Any] = {
        "author_id": post.author.id,
        "conversation_id": post.root.id,
        "created_at": datetime.fromtimestamp(post.at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "entities": _entities(post, text, urls, site),
        "lang": post.extra.get("lang", "en"),
        "note_tweet": {"text": _escaped(plain)} if long else None,
        "public_metrics": _figures(post, replies, new=new),
        "referenced_tweets": _references(post),
        "reply_settings": post.extra.get("reply_settings", "everyone"),
    }
    shape = {name: value for name, value in whole.items() if name in set(names) and value}
    shape["edit_history_tweet_ids"] = [one for one, _ in written]
    if new:
        shape = {_NEW.get(name, name): value for name, value in shape.items()}
    return {"id": chosen, "text": _escaped(plain[:279] + "…" if long else plain), **shape}


def _figures(post: SimPost, replies: int, *, new: bool) -> dict[str, int]:
    reposts = "repost_count" if new else "retweet_count"
    figures = {reposts: post.reposts, "reply_count": replies, "like_count": post.likes, "quote_count": 0}
    return {**figures, "bookmark_count": 0, "impression_count": 10 * post.author.followers}


_NEW: Final = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
}


def at(post_id: str) -> float:
    """Return the time of an id, in epoch seconds; 0 for none."""
    return ((int(post_id) >> 22) + EPOCH_MS) / 1000 if post_id.isdecimal() else 0.0


def token(ask: Ask) -> int:
    """Return below which id a page begins, 0 for the first. Raises `Refusal` for what is no token."""
    given = ask.one("next_token") or ask.one("pagination_token")
    if not given:
        return 0
    found = re.fullmatch(r"t-(\d+)-(\d+)(-empty)?", given)
    if found is None:
        name = "next_token" if ask.one("next_token") else "pagination_token"
        raise Refusal(invalid(name, given, f"Invalid '{name}'"))
    return int(found.group(2 if ask.fault is Fault.DUPLICATE_PAGE else 1))


def invalid(name: str, value: str, why: str) -> Answer:
    """Return the refusal of a parameter."""
    errors = [{"parameters": {name: [value]}, "message": why}]
    detail = "One or more parameters to your request was invalid."
    body = {"errors": errors, "title": "Invalid Request", "detail": detail, "type": PROBLEMS + "invalid-request"}
    return Answer(body, 400)


def error(about: str, post: SimPost | None, kind: str = "tweet") -> dict[str, str]:
    """Return what became of a post or a user, as it stands beside the data of a 200."""
    hidden = post is not None and post.there
    said = "Authorization Error" if hidden else "Not Found Error"
    return {
        "value": about,
        "resource_id": about,
        "resource_type": kind,
        "parameter": "ids" if kind == "tweet" else "author_id",
        "title": said,
        "detail": f"Could not find {kind} with ids: [{about}].",
        "type": PROBLEMS + ("not-authorized-for-resource" if hidden else "resource-not-found"),
    }


def no_user(user_id: str) -> Answer:
    """Return the answer for a user that is not there."""
    return Answer({"errors": [error(user_id, None, "user")]})


def public(user: SimUser) -> bool:
    """Tell whether everybody may read somebody."""
    return not user.protected and not user.extra.get("suspended")


def versions(post: SimPost) -> list[tuple[str, str]]:
    """Return the versions of a post as (id, text), oldest first."""
    kept = post.extra.get("versions")
    return list(kept) if isinstance(kept, list) else [(post.id, post.text)]


def shown(post: SimPost) -> str:
    """Return a text with the name that X puts before a reply."""
    return str(post.extra.get("auto", "")) + post.text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shortened(text: str) -> tuple[str, list[dict[str, str]]]:
    urls: list[dict[str, str]] = []

    def short(found: re.Match[str]) -> str:
        written = found.group()
        made = f"https://t.co/{hashlib.sha256(written.encode()).hexdigest()[:10]}"
        whole = written if "://" in written else f"http://{written}"
        urls.append({"url": made, "expanded_url": whole, "display_url": urlsplit(whole).hostname or ""})
        return made

    return _LINK.sub(short, text), urls


def _entities(post: SimPost, text: str, urls: list[dict[str, str]], site: str) -> dict[str, Any]:
    quoted = post.extra.get("quote_of")
    if isinstance(quoted, SimPost):
        where = f"{site}/{quoted.author.handle}/status/{quoted.id}"
        urls = [*urls, {"url": f"https://t.co/q{quoted.number}", "expanded_url": where}]
    named = HANDLE.findall(str(post.extra.get("auto", "")) + text)
    whole = {"urls": urls, "mentions": [{"username": one} for one in named]}
    return {name: value for name, value in whole.items() if value}


def _references(post: SimPost) -> list[dict[str, str]]:
    found = {
        "replied_to": post.reply_to,
        "quoted": post.extra.get("quote_of"),
        "retweeted": post.extra.get("repost_of"),
    }
    ids = {kind: one.id for kind, one in found.items() if isinstance(one, SimPost)}
    if "replied_to" in ids:
        ids["replied_to"] = str(post.extra.get("answers") or ids["replied_to"])  # the version that was answered
    return [{"type": kind, "id": one} for kind, one in ids.items()]


def user_shape(user: SimUser) -> dict[str, Any]:
    """Return somebody with the fields of a profile."""
    return {
        "id": user.id,
        "username": user.handle,
        "name": user.name,
        "protected": user.protected,
        "verified": False,
        "public_metrics": {
            "followers_count": user.followers,
            "following_count": 10,
            "tweet_count": 1,
            "listed_count": 0,
        },
    }


def weight(text: str) -> int:
    """Return how long a text is in the eyes of X."""
    plain = _LINK.sub("u" * 23, text)
    return sum(1 if any(ord(letter) in light for light in _LIGHT) else 2 for letter in plain)
