"""How much of a reply was already said to somebody else."""

import re
from collections.abc import Iterable
from functools import lru_cache

from responders.bar.words import folded

# A reply that shares three fifths of its three-word runs with an earlier one reads as the same text with the names
# changed. Two replies on one subject by the same person share about a fifth.
TOO_CLOSE = 0.6
_RUN = 3  # words
_MASKED = re.compile(r"https?://\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+|@[\w.@-]+|u/[\w-]+|\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=1024)
def _runs(text: str) -> frozenset[str]:
    words = _WORD.findall(_MASKED.sub(" 0 ", folded(text).text))
    return frozenset(" ".join(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def closeness(text: str, earlier: str) -> float:
    """Give the share (0 to 1) of the text's three-word runs that the earlier text has too; handles and numbers masked."""
    runs = _runs(text)
    return len(runs & _runs(earlier)) / len(runs)


def closest(text: str, told_others: Iterable[str]) -> float:
    """Give the closeness to the nearest of our earlier replies; 0.0 where there is none."""
    return max((closeness(text, earlier) for earlier in told_others), default=0.0)
