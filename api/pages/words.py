"""How the pages say things: times, languages, states, links. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.domain.records import Span
from monitor.watching import platform_name

SOON = timedelta(minutes=30)
_AROUND = " \t\r\n.,;:!?…،؛؟·\"'“”„‘’«»()[]{}"
_LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "und": "language unknown", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip
_STATES = {
    "open": "waits for a draft",
    "in_review": "waits for a person",
    "approved": "about to be sent",
    "publishing": "being sent",
    "uncertain": "unclear whether it was sent",
    "failed": "not sent",
    "escalated": "asked its owner",
    "replied": "answered",
    "dismissed": "dismissed",
    "closed": "closed",
}
_ROLES = {
    "observer": "observer: reads, decides nothing",
    "agent": "agent: answers customers",
    "pr_lead": "PR lead: is paged, and answers",
    "lead": "lead: also overrules the bar and sets the voice",
    "admin": "admin: also adds people",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """The reply-by clock: `tone` is late, soon or later."""

    tone: str
    words: str


def span(time: timedelta) -> str:
    """Say how long a time is."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return f"{max(0, int(time.total_seconds()))} s"
    if minutes < 100:
        return f"{minutes} min"
    if minutes < 36 * 60:
        return f"{round(minutes / 60)} h"
    return f"{round(minutes / 60 / 24)} days"


def ago(when: datetime | None, now: datetime) -> str:
    """Say how long ago something was, or how far ahead it is."""
    if when is None:
        return "at an unknown time"
    if abs(now - when) < timedelta(seconds=5):
        return "just now"
    return f"{span(now - when)} ago" if when < now else f"in {span(when - now)}"


def clock(reply_by: datetime, now: datetime) -> Clock:
    """Say how much of a promise is left."""
    left = reply_by - now
    if left < timedelta(0):
        return Clock("late", f"late {span(-left)}")
    return Clock("soon" if left <= SOON else "later", f"in {span(left)}")


def exact(when: datetime | None) -> str:
    """Say a time exactly; the browser replaces it by the reader's own time zone."""
    return f"{when.astimezone(UTC):%a %-d %b %Y, %H:%M:%S} UTC" if when else ""


def excerpt(text: str, limit: int = 280) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[: limit * 4].split())
    return line if len(line) <= limit else f"{line[:limit].rstrip()}…"


def language(code: str | None) -> str:
    """Name a language in English."""
    return _LANGUAGES.get(code or "und", code or "")


def platform(name: str) -> str:
    """Name a platform as it names itself."""
    return platform_name(name)


def on_platform(name: str) -> str:
    """Say where a post stands, for the end of "open": " on Reddit". A feed is no place of its own: ""."""
    return "" if name == "feed" else f" on {platform(name)}"


def handle(name: str, on: str) -> str:
    """Write a handle the way its platform does; a post that names no author is somebody's."""
    plain = name.removeprefix("@").removeprefix("u/")
    if not plain:
        return "somebody"
    return f"u/{plain}" if on == "reddit" else f"@{plain}"


def state(name: str) -> str:
    """Say where a case stands."""
    return _STATES.get(name, name.replace("_", " "))


def role(name: str) -> str:
    """Say what a role may do."""
    return _ROLES.get(name, name)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text and what is said about it ("" for nothing)."""

    text: str
    said: str = ""
    level: str = ""


def marked(text: str, spans: Iterable[tuple[int, int, str, str]]) -> list[Piece]:
    """Cut a text at (start, end, said, level) in code points. Where spans overlap, the first one stands."""
    pieces: list[Piece] = []
    done = 0
    for start, end, said, level in sorted(spans, key=lambda one: one[:2]):
        if done <= start < end <= len(text):
            pieces += [Piece(text[done:start]), Piece(text[start:end], said, level)]
            done = end
    return [piece for piece in (*pieces, Piece(text[done:])) if piece.text]


_MOVED = (
    (0.66, "m3", "moved the judge most"),
    (0.33, "m2", "moved the judge"),
    (0.0, "m1", "moved the judge a little"),
)


def weighed(text: str, flags: Iterable[tuple[int, int, str]], moved: Iterable[Span]) -> list[Piece]:
    """Cut a text at its urgent words, given as (start, end, said), and at the words that moved the judge.

    A stretch that is both says both. Classes m1 to m3 say how strongly it moved, as thicker lines under the words.
    """
    urgent = [one for one in flags if 0 <= one[0] < one[1] <= len(text)]
    weights = [one for one in moved if 0 <= one.start < one.end <= len(text)]
    cuts = {0, len(text), *(n for start, end, _ in urgent for n in (start, end))}
    places = sorted(cuts | {n for one in weights for n in (one.start, one.end)})
    return [_piece(text, start, end, urgent, weights) for start, end in pairwise(places)]


def _piece(text: str, start: int, end: int, urgent: list[tuple[int, int, str]], moved: list[Span]) -> Piece:
    flag = next((said for begins, ends, said in urgent if begins <= start and end <= ends), "")
    weight = max((one.weight for one in moved if one.start <= start and end <= one.end), default=None)
    _, level, strongly = next(one for one in _MOVED if weight >= one[0]) if weight is not None else (0, "", "")
    said, kind = [one for one in (flag, strongly) if one], [one for one in ("flag" * bool(flag), level) if one]
    return Piece(text[start:end], ", ".join(said), " ".join(kind))


def strongest(text: str, moved: Iterable[Span], most: int = 6) -> tuple[str, ...]:
    """Return the words that moved the judge most, each once, strongest first."""
    found = dict.fromkeys(text[one.start : one.end].strip(_AROUND) for one in moved if one.weight > 0)
    return tuple(word for word in found if word)[:most]
