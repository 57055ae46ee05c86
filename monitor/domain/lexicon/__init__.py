"""Words that set flags, kinds and topics, in the languages Amends watches."""

from monitor.domain.lexicon import ar, de, el, en, es, fa, fr, hi, it, nl, pl, pt, ru, tr
from monitor.domain.lexicon.asking import QUESTIONS, THANKS, TOPICS
from monitor.domain.lexicon.common import RULES as COMMON

FLAGS: dict[str, str] = {
    "en": en.RULES,
    "pl": pl.RULES,
    "el": el.RULES,
    "fa": fa.RULES,
    "ar": ar.RULES,
    "de": de.RULES,
    "fr": fr.RULES,
    "es": es.RULES,
    "it": it.RULES,
    "pt": pt.RULES,
    "nl": nl.RULES,
    "tr": tr.RULES,
    "ru": ru.RULES,
    "hi": hi.RULES,
}

__all__ = ["COMMON", "FLAGS", "QUESTIONS", "THANKS", "TOPICS"]
