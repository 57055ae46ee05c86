"""What can be set on a brand, and how it is written: `threshold=0.35`, `hours=Mon-Fri 09:00-17:00 Europe/Warsaw`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.domain.errors import BadInput

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(?P<days>\S+)\s+(?P<opens>[\d:]+)\s*-\s*(?P<closes>[\d:]+)(?:\s+(?P<zone>\S+))?")
_LANGUAGE: Final = re.compile("[a-z]{2,3}")
_PROMISES: Final = ("refund", "replacement", "voucher", "callback", "date")
_LONGEST_UNDO: Final = 3600  # seconds
_MOST_CHECKS: Final = 100
_LONGEST_PROMISE: Final = 30 * 24 * 60  # minutes
_LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change on a brand; None in `settings` goes back to the default."""

    name: str = ""
    voice: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_changes(pairs: Sequence[str]) -> Changes:
    """Read `NAME=VALUE` pairs; an empty value goes back to the default. Raises `BadInput` naming what is wrong."""
    name, voice, settings = "", dict[str, Any](), dict[str, Any]()
    for pair in pairs:
        key, sign, written = (part.strip() for part in pair.partition("="))
        if not sign or key not in OPTIONS:
            message = f'"{pair}" is not one of {", ".join(f"{one}=" for one in OPTIONS)}'
            raise BadInput(message, where=key)
        value = _value(key, written)
        if key == "name":
            name = str(value)
        elif key.startswith("voice."):
            voice[key.removeprefix("voice.")] = value
        else:
            settings[key] = value
    return Changes(name, voice, settings)


def _value(key: str, written: str) -> Any:
    if not written and key in _DEFAULTS:
        return _DEFAULTS[key]
    try:
        return OPTIONS[key](written)
    except BadInput as wrong:
        message = f"{key}={written}: {wrong}"
        raise BadInput(message, where=key) from wrong


def _number(written: str, lowest: float, highest: float, what: str) -> float:
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not lowest <= value <= highest:
        message = f"this must be {what}."
        raise BadInput(message)
    return value


def _threshold(written: str) -> float:
    return _number(written, 0, 1, "a probability from 0 to 1: a post is a complaint from there on")


def _thresholds(written: str) -> dict[str, float]:
    """Read "pl:0.35,fa:0.4": the threshold of each language that has its own."""
    pairs = [tuple(part.strip() for part in one.partition(":")) for one in written.split(",")]
    known = [lang.lower() for lang, _, _ in pairs]
    if not all(_LANGUAGE.fullmatch(lang) for lang in known) or len(set(known)) != len(known):
        message = 'write them like "pl:0.35,fa:0.4": each language once, by its two or three letters.'
        raise BadInput(message)
    return {lang: _threshold(value) for lang, (_, _, value) in zip(known, pairs, strict=True)}


def _six_thousand(written: str) -> int:
    return int(_number(written, 1, 10**9, "a number of people, 1 or more"))


def _undo(written: str) -> float:
    return _number(written, 0, _LONGEST_UNDO, f"a number of seconds from 0 to {_LONGEST_UNDO}")


def _checks(written: str) -> int:
    return int(_number(written, 0, _MOST_CHECKS, f"a number from 0 to {_MOST_CHECKS}"))


def _minutes(written: str) -> list[int]:
    parts = written.split(",")
    wanted = "four whole numbers of minutes for tier 0 to 3, none longer than the one before: 1440,240,60,15."
    wanted += f" The longest is {_LONGEST_PROMISE:,}, 30 days."
    if len(parts) != 4 or not all(part.strip().isdecimal() for part in parts):
        message = f"these must be {wanted}"
        raise BadInput(message)
    minutes = [int(part.strip()[:12]) for part in parts]
    if minutes != sorted(minutes, reverse=True) or minutes[-1] < 1 or minutes[0] > _LONGEST_PROMISE:
        message = f"these must be {wanted}"
        raise BadInput(message)
    return minutes


def _hours(written: str) -> dict[str, Any] | None:
    """Read "Mon-Fri 09:00-17:00 Europe/Warsaw", or "always"."""
    if written.casefold() == "always":
        return None
    found = _HOURS.fullmatch(written)
    if not found:
        message = 'write them like "Mon-Fri 09:00-17:00 Europe/Warsaw", or "always".'
        raise BadInput(message)
    zone = found["zone"] or "UTC"
    try:
        ZoneInfo(zone)
        opens, closes = (time.fromisoformat(found[name].zfill(5)) for name in ("opens", "closes"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{error}. Write them like 09:00-17:00, with a time zone such as Europe/Warsaw."
        raise BadInput(message) from error
    if opens == closes:
        message = 'it opens when it closes: write "always" if it never does.'
        raise BadInput(message)
    return {"zone": zone, "days": _days(found["days"]), "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}


def write_hours(hours: Mapping[str, Any] | None) -> str:
    """Write hours as they are read: "Mon-Fri 09:00-17:00 Europe/Warsaw"; "always" where there are none."""
    days = sorted((hours or {}).get("days", ()))
    if not hours or not days or hours.get("opens") == hours.get("closes"):
        return "always"
    runs = days == list(range(days[0], days[-1] + 1)) and len(days) > 2
    names = [_DAYS[one].title() for one in days]
    spelt = f"{names[0]}-{names[-1]}" if runs else ",".join(names)
    return f"{spelt} {hours.get('opens', '00:00')}-{hours.get('closes', '00:00')} {hours.get('zone', 'UTC')}"


def _days(written: str) -> list[int]:
    days: set[int] = set()
    for part in written.casefold().split(","):
        first, dash, last = part.partition("-")
        ends = [one[:3] for one in ((first, last) if dash else (first,))]
        if not set(ends) <= set(_DAYS):
            message = f'"{part}" is no day. The days are {", ".join(one.title() for one in _DAYS)}.'
            raise BadInput(message)
        start, end = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        days.update((start + offset) % 7 for offset in range((end - start) % 7 + 1))
    return sorted(days)


def _mandate(written: str) -> list[dict[str, str]]:
    """Read "refund,voucher:a voucher of 10 EUR": what may be promised, and the words for it."""
    pairs = [(kind.strip(), text.strip()) for kind, _, text in (one.partition(":") for one in written.split(","))]
    unknown = [kind for kind, _ in pairs if kind not in _PROMISES]
    if unknown:
        message = f'"{unknown[0]}" is none of {", ".join(_PROMISES)}.'
        raise BadInput(message)
    return [{"kind": kind, "text": text} for kind, text in pairs]


def _yes(written: str) -> bool:
    known = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if written.casefold() not in known:
        message = "this must be true or false."
        raise BadInput(message)
    return known[written.casefold()]


def _words(written: str) -> str:
    if not written or len(written) > _LONGEST_WORDS or not written.isprintable():
        message = f"this must be one line of 1 to {_LONGEST_WORDS} characters."
        raise BadInput(message)
    return written


OPTIONS: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType({
    "name": _words,
    "threshold": _threshold,
    "thresholds": _thresholds,
    "minutes": _minutes,
    "six_thousand": _six_thousand,
    "hours": _hours,
    "undo_s": _undo,
    "checks_a_day": _checks,
    "mandate": _mandate,
    "voice.brand": _words,
    "voice.signature": _words,
    "voice.formal": _yes,
    "voice.contact": _words,
    "voice.thanks": _yes,
})  # fmt: skip
_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType({
    "threshold": None, "thresholds": None, "minutes": None, "six_thousand": None, "hours": None, "undo_s": None, "mandate": None,
    "checks_a_day": None,
    "voice.signature": "", "voice.formal": False, "voice.contact": "", "voice.thanks": True,
})  # fmt: skip
