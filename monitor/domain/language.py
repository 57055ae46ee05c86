"""Which language a text is in, as far as its letters alone can tell."""

import re

_SCRIPTS = {
    "el": re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0620-\u06ff]"),
}


def by_script(text: str) -> str:
    """Return a language its script gives away, or ""."""
    best = max(_SCRIPTS, key=lambda lang: len(_SCRIPTS[lang].findall(text)))
    return best if _SCRIPTS[best].search(text) else ""
