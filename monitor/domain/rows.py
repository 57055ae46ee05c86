"""Read one row of somebody else's data, a line of a file or an object sent to the API, as a post."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from monitor.domain.dates import read_moment
from monitor.domain.errors import BadInput
from monitor.domain.records import Author, Engagement, Post

TEXT_LIMIT: Final = 50_000  # characters of a post that are kept
NAME_LIMIT: Final = 250  # characters of an id, a handle or a name
PLATFORM_LIMIT: Final = 40
URL_LIMIT: Final = 2_000
COUNT_LIMIT: Final = 10**12  # more people than live, or ever lived: not a count
DEPTH_LIMIT: Final = 20  # levels of nesting kept in unknown fields

# The usual names of each field, best first, without case, spaces and signs. "source" is deliberately no name of the
# platform: exports use it for the app a post was written with, and data sets for where a row was taken from.
_NAMES: Final[Mapping[str, Sequence[str]]] = {
    field: names.split()
    for field, names in {
        "text": "text fulltext tweettext posttext reviewtext commenttext body content message selftext tweet review"
        " comment post caption",
        "id": "idstr id externalid tweetid postid statusid messageid commentid reviewid",
        "platform": "platform network socialnetwork",
        "author": "author handle screenname authorscreenname authorusername authorhandle authoracct username"
        " userscreenname userhandle user",
        "author_id": "authorid authoridstr authorexternalid userid useridstr",
        "author_name": "authorname authordisplayname displayname userdisplayname name fullname",
        "followers": "followers followerscount followercount authorfollowers authorfollowerscount authorfollowercount"
        " userfollowers userfollowerscount",
        "created_at": "createdat created createdutc createdtime writtenat publishedat published postedat posted"
        " tweetcreated tweetcreatedat timestamp datetime date time",
        "url": "url link permalink permalinkurl posturl tweeturl",
        "lang": "lang language languagecode",
        "likes": "likes likecount favoritecount favouritescount favoritescount favorites favourites upvotes",
        "reposts": "reposts repostcount retweets retweetcount shares sharecount reblogs reblogscount",
        "replies": "replies replycount repliescount commentcount commentscount numcomments comments",
        "views": "views viewcount impressions impressioncount",
        "thread": "thread threadid conversation conversationid",
        "reply_to": "replyto replytoid inreplyto inreplytoid inreplytostatusidstr inreplytostatusid inreplytotweetid"
        " inresponseto inresponsetotweetid parentid",
    }.items()
}
FIELDS: Final = tuple(_NAMES)
_KNOWN: Final = frozenset(name for names in _NAMES.values() for name in names)
_NO_MAPPING: Final[Mapping[str, str]] = MappingProxyType({})
_PERSON_HOLDERS: Final = frozenset({"author", "user", "account"})
_COUNT_HOLDERS: Final = frozenset({"engagement", "metrics", "publicmetrics"})
_MISSING: Final = frozenset({"", "-", "n/a", "na", "nan", "none", "null"})
_PERSONAL: Final = frozenset({"author", "author_id", "author_name"})  # where "Nan" may be somebody's name
_PLATFORMS: Final = {"twitter": "x", "x.com": "x", "twitter.com": "x"}
_OLD_LANGS: Final = {"iw": "he", "in": "id", "ji": "yi", "und": "", "mul": "", "zxx": ""}
_NO_PLATFORM = re.compile(r"[^\w.-]+")
_SIGNS = re.compile(r"[\W_]+")
_LANG = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
_COUNT = re.compile(r"(\d+)(?:[.,](\d{1,2}))?([kmb])|(\d+)(?:\.0+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[\s,.'\u2019\u066c](?=\d{3}(?!\d))")
_ROUNDED_ID = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)


class RowRefused(BadInput):
    """One row that cannot be used: `reason` in plain words, `field` as the row calls it, `line` where known."""

    def __init__(self, reason: str, *, field: str = "", line: int | None = None) -> None:
        place = ("" if line is None else f"line {line}", field)
        super().__init__(reason, where=", ".join(part for part in place if part))
        self.reason = reason
        self.field = field
        self.line = line


class Note(StrEnum):
    """What had to be assumed about a row that was taken."""

    NO_ZONE = "no zone"
    NO_DATE = "no date"
    NO_ID = "no id"
    TEXT_CUT = "text cut"


class Reading(NamedTuple):
    """A post and what was assumed while reading it."""

    post: Post
    notes: tuple[Note, ...]


def to_post(
    row: Mapping[str, object],
    mapping: Mapping[str, str] = _NO_MAPPING,
    *,
    default_platform: str = "import",
    line: int | None = None,
    day_first: bool | None = None,
) -> Post:
    """Read a row as a post; unknown fields are kept in `extra`. Raises `RowRefused` naming the line and the field.

    `mapping` says which column holds which field (`{"text": "Body"}`; an empty column name: none does).
    """
    return read_row(row, mapping, default_platform=default_platform, line=line, day_first=day_first).post


def read_row(
    row: Mapping[str, object],
    mapping: Mapping[str, str] = _NO_MAPPING,
    *,
    default_platform: str = "import",
    line: int | None = None,
    day_first: bool | None = None,
) -> Reading:
    """Do what `to_post` does, and tell what was assumed."""
    flat = flatten(row)
    cells = _Cells(flat, columns(flat, mapping), line)
    whole = cells.text()
    written_at, notes = cells.moment(day_first=day_first)
    platform = cells.platform(default_platform)
    handle = _bare_handle(cells.name("author") or cells.name("author_id") or cells.name("author_name"))
    author_id = cells.name("author_id") or handle
    external_id = cells.id()
    if not external_id:
        notes += (Note.NO_ID,)
        external_id = _key_of(platform, author_id, written_at, whole)
    url, lang = cells.url(), cells.lang()
    extra = cells.unknown({"url": url, "lang": lang})
    if len(whole) > TEXT_LIMIT:
        notes += (Note.TEXT_CUT,)
        extra["text_length"] = len(whole)
    post = Post(
        platform=platform,
        external_id=external_id,
        text=whole[:TEXT_LIMIT],
        # Nobody is not one person: without a name each post has an author of its own, so no two are taken for one.
        author=Author(author_id or f"post:{external_id}", handle, cells.name("author_name"), cells.count("followers")),
        written_at=written_at,
        url=url,
        thread=cells.name("thread"),
        reply_to=cells.name("reply_to"),
        lang=lang,
        engagement=Engagement(*(cells.count(figure) for figure in ("likes", "reposts", "replies", "views"))),
        extra=extra,
    )
    return Reading(post, notes)


def columns(names: Iterable[str], mapping: Mapping[str, str] = _NO_MAPPING) -> Mapping[str, str]:
    """Say which column holds which field. Raises `BadInput` when `mapping` names a field that does not exist."""
    return _columns(tuple(names), tuple(mapping.items()))


def recognised(names: Iterable[str]) -> int:
    """Count the names that are usual for some field."""
    return sum(_plain(name) in _KNOWN for name in names)


@lru_cache(maxsize=256)
def _columns(names: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    by_plain = {_plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for field, column in mapping:
        if field not in _NAMES:
            message = f'there is no field "{field}"; the fields are {", ".join(FIELDS)}'
            raise BadInput(message, where="mapping")
        found[field] = column if column in names else by_plain.get(_plain(column), "") if column else ""
    taken = set(found.values())
    for field, usual in _NAMES.items():
        if field not in found:
            free = (by_plain[name] for name in usual if name in by_plain and by_plain[name] not in taken)
            found[field] = next(free, "")
            taken.add(found[field])
    return MappingProxyType({field: column for field, column in found.items() if column})


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.casefold())


def flatten(row: Mapping[str, object], prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Lift what `{"author": {"username": ...}, "public_metrics": {...}}` hold to the top; other nesting stays."""
    if dict not in map(type, row.values()):  # the rows of a table, by far the most
        return dict(row) if not prefix else {_inside(prefix, name): value for name, value in row.items()}
    flat: dict[str, object] = {}
    for name, value in row.items():
        holder = _plain(name) if isinstance(value, dict) and depth < 2 else ""
        if isinstance(value, dict) and holder in _PERSON_HOLDERS:
            flat |= flatten(value, "author.", depth + 1)
        elif isinstance(value, dict) and holder in _COUNT_HOLDERS:
            flat |= flatten(value, prefix, depth + 1)
        else:
            flat[_inside(prefix, name)] = value
    return flat


def _inside(prefix: str, name: str) -> str:
    return f"{prefix}display_name" if prefix and name == "name" else prefix + name


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row by field, read and checked."""

    row: Mapping[str, object]
    columns: Mapping[str, str]
    line: int | None

    def refuse(self, *, field: str, reason: str) -> RowRefused:
        return RowRefused(reason, field=self.columns.get(field, field), line=self.line)

    def value(self, field: str) -> object:
        """Return what the row says, None where it says nothing."""
        column = self.columns.get(field)
        if column is None:
            return None
        found = self.row.get(column)
        if isinstance(found, str):
            missing = not found.strip() if field in _PERSONAL else found.strip().casefold() in _MISSING
            return None if missing else found
        return None if isinstance(found, float) and math.isnan(found) else found

    def text(self) -> str:
        column = self.columns.get("text")
        if column is None:
            names = ", ".join(name[:40] for name in list(self.row)[:20])
            raise self.refuse(field="text", reason=f"there is no text; the fields are {names or 'none'}")
        found = self.row[column]
        if not isinstance(found, str):
            raise self.refuse(field="text", reason="the text must be a string")
        cleaned = well_formed(found)
        if all(mark.isspace() or unicodedata.category(mark) in {"Cc", "Cf"} for mark in cleaned):
            raise self.refuse(field="text", reason="the text is blank")
        return cleaned

    def name(self, field: str) -> str:
        found = self.value(field)
        if found is None:
            return ""
        if isinstance(found, float) and found.is_integer() and found < 2**53:
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise self.refuse(field=field, reason="this must be a string or a whole number")
        cleaned = well_formed(str(found)).strip()
        if len(cleaned) > NAME_LIMIT:
            raise self.refuse(field=field, reason=f"this is longer than {NAME_LIMIT} characters")
        return cleaned

    def id(self) -> str:
        found = self.name("id")
        if _ROUNDED_ID.fullmatch(found):  # different posts would share it, and all but one would be lost
            reason = f'a spreadsheet rounded the id "{found}": export ids as text, or leave the column out (--map id=)'
            raise self.refuse(field="id", reason=reason)
        return found

    def platform(self, default: str) -> str:
        plain = _platform(self.name("platform") or default)
        if not 1 <= len(plain) <= PLATFORM_LIMIT:
            raise self.refuse(field="platform", reason="the platform must be a short name such as x or reddit")
        return plain

    def moment(self, *, day_first: bool | None) -> tuple[datetime | None, tuple[Note, ...]]:
        found = self.value("created_at")
        if found is None:
            return None, (Note.NO_DATE,)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            raise self.refuse(field="created_at", reason="the date must be a string or a number")
        try:
            at, had_zone = read_moment(found, day_first=day_first)
        except ValueError as error:
            raise self.refuse(field="created_at", reason=str(error)) from error
        return at, (() if had_zone else (Note.NO_ZONE,))

    def count(self, field: str) -> int | None:
        found = self.value(field)
        if found is None or (type(found) is int and 0 <= found <= COUNT_LIMIT):
            return found
        number = None if isinstance(found, bool) or not isinstance(found, str | float) else _whole(str(found))
        if number is None or number > COUNT_LIMIT:
            raise self.refuse(field=field, reason=f'"{str(found)[:40]}" is not a whole number of 0 or more')
        return number

    def url(self) -> str:
        found = self.value("url")
        return well_formed(found).strip() if isinstance(found, str) and _is_link(found) else ""

    def lang(self) -> str:
        match = _LANG.fullmatch(self.name("lang"))
        code = match[1].lower() if match else ""
        return _OLD_LANGS.get(code, code)

    def unknown(self, understood: Mapping[str, str]) -> dict[str, object]:
        """Return what no field took, and what stood in the place of those `understood` that came out empty."""
        used = {column for field, column in self.columns.items() if understood.get(field, "read")}
        return {well_formed(key): self._kept(key) for key in self.row if key not in used and self.row[key] is not None}

    def _kept(self, key: str) -> object:
        try:
            return kept(self.row[key], DEPTH_LIMIT)
        except ValueError as error:
            raise RowRefused(str(error), field=key, line=self.line) from error


def _is_link(written: str) -> bool:
    """Tell whether it is safe to put before a person as a link: `javascript:` and the like are not."""
    return written.strip().lower().startswith(("http://", "https://")) and len(written) <= URL_LIMIT


@lru_cache(maxsize=256)
def _platform(name: str) -> str:
    plain = _NO_PLATFORM.sub("-", name.casefold()).strip("-")
    return _PLATFORMS.get(plain, plain)


def _bare_handle(name: str) -> str:
    return name.removeprefix("/").removeprefix("u/").removeprefix("@")


def _whole(written: str) -> int | None:
    """Read "1,234", "1 234", "5.0" and "12.4K"; a count has no fractions, so "1.234" is a thousand and more."""
    if written.isdecimal() and len(written) < 20:
        return int(written)
    match = _COUNT.fullmatch(_THOUSANDS.sub("", written.strip()).replace(" ", ""))
    if not match or len(match[0]) > 40:
        return None
    head, tail, unit, plain = match.groups()
    if plain:
        return int(plain)
    hundredths = int(head) * 100 + int((tail or "0").ljust(2, "0"))
    return hundredths * {"k": 10, "m": 10**4, "b": 10**7}[unit.lower()]


def well_formed(text: str) -> str:
    """Drop null characters, which no database keeps, and replace halves of characters; all else stays as written."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "")


def kept(value: object, depth: int) -> object:
    """Make an unknown value safe to store as JSON. Raises `ValueError` when it is nested too deep."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict | list | tuple) and not depth:
        message = f"this is nested more than {DEPTH_LIMIT} levels deep"
        raise ValueError(message)
    if isinstance(value, dict):
        return {well_formed(str(name)): kept(inner, depth - 1) for name, inner in value.items()}
    return [kept(inner, depth - 1) for inner in value] if isinstance(value, list | tuple) else value


def _key_of(platform: str, author: str, written_at: datetime | None, text: str) -> str:
    """Make an id from what the post is, so that the same post read twice is the same mention."""
    written = written_at.isoformat() if written_at else ""
    return hashlib.sha256(json.dumps([platform, author, written, text]).encode()).hexdigest()
