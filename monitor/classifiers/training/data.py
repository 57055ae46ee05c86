"""The rows the judge learns from: which sets, how many rows of each, and what each is allowed to teach."""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from monitor.domain.cleaning import clean

UNKNOWN = -1
SENTIMENTS = ("negative", "neutral", "positive")
_SEVERITIES = {"no explicit reproach": 0, "disapproval": 1, "accusation": 2, "blame": 3}
_PICTOGRAPHS = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_OWN_TEXTS = Path(__file__).with_name("own_texts.jsonl")


@dataclass(frozen=True, slots=True)
class Row:
    """A text and what is known of it. -1 stands for not known."""

    text: str
    source: str
    lang: str
    complaint: int = UNKNOWN  # 0 or 1
    weight: float = 1.0  # how far to trust the complaint label
    sentiment: int = UNKNOWN  # index into SENTIMENTS
    has_neutral: bool = True  # False: the source has no neutral class, so that logit is masked
    severity: int = UNKNOWN  # 0 to 3, complaints only


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a set is used. `silver` maps a sentiment to a complaint label where the set has no better one."""

    rows: int  # at most so many for each pass
    repeat: int = 1
    weight: float = 1.0
    silver: tuple[int, int, int] = (UNKNOWN, UNKNOWN, UNKNOWN)  # negative, neutral, positive
    plain: bool = False  # links and pictographs give the label away in this set: take them out
    split: bool = False  # long letters: use a few sentences
    has_neutral: bool = True


_CUSTOMER = (1, 0, 0)  # to a company: unhappy is a complaint
_PUBLIC = (UNKNOWN, 0, 0)  # about anything: unhappy may be about the weather

# Left out: sets whose terms forbid commercial use, and apple_dfe, kept to measure a source never learned from.
ENGLISH = {
    "complaints_acl2019": Recipe(3000, repeat=4, plain=True),
    "xfincorp": Recipe(5000, plain=True),
    "cesamard_reviews": Recipe(3000),
    "android_app_reviews": Recipe(2500, weight=0.4, silver=_CUSTOMER, has_neutral=False),
    "brand_emotions_sxsw": Recipe(1500, weight=0.5, silver=(UNKNOWN, 0, 0)),
    "uci_sentences": Recipe(800, weight=0.3, silver=_CUSTOMER, has_neutral=False),
    "tweeteval_sentiment": Recipe(7000, weight=0.4, silver=_PUBLIC),
    "corporate_messaging": Recipe(500, weight=0.5),
}
OTHERS = {
    "pl": {
        "wccrs_hotels": Recipe(3500, weight=0.6, silver=_CUSTOMER),
        "wccrs_medicine": Recipe(3000, weight=0.4, silver=_CUSTOMER),
        "mozetic_twitter": Recipe(1500, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "wust2k20_twitter": Recipe(1500, weight=0.3, silver=_PUBLIC),
        "xed": Recipe(500, has_neutral=False),
    },
    "el": {
        "skroutz_shop_reviews": Recipe(4600, weight=0.8, silver=_CUSTOMER, has_neutral=False),
        "greek_bank_tweets": Recipe(3500, weight=0.5, silver=_CUSTOMER),
        "xed": Recipe(800, has_neutral=False),
    },
    "fa": {
        "snappfood": Recipe(5500, weight=0.8, silver=_CUSTOMER, has_neutral=False),
        "deepsentipers": Recipe(3000, weight=0.4, silver=_CUSTOMER),
        "xed": Recipe(300, has_neutral=False),
    },
    "ar": {
        "saudi_bank_tweets": Recipe(5000, weight=0.8, silver=_CUSTOMER),
        "marsa_tech": Recipe(1500, weight=0.5, silver=_CUSTOMER),
        "elsahar_res1": Recipe(1200, weight=0.5, silver=_CUSTOMER, has_neutral=False),
        "elsahar_prod": Recipe(600, weight=0.5, silver=_CUSTOMER),
        "arsarcasm_v2": Recipe(2500, weight=0.3, silver=_PUBLIC),
        "umsab": Recipe(1200, weight=0.3, silver=_PUBLIC),
        "ajgt": Recipe(500, weight=0.3, silver=_PUBLIC, has_neutral=False),
    },
    "de": {
        "germeval2017": Recipe(2100, weight=0.7, silver=_CUSTOMER),
        "umsab": Recipe(1800, weight=0.3, silver=_PUBLIC),
        "potts": Recipe(1200, weight=0.3, silver=_PUBLIC),
        "mozetic_twitter": Recipe(600, weight=0.3, silver=_PUBLIC, has_neutral=False),
    },
    "fr": {"umsab": Recipe(1800, weight=0.3, silver=_PUBLIC), "xed": Recipe(700, has_neutral=False)},
    "es": {"umsab": Recipe(1800, weight=0.3, silver=_PUBLIC), "xed": Recipe(700, has_neutral=False)},
    "it": {"umsab": Recipe(1800, weight=0.3, silver=_PUBLIC), "xed": Recipe(700, has_neutral=False)},
    "pt": {"umsab": Recipe(1800, weight=0.3, silver=_PUBLIC), "xed": Recipe(500, has_neutral=False)},
    "hi": {"umsab": Recipe(1800, weight=0.3, silver=_PUBLIC)},
    "nl": {"xed": Recipe(1200, has_neutral=False)},
    "tr": {
        "tr_tweetset": Recipe(1800, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "tr_emotion_tweets": Recipe(600, has_neutral=False),
        "xed": Recipe(400, has_neutral=False),
    },
    "ru": {
        "mozetic_twitter": Recipe(1800, weight=0.3, silver=_PUBLIC, has_neutral=False),
        "xed": Recipe(400, has_neutral=False),
    },
}
_TURKISH_LETTERS = Recipe(1500, weight=0.5, silver=_CUSTOMER, split=True)
_OWN = Recipe(10_000, repeat=6)


def read(path: Path) -> Iterator[dict[str, object]]:
    """Yield the objects of a gzip JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def training_rows(data: Path, seed: int) -> list[Row]:
    """Return one pass over everything, drawn and shuffled with `seed`."""
    chance = random.Random(seed)
    rows = list(_english(data, chance))
    for lang, recipes in OTHERS.items():
        by_source = list(read(data / "multi" / f"{lang}.train.jsonl.gz"))
        for source, recipe in recipes.items():
            rows += _draw((raw for raw in by_source if raw["source"] == source), recipe, chance)
    rows += _draw(read(data / "multi" / "complaints_only_tr.train.jsonl.gz"), _TURKISH_LETTERS, chance)
    rows += _draw(own_texts(), _OWN, chance)
    chance.shuffle(rows)
    return rows


def own_texts() -> list[dict[str, object]]:
    """Return the texts written for this project: polite complaints, questions, thanks, small talk."""
    return [json.loads(line) for line in _OWN_TEXTS.read_text("utf-8").splitlines() if line.strip()]


def dev_rows(data: Path, name: str) -> list[Row]:
    """Return a development part, e.g. "en/xfincorp" or "multi/pl", with the labels its recipe gives."""
    recipes = ENGLISH if name.startswith("en/") else OTHERS[name.removeprefix("multi/")]
    raws = read(data / f"{name}.dev.jsonl.gz")
    return [_row(raw, recipes.get(str(raw["source"]), Recipe(0))) for raw in raws]


def _english(data: Path, chance: random.Random) -> Iterator[Row]:
    for source, recipe in ENGLISH.items():
        yield from _draw(read(data / "en" / f"{source}.train.jsonl.gz"), recipe, chance)


def _draw(raws: Iterable[dict[str, object]], recipe: Recipe, chance: random.Random) -> list[Row]:
    rows = [row for raw in raws if (row := _row(raw, recipe)).text]
    chance.shuffle(rows)
    prepare = partial(_some_sentences, chance=chance) if recipe.split else _vary_for(chance)
    return [prepare(row) for row in rows[: recipe.rows] for _ in range(recipe.repeat)]


def _vary_for(chance: random.Random) -> partial[Row]:
    return partial(_vary, chance=chance)


def _vary(row: Row, chance: random.Random) -> Row:
    """Sometimes write it as people in a hurry do: no capitals, or no full stop at the end."""
    text = row.text.lower() if chance.random() < 0.15 else row.text
    return replace(row, text=text.rstrip(" .") if chance.random() < 0.1 else text)


def _some_sentences(row: Row, chance: random.Random) -> Row:
    sentences = _SENTENCE_END.split(row.text)
    start = chance.randrange(max(1, len(sentences) - 2))
    return replace(row, text=" ".join(sentences[start : start + 2])[:240])


def _row(raw: dict[str, object], recipe: Recipe) -> Row:
    sentiment = _sentiment(raw)
    text = clean(str(raw["text"]))
    return Row(
        text=" ".join(_PICTOGRAPHS.sub("", text).replace("http", " ").split()) if recipe.plain else text,
        source=str(raw["source"]),
        lang=str(raw["lang"]),
        complaint=_complaint(raw, recipe, sentiment),
        weight=recipe.weight,
        sentiment=sentiment,
        has_neutral=recipe.has_neutral,
        severity=_SEVERITIES.get(str(raw.get("severity_name", "")).lower(), UNKNOWN),
    )


def _complaint(raw: dict[str, object], recipe: Recipe, sentiment: int) -> int:
    if raw["label"] in {"complaint", "not_complaint"}:
        return int(raw["label"] == "complaint")
    if raw["source"] == "corporate_messaging":
        return 0
    return recipe.silver[sentiment] if sentiment != UNKNOWN else UNKNOWN


def _sentiment(raw: dict[str, object]) -> int:
    if "sentiment_id" in raw:
        return int(str(raw["sentiment_id"]))
    said = raw.get("sentiment") or raw.get("sentiment_xci") or raw["label"]
    return SENTIMENTS.index(str(said)) if said in SENTIMENTS else UNKNOWN
