"""What the customer said went wrong, picked from their words. Nothing here is confirmed: it is what they told."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import islice
from re import Pattern

from responders.bar.words import folded, pattern
from responders.drafters.pack import Durations, Pack, Topic
from responders.ports import Brief

PACKS = {lang: f"responders.drafters.languages.{lang}" for lang in ("en", "pl", "el", "fa", "ar")}
_READ_AT_MOST = 2_000  # code points
_MOST_TOPICS = 2
_GRAVE = frozenset({"danger", "sick"})
_LONGEST_WAIT = 400  # a number beyond this is not a duration
_LONGEST_YEARS = 2  # beyond that it tells how long somebody has been a customer


@dataclass(frozen=True, slots=True)
class Grasp:
    """What was understood of a post, in the words of the reply's language. Empty strings where nothing was."""

    topics: tuple[Topic, ...] = ()
    about: str = ""
    span: str = ""  # "nine days" as "9 days"
    since: str = ""  # "since Monday"
    again: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A pack with its patterns ready to search."""

    pack: Pack
    topics: tuple[tuple[Topic, Pattern[str]], ...]
    about: tuple[tuple[Pattern[str], str], ...]
    again: Pattern[str]
    since: Pattern[str]
    wait: Pattern[str]


@lru_cache
def language(lang: str) -> Language:
    """Load a language of `PACKS`."""
    pack: Pack = import_module(PACKS[lang]).PACK
    return Language(
        pack=pack,
        topics=tuple((topic, pattern(topic.words)) for topic in pack.topics if topic.words),
        about=tuple((pattern((words,)), phrase) for words, phrase in pack.about),
        again=pattern((pack.again,)),
        since=pattern((pack.durations.since,)),
        wait=_wait(pack.durations),
    )


def _plain(expression: str) -> str:
    return folded(expression).text


def _wait(durations: Durations) -> Pattern[str]:
    """Match a duration and, where they are there, the words beside it that say it was spent waiting."""
    units = "|".join(f"(?P<{unit}>{_plain(words)})" for unit, words in durations.units.items())
    fixed = "".join(f"|(?P<fixed{at}>{_plain(words)})" for at, words in enumerate(durations.fixed))
    numbers = "|".join(_plain(number) for number in sorted(durations.numbers, key=len, reverse=True))
    core = rf"(?:(?P<number>\d{{1,3}}|{numbers})\s?(?:\w+ )??(?:{units}){fixed})\b(?!\s(?:old|ago))"
    before = rf"(?P<before>\b{_plain(durations.before)}\W+(?:\w+\W+){{0,2}}?)"
    return re.compile(rf"{before}?\b{core}(?P<after>\W+(?:\w+\W+)??{_plain(durations.after)})?")


def grasp(brief: Brief, known: Language) -> Grasp:
    """Read the post: at most two things that went wrong, how long it has lasted, and whether it was the first time."""
    text = folded(brief.text[:_READ_AT_MOST]).text
    return Grasp(
        topics=_topics(text, brief, known),
        about=next((phrase for words, phrase in known.about if words.search(text)), ""),
        span=_span(text, known),
        since=_since(brief, known),
        again=bool(brief.earlier_mentions or known.again.search(text)),
    )


def _topics(text: str, brief: Brief, known: Language) -> tuple[Topic, ...]:
    named = tuple(islice((topic for topic, words in known.topics if words.search(text)), _MOST_TOPICS))
    if named:  # where somebody may be hurt, nothing else is worth a word
        return named[:1] if named[0].name in _GRAVE else named
    return tuple(topic for topic in known.pack.topics if not topic.words and topic.name in brief.topics)[:1]


def _span(text: str, known: Language) -> str:
    durations = known.pack.durations
    for match in known.wait.finditer(text):
        found = match.groupdict()
        number, unit = _counted(found, durations)
        if (found["before"] or found["after"]) and 0 < number <= (_LONGEST_YEARS if unit == "year" else _LONGEST_WAIT):
            return durations.forms[unit][durations.form(number)].format(n=str(number).translate(_digits(durations)))
    return ""


def _digits(durations: Durations) -> dict[int, int]:
    return str.maketrans("0123456789", durations.digits)


def _counted(found: dict[str, str | None], durations: Durations) -> tuple[int, str]:
    for at, counted in enumerate(durations.fixed.values()):
        if found[f"fixed{at}"]:
            return counted
    unit = next(unit for unit in durations.units if found[unit])
    number = found["number"] or ""
    return (int(number) if number.isdigit() else _number(number, durations)), unit


def _number(word: str, durations: Durations) -> int:
    return next((value for known, value in durations.numbers.items() if _plain(known) == word), 0)


def _since(brief: Brief, known: Language) -> str:
    source = folded(brief.text[:_READ_AT_MOST])
    match = known.since.search(source.text)
    if not match:
        return ""
    start, end = source.span(*match.span())
    words = brief.text[start:end].split()
    if known.pack.durations.names_capital and len(words) == 2 and words[1].lower() != "yesterday":
        words[1] = words[1].capitalize()
    return " ".join([words[0].lower(), *words[1:]])
