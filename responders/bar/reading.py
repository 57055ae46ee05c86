"""A reply made ready for the rules: folded, its language found, its findings pointed at the right code points."""

from collections.abc import Iterator
from dataclasses import dataclass
from re import Pattern

from monitor.domain.folding import Folded
from responders.bar.language import detect
from responders.bar.phrases import Compiled, phrases_for
from responders.bar.words import folded
from responders.ports import Brief, Finding, Level


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply and what the rules need to know of it."""

    text: str
    folded: Folded
    brief: Brief
    lang: str | None  # as detected; None: too short or mixed to tell
    phrases: Compiled | None  # of the language the reply is in; None: a language the bar has no words for

    @property
    def confirmed(self) -> bool:
        """Tell whether anything about the case is more than the customer's word."""
        return bool(self.brief.owner_answer) or any(fact.confirmed_by for fact in self.brief.facts)


def read(text: str, brief: Brief) -> Reading:
    """Prepare a reply. A text whose language cannot be told is taken to be in the language of the brief."""
    lang = detect(text)
    return Reading(text, folded(text), brief, lang, phrases_for(lang or brief.lang))


def flag(reading: Reading, found: Pattern[str], *, rule: str, level: Level, why: str, fix: str) -> Iterator[Finding]:
    """Make a finding of every place a pattern is found. `{words}` in `why` stands for the words found."""
    for match in found.finditer(reading.folded.text):
        start, end = reading.folded.span(*match.span())
        words = reading.text[start:end]
        yield Finding(rule, level, why.replace("{words}", words), fix, (start, end))
