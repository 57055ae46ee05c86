"""Writing a text as people in a hurry do, so that the judge does not lean on capitals, accents or full stops."""

import random
import re
import unicodedata

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_HANDLE = re.compile(r"@\w+")
_WORD = re.compile(r"[^\W\d_]{5,}")
_STRIPPED = {"pl", "el", "fr", "es", "pt", "it", "tr", "de"}  # often typed without accents
_LETTERS_OF_A_LETTER = 240


def vary(text: str, lang: str, chance: random.Random) -> str:
    """Return the text, sometimes without capitals, accents, a full stop or a handle, sometimes with a slip."""
    if chance.random() < 0.15:
        text = text.lower()
    if chance.random() < 0.1:
        text = text.rstrip(" .")
    if lang in _STRIPPED and chance.random() < 0.12:
        text = without_accents(text)
    if chance.random() < 0.2:
        text = _HANDLE.sub("@user", text)
    if chance.random() < 0.08:
        text = _slip(text, chance)
    return text.strip() or "."


def some_sentences(text: str, lang: str, chance: random.Random) -> str:
    """Return two sentences in a row of a long letter."""
    del lang  # the same for every language
    sentences = _SENTENCE_END.split(text)
    start = chance.randrange(max(1, len(sentences) - 1))
    return " ".join(sentences[start : start + 2])[:_LETTERS_OF_A_LETTER]


def without_accents(text: str) -> str:
    """Return the letters without the marks above and below them."""
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain.replace("ł", "l").replace("Ł", "L").replace("ı", "i"))


def _slip(text: str, chance: random.Random) -> str:
    """Swap two letters inside one longer word."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    at = chance.choice(words).start() + chance.randrange(1, 3)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
