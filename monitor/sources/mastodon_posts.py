"""What Mastodon hands over, turned into posts; and which of them are ours to read."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from monitor.clients.mastodon import Status, who
from monitor.domain.dates import in_utc
from monitor.domain.html_text import plain_text
from monitor.domain.links import web_address
from monitor.domain.records import Author, Engagement, Login, Post

_NO_BOTS: Final = re.compile(r"#no(?:bot|index)s?\b", re.IGNORECASE)
_PRIVATE: Final = frozenset({"private", "direct"})


def original(status: Status) -> Status:
    """Return the post that was boosted, or the post itself."""
    boosted = status.get("reblog")
    return boosted if isinstance(boosted, Mapping) else status


def ours_to_read(status: Status, login: Login, *, searched: bool = False) -> bool:
    """Tell whether a post may be handed over.

    Never a private message. What speaks to us, or is ours, always. Of the rest nothing for followers only, nothing by
    those who ask for no bots or no indexing, and no search hit of somebody who does not want to be found.
    """
    visibility = status.get("visibility")
    if visibility == "direct":
        return False
    account = _under(status, "account")
    if speaks_to(status, login) or (login.external_id and who(account) == login.external_id):
        return True
    hidden = searched and account.get("indexable") is False
    return visibility not in _PRIVATE and not hidden and account.get("noindex") is not True and not no_bots(account)


def speaks_to(status: Status, login: Login) -> bool:
    """Tell whether a post mentions us or answers us."""
    answered, number = status.get("in_reply_to_account_id"), login.options.get("account_id")
    if number and str(answered) == str(number):
        return True
    return any(
        (login.external_id and who(one) == login.external_id) or is_us(str(one.get("acct") or ""), login)
        for one in _items(status.get("mentions"))
    )


def is_us(acct: str, login: Login) -> bool:
    """Tell whether a name, as our server writes it, is ours: without its server where the account is at home."""
    ours = login.handle.lstrip("@").casefold()
    return bool(ours) and acct.casefold() in {ours, ours.partition("@")[0]}


def no_bots(account: Mapping[str, Any]) -> bool:
    """Tell whether somebody asks in their profile to be left alone by automated accounts."""
    parts = [account.get("note"), account.get("display_name")]
    for field in _items(account.get("fields")):
        parts += [field.get("name"), field.get("value")]
    return any(_NO_BOTS.search(plain_text(str(part))) for part in parts if part)


def post_of(status: Status, host: str) -> Post | None:
    """Return a post, its boosts folded into it. None: it has no words, or not what a post must have."""
    status = original(status)
    account, text = _under(status, "account"), text_of(status)
    if not status.get("id") or not who(account) or not text:
        return None
    acct = str(account.get("acct") or account.get("username") or who(account))
    answered = str(status.get("in_reply_to_id") or "")
    return Post(
        platform="mastodon",
        external_id=str(status["id"]),
        text=text,
        author=Author(
            who(account), acct, str(account.get("display_name") or ""), _count(account.get("followers_count"))
        ),
        written_at=time_of(status),
        url=str(status.get("url") or status.get("uri") or ""),
        thread=answered,  # no conversation is named here: an answer stands with what it answers
        reply_to=answered,
        lang=str(status.get("language") or ""),
        engagement=Engagement(
            likes=_count(status.get("favourites_count")),
            reposts=_count(status.get("reblogs_count")),
            replies=_count(status.get("replies_count")),
        ),
        extra=_extra(status, account, acct, host),
    )


def text_of(status: Status) -> str:
    """Return the words of a post, its content warning in front; of one without words, what its pictures show."""
    content = plain_text(str(status.get("content") or ""))
    if not content:
        shown = (str(one.get("description") or "") for one in _items(status.get("media_attachments")))
        content = "\n\n".join(one.strip() for one in shown if one.strip())
    return "\n\n".join(part for part in (str(status.get("spoiler_text") or "").strip(), content) if part)


def time_of(status: Mapping[str, Any], name: str = "created_at") -> datetime | None:
    """Return a time of a post in UTC, None when there is none that can be read."""
    return in_utc(status.get(name))


def _extra(status: Status, account: Mapping[str, Any], acct: str, host: str) -> dict[str, object]:
    home = urlsplit(web_address(str(account.get("url") or "")) or host).netloc
    kept = {
        "host": host.rstrip("/"),  # ids are this server's own
        "visibility": status.get("visibility"),
        "acct": acct if "@" in acct else f"{acct}@{home}",
        "uri": status.get("uri"),
        "mentions": [str(one["acct"]) for one in _items(status.get("mentions")) if one.get("acct")],
        "bot": account.get("bot"),
        "no_bots": no_bots(account) or None,
        "indexable": account.get("indexable"),
        "sensitive": status.get("sensitive"),
        "edited_at": status.get("edited_at"),
        "language": status.get("language"),
    }
    return {name: value for name, value in kept.items() if value is not None}


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _under(status: Status, name: str) -> Mapping[str, Any]:
    value = status.get(name)
    return value if isinstance(value, Mapping) else {}


def _items(found: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
