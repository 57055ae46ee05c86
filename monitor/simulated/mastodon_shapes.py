"""How Mastodon writes what it holds: the documented entities Status, Account, Notification and Instance."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from monitor.simulated.world import SimPost, SimUser

PER_URL: Final = 23
TAG: Final = re.compile(r"(?<![\w&/])#(\w+)")
MENTION: Final = re.compile(r"(?<![\w@/])@(\w+)(?:@([\w-]+(?:\.[\w-]+)*(?::\d+)?))?")
_URL: Final = re.compile(r"https?://[^\s<]+")
_MARKED: Final = re.compile(f"{_URL.pattern}|{MENTION.pattern}|{TAG.pattern}")

Find = Callable[[str, str], SimUser | None]  # user name and server ("": this one) -> who that is


def iso(at: float) -> str:
    """Return a time as Mastodon writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def length_of(text: str, warning: str = "") -> int:
    """Count characters as a server does: links alike, names of other servers' people without their server."""
    return len(_URL.sub("u" * PER_URL, MENTION.sub(r"@\1", text))) + len(warning)


def words_of(text: str) -> set[str]:
    """Return the words a search finds a post by."""
    return set(re.findall(r"\w+", text.casefold()))


class Shapes:
    """Writes the entities of one server, whose web address is `url`."""

    def __init__(self, url: str, find: Find) -> None:
        """`find` looks people up by name."""
        self.url, self._find = url, find

    def mentioned(self, text: str) -> list[SimUser]:
        """Return the people a text speaks to, each once."""
        found = (self._find(name, server or "") for name, server in MENTION.findall(text))
        return list({one.id: one for one in found if one is not None}.values())

    def account(self, user: SimUser) -> dict[str, Any]:
        """Write an account."""
        name, _, server = user.handle.partition("@")
        more = user.extra
        return {
            "id": user.id,
            "username": name,
            "acct": user.handle,
            "display_name": user.name,
            "locked": user.protected,
            "bot": bool(more.get("bot")),
            "discoverable": True,
            "indexable": more.get("indexable", True),
            "noindex": more.get("noindex", False),
            "group": False,
            "created_at": iso(user.at),
            "note": self.html(str(more.get("note", ""))),
            "url": f"https://{server}/@{name}" if server else f"{self.url}/@{name}",
            "followers_count": user.followers,
            "following_count": 0,
            "statuses_count": 0,
            "last_status_at": None,
            "emojis": [],
            "fields": more.get("fields", []),
            **({"suspended": True} if more.get("suspended") else {}),
        }

    def status(self, post: SimPost) -> dict[str, Any]:
        """Write a status."""
        _, _, server = post.author.handle.partition("@")
        address = f"{self.url}/@{post.author.handle}/{post.id}"
        parent = post.reply_to if post.reply_to is not None and post.reply_to.there else None
        return {
            "id": post.id,
            "created_at": iso(float(str(post.extra.get("written", post.at)))),
            "in_reply_to_id": parent.id if parent else None,
            "in_reply_to_account_id": parent.author.id if parent else None,
            "sensitive": bool(post.extra.get("spoiler")),
            "spoiler_text": post.extra.get("spoiler", ""),
            "visibility": post.extra.get("visibility", "public"),
            "language": post.extra.get("language", "en"),
            "uri": f"https://{server}/posts/{post.number}" if server else address,
            "url": f"https://{server}/@/{post.number}" if server else address,
            "replies_count": 0,
            "reblogs_count": post.reposts,
            "favourites_count": post.likes,
            "edited_at": iso(post.edited_at) if post.edited_at else None,
            "content": self.html(post.text),
            "reblog": None,
            "application": None,
            "account": self.account(post.author),
            "media_attachments": [],
            "mentions": [self._mention(one) for one in self.mentioned(post.text)],
            "tags": [{"name": one.casefold(), "url": f"{self.url}/tags/{one}"} for one in TAG.findall(post.text)],
            "emojis": [],
            "card": None,
            "poll": None,
        }

    def notification(self, number: int, post: SimPost) -> dict[str, Any]:
        """Write a notification that somebody was mentioned."""
        return {
            "id": str(number),
            "type": "mention",
            "created_at": iso(post.at),
            "group_key": f"ungrouped-{number}",
            "account": self.account(post.author),
            "status": self.status(post),
        }

    def html(self, text: str) -> str:
        """Write words as a server shows them: links shortened for the eye, names without their server."""
        parts = [part.replace("\n", "<br />") for part in self._marked(text).split("\n\n")]
        return "".join(f"<p>{part}</p>" for part in parts if part)

    def _mention(self, user: SimUser) -> dict[str, Any]:
        shown = self.account(user)
        return {name: shown[name] for name in ("id", "username", "url", "acct")}

    def _marked(self, text: str) -> str:
        written, end = "", 0
        for match in _MARKED.finditer(text):
            written += html.escape(text[end : match.start()], quote=False) + self._mark(match)
            end = match.end()
        return written + html.escape(text[end:], quote=False)

    def _mark(self, match: re.Match[str]) -> str:
        name, server, tag = match.groups()
        if tag:
            address = f"{self.url}/tags/{tag}"
            return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        if not name:
            return _link(match.group())
        user = self._find(name, server or "")
        if user is None:
            return html.escape(match.group())
        address = self.account(user)["url"]
        return f'<span class="h-card" translate="no"><a href="{address}" class="u-url mention">@<span>{name}</span></a></span>'


def _link(url: str) -> str:
    scheme, rest = url.split("://", 1)
    seen, hidden = html.escape(rest[:30]), html.escape(rest[30:])
    shown = f'<span class="invisible">{scheme}://</span><span class="ellipsis">{seen}</span><span class="invisible">{hidden}</span>'
    return f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">{shown}</a>'
