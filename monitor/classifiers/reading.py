"""The language of a post: by its script where that decides, by letter statistics (py3langid) otherwise."""

import re
from functools import cache
from typing import Any

from monitor.domain.cleaning import clean
from monitor.domain.language import UNDETERMINED, arabic_script, cyrillic, script_of

LATIN = ("en", "pl", "de", "fr", "es", "it", "pt", "tr", "nl")
_NEIGHBOURS = ("cs", "ro", "hu", "sv", "da", "no", "fi", "id", "vi", "hr", "sk")  # to say so rather than call it English
_ARABIC_SCRIPT = ("ar", "fa", "ur")
_SURE = 0.9
_LIKELY = 0.6
_GUESS = 0.3
_NOT_WORDS = re.compile(r"http|@user|<\w+>|#\w+|\d+")


def identify(text: str, hint: str = "") -> str:
    """Return ISO 639-1 of `text`, or "und" without letters. `hint` (the platform's guess) decides when unsure."""
    words = _NOT_WORDS.sub(" ", clean(text[:2_000]))
    script, hint = script_of(words), hint[:2].lower()
    if script is None:
        return UNDETERMINED
    if script == "ru":
        return cyrillic(words)
    if script == "ar":
        return _among(words, _ARABIC_SCRIPT, arabic_script(words) or hint)
    return script or _latin(words, hint)


def _latin(words: str, hint: str) -> str:
    found = _among(words, LATIN + _NEIGHBOURS, "", least=_SURE)
    return found if found in _NEIGHBOURS else _among(words, LATIN, hint)


def _among(words: str, languages: tuple[str, ...], fallback: str, least: float = _LIKELY) -> str:
    """Return the likeliest of `languages`; when that is not sure enough `fallback`, if it is one of them."""
    lang, probability = _identifier(languages).classify(words)
    if probability >= least:
        return str(lang)
    if fallback in languages:
        return fallback
    return str(lang) if probability >= _GUESS else UNDETERMINED


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(languages))
    return identifier
