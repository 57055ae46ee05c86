"""Which words of a text made it a complaint: each is left out in turn."""

import re
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from monitor.classifiers.shifts import log_odds
from monitor.domain.records import Span

WORD: Final = re.compile(r"\S+")
_TRIED: Final = 64  # each costs a reading of the whole text
_LEAST_WEIGHT: Final = 0.1


def that_matter(text: str, complaints: Callable[[list[str]], Sequence[float]]) -> tuple[Span, ...]:
    """Return the words without which the text would read less like a complaint, strongest first.

    `complaints` gives the complaint probability of each of some texts.
    """
    words = list(islice(WORD.finditer(text), _TRIED))
    if not words:
        return ()
    left_out = (text[: word.start()] + text[word.end() :] for word in words)
    whole, *without = map(log_odds, complaints([text, *left_out]))
    drops = [max(0.0, whole - odds) for odds in without]
    most = max(*drops, 1e-6)
    spans = (Span(word.start(), word.end(), drop / most) for word, drop in zip(words, drops, strict=True))
    return tuple(sorted((span for span in spans if span.weight >= _LEAST_WEIGHT), key=lambda span: -span.weight))
