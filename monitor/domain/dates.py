"""Read the date of a post the way people, spreadsheets and platforms write it."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

# How many units of time make a second, by the number of digits; 14 digits are a compact date instead.
_EPOCH_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
_EPOCH = re.compile(r"(\d{9,19})(?:\.\d+)?")
_SPACE_BEFORE_OFFSET = re.compile(r"(?<=\d) (?=[+-]\d\d:?\d\d$)")
_NAMED_UTC = re.compile(r"(?<=\d) ?(?:utc|gmt|z)$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"^(\d{4})[/.](\d\d)[/.](\d\d)")
_YEAR_LAST = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:,? (\d{1,2}:\d\d(?::\d\d)?)(?: ?([ap]m))?)?", re.IGNORECASE
)
_MAIL = re.compile(r"(?:[a-z]{3}, ?)?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d", re.IGNORECASE)
_WORDED = (
    "%a %b %d %H:%M:%S %z %Y",  # Tue Feb 24 11:35:52 +0000 2015, as X wrote it for years
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M %p",
    "%B %d, %Y %I:%M %p",
)


class Moment(NamedTuple):
    """A point in time in UTC, and whether the writing named its zone (it is read as UTC where not)."""

    at: datetime
    had_zone: bool


def read_moment(written: str | float, *, day_first: bool | None = None) -> Moment:
    """Read ISO 8601, RFC 2822, X's own style, epoch seconds to nanoseconds, and `24/02/2015 11:35`.

    `04/05/2024` is read only when `day_first` says how. Raises `ValueError` with a reason in plain words.
    """
    text = " ".join(str(written).split())
    try:
        found = _epoch(text) or _iso(text) or _year_last(text, day_first=day_first) or _worded(text)
        if found is not None:
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return Moment(aware.astimezone(UTC), found.tzinfo is not None)
    except OverflowError:
        pass
    message = f'"{text[:40]}" is not a date that can be read: write it like 2024-05-31T14:05:00Z'
    raise ValueError(message)


def at_epoch(seconds: object) -> datetime | None:
    """Return the time of so many epoch seconds; None for what is no time, whoever wrote it."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def in_utc(written: object) -> datetime | None:
    """Return a time in ISO 8601 as a platform writes it, in UTC where it names no zone; None for what is none."""
    try:
        found = datetime.fromisoformat(str(written))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    unit = _EPOCH_UNITS.get(len(match[1])) if match else None
    return datetime.fromtimestamp(float(text) / unit, UTC) if unit else None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        plainer = _YEAR_FIRST.sub(r"\1-\2-\3", _NAMED_UTC.sub("+00:00", _SPACE_BEFORE_OFFSET.sub("", text)))
    try:
        return datetime.fromisoformat(plainer)
    except ValueError:
        return _parse(text, ("%Y%m%d%H%M%S",))


def _year_last(text: str, *, day_first: bool | None) -> datetime | None:
    match = _YEAR_LAST.fullmatch(text)
    if not match:
        return None
    first, dot, second, year, time, half = match.groups()
    one, two = int(first), int(second)
    if dot == "." or one > 12 or one == two:  # dots are written day first wherever they are written
        day_first = True
    elif two > 12:
        day_first = False
    elif day_first is None:
        message = f'"{text}" can be two days: say how dates are written (--day-first or --month-first)'
        raise ValueError(message)
    day, month = (one, two) if day_first else (two, one)
    clock = time or "0:00"
    seconds = ":%S" if clock.count(":") == 2 else ""
    hours = f"%I:%M{seconds} %p" if half else f"%H:%M{seconds}"
    return _parse(f"{year}-{month}-{day} {clock} {half or ''}".strip(), (f"%Y-%m-%d {hours}",))


def _worded(text: str) -> datetime | None:
    if _MAIL.match(text):
        try:
            return parsedate_to_datetime(text)
        except ValueError:
            return None
    return _parse(text, _WORDED)


def _parse(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone where the text has none
        except ValueError:
            continue
    return None
