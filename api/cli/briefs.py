"""From a JSON object to the brief that a drafter and the bar get. Unknown fields are passed over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar

from monitor.domain.errors import BadInput
from monitor.domain.records import Flag, Kind, Severity
from monitor.domain.signals import find_flags, find_topics, tell_severity
from responders.bar.language import detect
from responders.bar.length import limit_for
from responders.ports import Brief, Fact, Promise, Voice

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_LONGEST = 50_000  # characters of a text
_VOICE = {one.name: one.type for one in fields(Voice)}


@dataclass(frozen=True, slots=True)
class House:
    """Whose voice answers, and what it may promise."""

    voice: Voice = field(default_factory=lambda: Voice(""))
    mandate: tuple[Promise, ...] = ()


def words(record: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    """Return a field that holds words, "" where there is none. Raises `BadInput`."""
    found = record.get(name)
    if found is None and not needed:
        return ""
    if not isinstance(found, str):
        raise BadInput("this must be a string" if name in record else "this field is missing", where=name)
    if len(found) > _LONGEST:
        message = f"this is longer than {_LONGEST:,} characters"
        raise BadInput(message, where=name)
    return found


def brief_of(record: Mapping[str, Any], house: House) -> Brief:
    """Read a brief. What the record does not say about the text is told from its words; without a kind it is a complaint.

    Raises `BadInput` naming the field.
    """
    text = words(record, "text", needed=True)
    platform = words(record, "platform").casefold()
    hits = find_flags(text)
    flags = _each(record, "flags", lambda one: _of(Flag, one)) if "flags" in record else tuple(hit.flag for hit in hits)
    return Brief(
        text=text,
        platform=platform,
        lang=words(record, "lang").partition("-")[0].casefold() or detect(text) or "und",
        handle=(words(record, "author") or words(record, "handle")).removeprefix("@"),
        kind=_of(Kind, record["kind"], "kind") if "kind" in record else Kind.COMPLAINT,
        severity=_severity(record) if "severity" in record else tell_severity(text, 1.0, hits),
        voice=_voice(record, house),
        limit=limit_for(platform),
        flags=flags,
        topics=_each(record, "topics", _word) if "topics" in record else find_topics(text),
        thread=_each(record, "thread", _word),
        facts=_each(record, "facts", _fact),
        owner_answer=words(record, "owner_answer"),
        mandate=_each(record, "mandate", _promise) if "mandate" in record else house.mandate,
        told_others=_each(record, "told_others", _word),
        waiting_hours=_hours(record),
        seed=str(record.get("id") or ""),
        ask=words(record, "ask"),
    )


def _of(known: type[E], value: object, where: str = "") -> E:
    try:
        return known(value)
    except ValueError:
        names = ", ".join(str(one.value) for one in known)
        message = f'"{str(value)[:40]}" is none of {names}'
        raise BadInput(message, where=where) from None


def _severity(record: Mapping[str, Any]) -> Severity:
    if isinstance(record["severity"], bool):
        message = "this must be a whole number from 0 to 3"
        raise BadInput(message, where="severity")
    return _of(Severity, record["severity"], "severity")


def _each(record: Mapping[str, Any], name: str, read: Callable[[object], T]) -> tuple[T, ...]:
    found = record.get(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        message = "this must be a list"
        raise BadInput(message, where=name)
    try:
        return tuple(read(one) for one in found)
    except BadInput as wrong:
        raise BadInput(str(wrong), where=name) from wrong


def _word(value: object) -> str:
    if not isinstance(value, str):
        message = "each of these must be a string"
        raise BadInput(message)
    return value


def _fact(value: object) -> Fact:
    if isinstance(value, dict):
        return Fact(words(value, "text", needed=True), words(value, "confirmed_by"))
    return Fact(_word(value))


def _promise(value: object) -> Promise:
    if isinstance(value, dict):
        return Promise(words(value, "kind", needed=True), words(value, "text"))
    return Promise(_word(value))


def _voice(record: Mapping[str, Any], house: House) -> Voice:
    given = record.get("voice")
    if given is None:
        return house.voice
    if not isinstance(given, dict) or not given.keys() <= _VOICE.keys():
        message = f"this must be an object with some of {', '.join(_VOICE)}"
        raise BadInput(message, where="voice")
    for name, value in given.items():
        if type(value) is not _VOICE[name]:
            message = f"{name} must be {'true or false' if _VOICE[name] is bool else 'a string'}"
            raise BadInput(message, where="voice")
    return Voice(**{"brand": house.voice.brand, **given})


def _hours(record: Mapping[str, Any]) -> float | None:
    found = record.get("waiting_hours")
    if found is None or (isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < float("inf")):
        return found
    message = "this must be a number of hours"
    raise BadInput(message, where="waiting_hours")
