"""What the composing drafter needs of a language: one `Pack`, in one file, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that goes wrong, and how it is called.

    `things` are noun phrases in the nominative that can open a sentence or stand after a colon. They name what the
    customer tells of and admit nothing. A topic without `words` is found by the classifier's name for it alone.
    """

    name: str
    things: tuple[str, ...]
    words: tuple[str, ...] = ()  # regular expressions over folded text, see responders.bar.words.pattern


@dataclass(frozen=True, slots=True)
class Durations:
    """How a language counts time, and how people say that they are still waiting."""

    units: Mapping[str, str]  # "day" -> regular expression of the customer's words for it
    forms: Mapping[str, tuple[str, ...]]  # "day" -> our words, one a plural form, "{n} days"
    form: Callable[[int], int]  # number -> which of the forms
    numbers: Mapping[str, int]  # number words
    before: str  # what stands before a duration that was spent waiting
    after: str  # ... or after it
    since: str  # "since Monday", quoted as the customer wrote it
    fixed: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # words that stand without a number: يومين
    digits: str = "0123456789"
    names_capital: bool = False  # days and months are written with a capital


@dataclass(frozen=True, slots=True)
class Pack:
    """A language. In every line `[a|b]` means informal `a`, formal `b`.

    Places to fill: {thing} and {Thing}, {about}, {span}, {since}, {contact}, {fact}, {brand}.
    """

    lang: str
    topics: tuple[Topic, ...]  # the first whose words are found is answered first
    both: str  # joins two things, {one} and {two}
    about: tuple[tuple[str, str], ...]  # (words of the customer, "about the oven")
    again: str  # how people say that it was not the first time
    durations: Durations
    lines: Mapping[str, tuple[str, ...]]  # a part of a reply -> ways to say it; the parts are named in composing.py
