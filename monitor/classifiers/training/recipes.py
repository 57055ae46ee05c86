"""How much of each set the judge learns from, and what that set may teach."""

from dataclasses import dataclass
from typing import Final

_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a set is used. `silver` maps a sentiment to a complaint label where the set has no better one."""

    rows: int  # at most so many for each pass
    repeat: int = 1
    weight: float = 1.0
    silver: tuple[int, int, int] = (_UNKNOWN, _UNKNOWN, _UNKNOWN)  # negative, neutral, positive
    plain: bool = False  # links and pictographs give the label away in this set: take them out
    split: bool = False  # long letters: use a few sentences
    has_neutral: bool = True


_CUSTOMER: Final = (1, 0, 0)  # to a company: unhappy is a complaint
_PUBLIC: Final = (_UNKNOWN, 0, 0)  # about anything: unhappy may be about the weather

# Left out: sets whose terms forbid commercial use, and apple_dfe, kept to measure a source never learned from.
ENGLISH: Final = {
    "complaints_acl2019": Recipe(3000, repeat=2, plain=True),
    "xfincorp": Recipe(5000, plain=True),
    "cesamard_reviews": Recipe(3000),
    "android_app_reviews": Recipe(4000, weight=0.4, silver=_CUSTOMER, has_neutral=False),
    "brand_emotions_sxsw": Recipe(3000, weight=0.5, silver=(_UNKNOWN, 0, 0)),
    "uci_sentences": Recipe(1500, weight=0.3, silver=_CUSTOMER, has_neutral=False),
    "tweeteval_sentiment": Recipe(24_000, weight=0.4, silver=_PUBLIC),
    "corporate_messaging": Recipe(1000, weight=0.5),
}
# Learned from only when asked for: their terms allow no commercial use.
NONCOMMERCIAL: Final = {"airline_us": Recipe(10_000, weight=0.8, silver=_CUSTOMER)}
OTHERS: Final = {
    "pl": {
        "wccrs_hotels": Recipe(9000, weight=0.6, silver=_CUSTOMER),
        "wccrs_medicine": Recipe(9000, weight=0.4, silver=_CUSTOMER),
        "mozetic_twitter": Recipe(4000, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "wust2k20_twitter": Recipe(2700, weight=0.3, silver=_PUBLIC),
        "xed": Recipe(500, has_neutral=False),
    },
    "el": {
        "skroutz_shop_reviews": Recipe(4600, weight=0.8, silver=_CUSTOMER, has_neutral=False),
        "greek_bank_tweets": Recipe(6000, weight=0.5, silver=_CUSTOMER),
        "xed": Recipe(800, has_neutral=False),
    },
    "fa": {
        "snappfood": Recipe(9900, weight=0.8, silver=_CUSTOMER, has_neutral=False),
        "deepsentipers": Recipe(4700, weight=0.4, silver=_CUSTOMER),
        "xed": Recipe(300, has_neutral=False),
    },
    "ar": {
        "saudi_bank_tweets": Recipe(6000, weight=0.8, silver=_CUSTOMER),
        "marsa_tech": Recipe(2200, weight=0.5, silver=_CUSTOMER),
        "marsa_sport": Recipe(4500, weight=0.3, silver=_PUBLIC),
        "marsa_social": Recipe(4500, weight=0.3, silver=_PUBLIC),
        "marsa_political": Recipe(3000, weight=0.3, silver=_PUBLIC),
        "elsahar_res1": Recipe(3000, weight=0.5, silver=_CUSTOMER, has_neutral=False),
        "elsahar_res2": Recipe(1300, weight=0.5, silver=_CUSTOMER),
        "elsahar_prod": Recipe(2100, weight=0.5, silver=_CUSTOMER),
        "arsarcasm_v2": Recipe(5000, weight=0.3, silver=_PUBLIC),
        "astd": Recipe(2500, weight=0.3, silver=_PUBLIC),
        "umsab": Recipe(1800, repeat=2, weight=0.3, silver=_PUBLIC),
        "ajgt": Recipe(900, weight=0.3, silver=_PUBLIC, has_neutral=False),
    },
    "de": {
        "germeval2017": Recipe(2100, weight=0.7, silver=_CUSTOMER),
        "umsab": Recipe(1900, repeat=2, weight=0.3, silver=_PUBLIC),
        "potts": Recipe(3500, weight=0.3, silver=_PUBLIC),
        "mozetic_twitter": Recipe(1500, weight=0.3, silver=_PUBLIC, has_neutral=False),
    },
    "fr": {
        "umsab": Recipe(1900, repeat=2, weight=0.3, silver=_PUBLIC),
        "xed": Recipe(800, has_neutral=False),
    },
    "es": {
        "umsab": Recipe(1900, repeat=2, weight=0.3, silver=_PUBLIC),
        "mozetic_twitter": Recipe(1500, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "xed": Recipe(800, has_neutral=False),
    },
    "it": {
        "umsab": Recipe(1900, repeat=2, weight=0.3, silver=_PUBLIC),
        "xed": Recipe(800, has_neutral=False),
    },
    "pt": {
        "umsab": Recipe(1900, repeat=2, weight=0.3, silver=_PUBLIC),
        "mozetic_twitter": Recipe(1500, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "xed": Recipe(600, has_neutral=False),
    },
    "hi": {"umsab": Recipe(1900, repeat=3, weight=0.3, silver=_PUBLIC)},
    "nl": {"xed": Recipe(1200, has_neutral=False)},
    "tr": {
        "tr_tweetset": Recipe(3000, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "tr_emotion_tweets": Recipe(1200, has_neutral=False),
        "xed": Recipe(600, has_neutral=False),
    },
    "ru": {
        "mozetic_twitter": Recipe(3000, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "xed": Recipe(700, has_neutral=False),
    },
}
TURKISH_LETTERS: Final = Recipe(1500, weight=0.5, silver=_CUSTOMER, split=True)
OWN: Final = Recipe(20_000, repeat=2)
OWN_PAIRS: Final = Recipe(40_000, repeat=4)
OWN_NOISE: Final = Recipe(20_000, repeat=6)
OWN_FLAGS: Final = Recipe(10_000, repeat=8)
