"""When to look at a post again, and whether what it says now is an edit. Pure.

Platforms ask that deletions and edits be followed for as long as a post is kept, so looking never ends; it grows rare.
"""

import re
import unicodedata
from datetime import datetime, timedelta

_EVERY = (  # until this age: this often
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=365), timedelta(weeks=1)),
)
_RARELY = timedelta(weeks=4)
_WAITING = (  # the same, while somebody may be about to answer it
    (timedelta(hours=3), timedelta(minutes=20)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(weeks=1), timedelta(hours=6)),
)
_WAITING_BILLED = ((timedelta(days=1), timedelta(hours=1)),)  # where each look is paid for
_FAST, _FAST_BILLED = timedelta(minutes=10), timedelta(minutes=30)  # while it waits and spreads
NOT_SAID = timedelta(hours=1)  # until a post is looked for again that its platform said nothing about

_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![@\w.])(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_SHORTENED = ("t.co/",)


def next_check(
    written_at: datetime, now: datetime, *, waits: bool = False, fast: bool = False, billed: bool = False
) -> datetime:
    """Return when to look again: daily in a post's first month, weekly in its first year, then every four weeks.

    While it `waits` for an answer sooner, the younger the sooner, and soonest when it spreads `fast`; less often where
    the platform has each look `billed`.
    """
    age = now - written_at
    if waits and fast:
        return now + (_FAST_BILLED if billed else _FAST)
    waiting = (_WAITING_BILLED if billed else _WAITING) if waits else ()
    return now + next((every for until, every in (*waiting, *_EVERY) if age < until), _RARELY)


def same_words(before: str, after: str) -> bool:
    """Tell whether two texts say the same, white space and the platform's way of showing links aside."""
    if before == after:
        return True
    first, second = (_LINK.findall(one) for one in (before, after))
    alike = len(first) == len(second) and all(map(_same_link, first, second))
    return alike and _bare(before) == _bare(after)


def _bare(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFC", _LINK.sub("\0", text)))


def _same_link(one: str, other: str) -> bool:
    """Tell whether two links may lead to one place: shortened, cut off with "…", or with less in front."""
    first, second = (_shown(link) for link in (one, other))
    if first.startswith(_SHORTENED) or second.startswith(_SHORTENED):
        return True
    cut = (first.removesuffix("…"), second.removesuffix("…"))
    if cut != (first, second):
        return cut[0].startswith(cut[1]) or cut[1].startswith(cut[0])
    return first == second


def _shown(link: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link, flags=re.IGNORECASE).rstrip("/")
