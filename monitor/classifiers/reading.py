"""The language of a post: by its script where that decides, by letter statistics (py3langid) otherwise."""

import re
from functools import lru_cache
from typing import Any

from monitor.domain.cleaning import clean
from monitor.domain.language import UNDETERMINED, arabic_script, cyrillic, script_of, scripts_in

LATIN = ("en", "pl", "de", "fr", "es", "it", "pt", "tr", "nl")
_NEIGHBOURS = (
    "cs",
    "ro",
    "hu",
    "sv",
    "da",
    "no",
    "fi",
    "id",
    "vi",
    "hr",
    "sk",
)  # to say so rather than call it English
_ARABIC_SCRIPT = ("ar", "fa", "ur")
_SURE = 0.9
_LIKELY = 0.6
_GUESS = 0.3
_PLAUSIBLE = 0.03
_OFTEN_IN_LATIN = frozenset({"el", "fa", "ar", "hi", "ru"})  # typed in Latin letters where the keyboard has no others
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


def languages_in(text: str, hint: str = "") -> frozenset[str]:
    """Return the languages that `text`, or a part of it, may be in: more than one where the letters do not decide."""
    words = _NOT_WORDS.sub(" ", clean(text[:2_000]))
    found = scripts_in(words)
    if "ar" in found:
        found.add("fa")
    if "" in found:
        shares = _shares(words)
        found |= {lang for lang in LATIN if shares[lang] >= _PLAUSIBLE or lang == hint[:2].lower()} | _OFTEN_IN_LATIN
    return frozenset(found - {""})


def _latin(words: str, hint: str) -> str:
    shares = _shares(words)
    neighbour = max(_NEIGHBOURS, key=shares.__getitem__)
    return neighbour if shares[neighbour] >= _SURE else _among(words, LATIN, hint)


def _among(words: str, languages: tuple[str, ...], fallback: str) -> str:
    """Return the likeliest of `languages`; when that is not sure enough `fallback`, if it is one of them."""
    shares = _shares(words)
    lang = max(languages, key=shares.__getitem__)
    share = shares[lang] / (sum(shares[other] for other in languages) or 1)
    if share >= _LIKELY:
        return lang
    if fallback in languages:
        return fallback
    return lang if share >= _GUESS else UNDETERMINED


@lru_cache(maxsize=1)
def _shares(words: str) -> dict[str, float]:
    """Return the probability of each language; they sum to one."""
    return {lang: float(share) for lang, share in _identifier().rank(words)}


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LATIN, *_NEIGHBOURS, *_ARABIC_SCRIPT])
    return identifier
