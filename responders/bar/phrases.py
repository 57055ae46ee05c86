"""What the bar knows about one language: how people apologise, evade, blame and promise in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from re import Pattern

from responders.bar.words import pattern

LANGUAGES = {lang: f"responders.bar.languages.{lang}" for lang in ("en", "pl", "el", "fa", "ar")}


@dataclass(frozen=True, slots=True)
class Phrases:
    """Regular expressions over folded text: write them with accents as usual, escapes in lower case."""

    regret: tuple[str, ...]
    explanation: tuple[str, ...]
    responsibility: tuple[str, ...]
    repair: tuple[str, ...]
    thanks: tuple[str, ...]
    non_apology: tuple[str, ...]
    blame: tuple[str, ...]
    deletion: tuple[str, ...]
    defensive: tuple[str, ...]
    elsewhere: tuple[str, ...]
    stiff: tuple[str, ...]
    admission: tuple[str, ...]
    promises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # refund, replacement, voucher, ...


@dataclass(frozen=True, slots=True)
class Compiled:
    """The same, ready to search."""

    regret: Pattern[str]
    explanation: Pattern[str]
    responsibility: Pattern[str]
    repair: Pattern[str]
    thanks: Pattern[str]
    non_apology: Pattern[str]
    blame: Pattern[str]
    deletion: Pattern[str]
    defensive: Pattern[str]
    elsewhere: Pattern[str]
    stiff: Pattern[str]
    admission: Pattern[str]
    promises: Mapping[str, Pattern[str]]


def phrases_for(lang: str) -> Compiled | None:
    """Give what the bar knows about a language, or None: then the checks that need words stay silent."""
    return _compiled(lang) if lang in LANGUAGES else None


@lru_cache
def _compiled(lang: str) -> Compiled:
    phrases: Phrases = import_module(LANGUAGES[lang]).PHRASES
    lists = {name: getattr(phrases, name) for name in Compiled.__slots__ if name != "promises"}
    promises = {kind: pattern(alternatives) for kind, alternatives in phrases.promises.items()}
    return Compiled(**{name: pattern(alternatives) for name, alternatives in lists.items()}, promises=promises)
