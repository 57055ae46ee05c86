"""Folding a text so that one spelling of a word matches every way people type it, with the way back to the text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters that Unicode does not decompose, and those that Arabic and Persian keyboards write differently.
_LETTERS = str.maketrans(
    {"ł": "l", "ß": "ss", "ı": "i", "ø": "o", "æ": "ae", "ς": "σ"}
    | {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ـ": ""}
    | {"’": "'", "`": "'", "´": "'"},
)
_PROCLITICS = "(?:و?(?:ال|بال|لل)|[وفبلک])?"  # Arabic writes "and", "the", "with" and "to" onto the word
_ARABIC = re.compile(r"[\u0600-\u06ff]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `origin[i]` is where folded character i stands in the text it came from."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a non-empty folded [start, end) back to code points of the original text."""
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    lowered = unicodedata.normalize("NFKD", character).lower()
    kept = (c for c in lowered if not unicodedata.combining(c) and unicodedata.category(c) not in {"Cf", "Cc"})
    return "".join(kept).translate(_LETTERS) if character not in "\n\t\r" else " "


@lru_cache(maxsize=16)  # flags, topics, kind and severity each look at the same text
def fold(text: str) -> Folded:
    """Lower the case, drop accents and invisible characters, and unify letters typed in several ways."""
    pieces = [(folded, place) for place, character in enumerate(text) for folded in _fold_character(character)]
    return Folded("".join(piece for piece, _ in pieces), tuple(place for _, place in pieces))


def word_pattern(entries: str) -> re.Pattern[str]:
    """Compile a list of words, one or more a line, divided by commas; a final `*` matches any ending."""
    words = {fold(entry.strip()).text.strip() for line in entries.splitlines() for entry in line.split(",")} - {""}
    longest_first = sorted(words, key=len, reverse=True)  # so that a span covers the whole expression
    arabic = "|".join(_word(word) for word in longest_first if _ARABIC.search(word))
    other = "|".join(_word(word) for word in longest_first if not _ARABIC.search(word))
    branches = ([f"{_PROCLITICS}(?:{arabic})"] if arabic else []) + ([other] if other else [])
    return re.compile(rf"(?<!\w)(?:{'|'.join(branches)})")


def _word(word: str) -> str:
    stem = r"\s+".join(re.escape(part) for part in word.removesuffix("*").split())
    return stem + (r"\w*" if word.endswith("*") else r"(?!\w)")
