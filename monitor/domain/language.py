"""Which language a text is in, as far as its letters alone can tell."""

import re
from collections import Counter

UNDETERMINED = "und"

# A script that one of our languages writes alone, or nearly so.
_SCRIPTS = {
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hi": "\u0900-\u097f",
    "ru": "\u0400-\u04ff",
    "ar": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "he": "\u0590-\u05ff",
    "th": "\u0e00-\u0e7f",
    "ko": "\uac00-\ud7af",
    "ja": "\u3040-\u30ff",
    "zh": "\u4e00-\u9fff",
    "": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
_SCRIPT_PATTERNS = {lang: re.compile(f"[{letters}]") for lang, letters in _SCRIPTS.items()}
_JAPANESE = _SCRIPT_PATTERNS["ja"]
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_RUSSIAN = re.compile("[ыэъёЫЭЪЁ]")
_PERSIAN = re.compile("[پچژگ]|[یک](?=\\w)")
_URDU = re.compile("[ٹڈڑںےہ]")
_ARABIC = re.compile("[ةيىكأإ]")


def script_of(text: str) -> str | None:
    """Return the language of the script most letters are in, "" for Latin letters, None when there are none."""
    counts = Counter({lang: len(pattern.findall(text)) for lang, pattern in _SCRIPT_PATTERNS.items()})
    script, count = counts.most_common(1)[0]
    if script == "zh" and _JAPANESE.search(text):
        return "ja"
    return script if count else None


def scripts_in(text: str) -> set[str]:
    """Return the languages of all scripts that the text has letters of, "" for Latin letters."""
    return {lang for lang, pattern in _SCRIPT_PATTERNS.items() if pattern.search(text)}


def cyrillic(text: str) -> str:
    """Tell Ukrainian from Russian by the letters only one of them has."""
    return "uk" if len(_UKRAINIAN.findall(text)) > len(_RUSSIAN.findall(text)) else "ru"


def arabic_script(text: str) -> str:
    """Tell Persian, Urdu and Arabic by the letters only one of them types; "" when there is no such letter."""
    if _URDU.search(text):
        return "ur"
    persian, arabic = len(_PERSIAN.findall(text)), len(_ARABIC.findall(text))
    return "" if persian == arabic else "fa" if persian > arabic else "ar"
