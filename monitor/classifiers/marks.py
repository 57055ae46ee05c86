"""Which words of a post set a flag that the network raised."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.domain.records import Span

_AT_MOST = 5  # words


def strongest(text: str, cleaned: str, pieces: Sequence[tuple[int, int]], marks: NDArray[np.float32]) -> Span:
    """Return the run of words, in `text`, that speaks loudest for a flag.

    `pieces` are [start, end) in the text as the model read it, `marks` (pieces,) how far each speaks for the flag.
    The run is the one whose marks, less their mean, add up to most: at most five words. Where its first and last
    word cannot be found in the post (a handle, say), the whole post is named.
    """
    words = _words(cleaned)
    loud = np.zeros(len(words))
    level = float(np.mean(marks))
    for (start, end), mark in zip(pieces, marks, strict=False):
        for place, (first, last) in enumerate(words):
            if start < end and first <= start < last:
                loud[place] += float(mark) - level
    best = max(_runs(len(words)), key=lambda run: float(loud[run[0] : run[1]].sum()), default=(0, 0))
    said = [cleaned[start:end] for start, end in words[best[0] : best[1]]]
    return _found(text, said)


def _words(cleaned: str) -> list[tuple[int, int]]:
    places, at = [], 0
    for word in cleaned.split():
        start = cleaned.index(word, at)
        at = start + len(word)
        places.append((start, at))
    return places


def _runs(count: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(count) for j in range(i + 1, min(i + _AT_MOST, count) + 1)]


def _found(text: str, said: list[str]) -> Span:
    run = r"\s+".join(map(re.escape, said))
    whole = re.search(rf"(?<!\w){run}(?!\w)", text) if said else None
    if whole:
        return _to_spaces(text, *whole.span())
    start = text.find(said[0]) if said else -1
    end = text.find(said[-1], start) if start >= 0 else -1
    if start < 0 or end < 0:
        return Span(0, len(text))
    return _to_spaces(text, start, end + len(said[-1]))


def _to_spaces(text: str, start: int, end: int) -> Span:
    start = next((i + 1 for i in range(start - 1, -1, -1) if text[i].isspace()), 0)
    return Span(start, next((i for i in range(end, len(text)) if text[i].isspace()), len(text)))
