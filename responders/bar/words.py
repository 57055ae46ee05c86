"""Searching for words in a text however people type them."""

import re
from collections.abc import Iterable
from functools import lru_cache
from re import Pattern

from monitor.domain.folding import Folded, fold


@lru_cache(maxsize=256)
def folded(text: str) -> Folded:
    """Fold a text once for all the rules that look at it."""
    return fold(text)


def pattern(alternatives: Iterable[str]) -> Pattern[str]:
    """Compile alternatives to be searched in folded texts, each from the start of a word.

    They may be written with accents; escapes in lower case. Arabic particles may be grown onto the word.
    """
    plain = (fold(one).text.removeprefix(r"\b").replace(" ?", r"\s*").replace(" ", r"\s+") for one in alternatives)
    # One word boundary before all branches, instead of one in each, makes the search several times faster.
    return re.compile(rf"\b[وفبلک]{{0,2}}(?:{joined})" if (joined := "|".join(plain)) else r"(?!)")
