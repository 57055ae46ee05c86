"""The rows the judge learns from: which sets, how many rows of each, and what each is allowed to teach."""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from monitor.classifiers.training.recipes import (
    ENGLISH,
    NONCOMMERCIAL,
    OTHERS,
    OWN,
    OWN_FLAGS,
    OWN_NOISE,
    OWN_PAIRS,
    TURKISH_LETTERS,
    Recipe,
)
from monitor.classifiers.training.variation import some_sentences, vary
from monitor.domain.cleaning import clean
from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Flag, Kind
from monitor.domain.signals import find_flags, find_topics, tell_kind

UNKNOWN: Final = -1
SENTIMENTS: Final = ("negative", "neutral", "positive")
KINDS: Final = tuple(Kind)
TOPIC_NAMES: Final = tuple(TOPICS)
NOISES: Final = ("", "spam", "giveaway", "job", "news", "joke", "lyrics", "other_meaning", "own_post")
FLAG_NAMES: Final = tuple(Flag)
_NO_TOPICS, _NO_FLAGS = (UNKNOWN,) * len(TOPIC_NAMES), (UNKNOWN,) * len(FLAG_NAMES)
_HELD_BACK = (
    5  # one flagged text or pair in so many is never learned from: to set points, and to see what was understood
)
_RULES_SAY = 0.3  # weight of what word lists say of a text
_SEVERITIES = {"no explicit reproach": 0, "disapproval": 1, "accusation": 2, "blame": 3}
_PICTOGRAPHS = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_OWN_TEXTS = Path(__file__).with_name("texts")

Raw = Mapping[str, Any]


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
    needs_reply: int = UNKNOWN  # 0 or 1
    kind: int = UNKNOWN  # index into KINDS
    topics: tuple[int, ...] = _NO_TOPICS  # 0 or 1 for each of TOPIC_NAMES
    noise: int = UNKNOWN  # index into NOISES
    flags: tuple[int, ...] = _NO_FLAGS  # 0 or 1 for each of FLAG_NAMES
    twin: str = ""  # the same for the two posts of a pair
    sure: float = 1.0  # how far to trust the five above: a person's label 1, the rules' less


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a gzip JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def training_rows(data: Path, seed: int, *, noncommercial: bool = False) -> list[Row]:
    """Return one pass over everything, drawn and shuffled with `seed`."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for source, recipe in (ENGLISH | NONCOMMERCIAL if noncommercial else ENGLISH).items():
        rows += _draw(read(data / "en" / f"{source}.train.jsonl.gz"), recipe, chance)
    for lang, recipes in OTHERS.items():
        by_source = list(read(data / "multi" / f"{lang}.train.jsonl.gz"))
        for source, recipe in recipes.items():
            rows += _draw((raw for raw in by_source if raw["source"] == source), recipe, chance)
    rows += _draw(read(data / "multi" / "complaints_only_tr.train.jsonl.gz"), TURKISH_LETTERS, chance)
    rows += _draw(own_texts(), OWN, chance)
    rows += _draw(noise_texts(), OWN_NOISE, chance)
    rows += _draw((raw for raw in pair_texts() if not _held_back(_pair(raw))), OWN_PAIRS, chance)
    rows += _draw((raw for raw in flag_texts() if not _held_back(raw["text"])), OWN_FLAGS, chance)
    units = together(rows)
    chance.shuffle(units)
    return [rows[i] for unit in units for i in unit]


def together(rows: list[Row]) -> list[list[int]]:
    """Return the places of rows that belong in one batch: twins, or one alone.

    Side by side, what twins share says nothing, and only the difference teaches.
    """
    units: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        units.setdefault(row.twin or str(place), []).append(place)
    return list(units.values())


def own_texts() -> list[Raw]:
    """Return the texts written for this project, in 14 languages, labelled for every head."""
    return _written(_OWN_TEXTS, "own")


def pair_texts() -> list[Raw]:
    """Return pairs written for this project: a calm complaint, and nearly the same words where nothing went wrong."""
    return [{**raw, "twin": _pair(raw)} for raw in _written(_OWN_TEXTS / "pairs", "own")]


def noise_texts() -> list[Raw]:
    """Return pairs written for this project: noise that sounds like a complaint, and nearly the same words as one."""
    return [{**raw, "twin": f"noise {_pair(raw)}"} for raw in _written(_OWN_TEXTS / "noise", "own")]


def flag_texts() -> list[Raw]:
    """Return the texts written for this project that say which urgent flags they carry, none included."""
    return _written(_OWN_TEXTS / "flags", "own_flags")


def flag_dev_rows() -> list[Row]:
    """Return the flagged texts that are never learned from."""
    return [_row(raw, OWN_FLAGS) for raw in flag_texts() if _held_back(raw["text"])]


def _written(folder: Path, source: str) -> list[Raw]:
    lines = chain.from_iterable(path.read_text("utf-8").splitlines() for path in sorted(folder.glob("*.jsonl")))
    return [{"source": source, **json.loads(line)} for line in lines if line.strip()]


def _held_back(key: str) -> bool:
    return hashlib.sha256(key.encode()).digest()[0] % _HELD_BACK == 0


def _pair(raw: Raw) -> str:
    return f"{raw['lang']} {raw['pair']}"  # both posts of a pair are held back, or neither


def dev_rows(data: Path, name: str) -> list[Row]:
    """Return a development part, e.g. "en/xfincorp" or "multi/pl", with the labels its recipe gives."""
    recipes = ENGLISH | NONCOMMERCIAL if name.startswith("en/") else OTHERS[name.removeprefix("multi/")]
    raws = read(data / f"{name}.dev.jsonl.gz")
    return [_row(raw, recipes.get(str(raw["source"]), Recipe(0))) for raw in raws]


def _draw(raws: Iterable[Raw], recipe: Recipe, chance: random.Random) -> list[Row]:
    raws = [raw for raw in raws if raw["text"].strip()]
    chance.shuffle(raws)
    rows = [_row(raw, recipe) for raw in raws[: recipe.rows]]
    change: Callable[[str, str, random.Random], str] = some_sentences if recipe.split else vary
    return [
        replace(row, text=change(row.text, row.lang, chance), twin=row.twin and f"{row.twin} {time}")
        for row in rows
        if row.text
        for time in range(recipe.repeat)
    ]


def _row(raw: Raw, recipe: Recipe) -> Row:
    text = clean(str(raw["text"]))
    if recipe.plain:
        text = " ".join(_PICTOGRAPHS.sub("", text).replace("http", " ").split())
    sentiment = _sentiment(raw)
    row = Row(
        text=text,
        source=str(raw["source"]),
        lang=str(raw["lang"]),
        complaint=_complaint(raw, recipe, sentiment),
        weight=recipe.weight,
        sentiment=sentiment,
        has_neutral=recipe.has_neutral,
        severity=_severity(raw),
    )
    if row.source == "own_flags":
        return replace(row, flags=tuple(int(flag in raw["flags"]) for flag in FLAG_NAMES))
    return _told(row, raw) if row.source == "own" else _guessed(row)


def _told(row: Row, raw: Raw) -> Row:
    """Add what a person said of it."""
    named, noise = raw.get("topics"), raw.get("noise")
    return replace(
        row,
        # A complaint that only states what happened is negative to one reader and neutral to the next.
        sentiment=UNKNOWN if row.severity == 0 else row.sentiment,
        kind=KINDS.index(raw["kind"]) if "kind" in raw else UNKNOWN,
        needs_reply=int(raw["needs_reply"]) if "needs_reply" in raw else UNKNOWN,
        topics=_NO_TOPICS if named is None else tuple(int(topic in named) for topic in TOPIC_NAMES),
        noise=NOISES.index(noise) if noise in NOISES else UNKNOWN,
        twin=str(raw.get("twin", "")),
    )


def _guessed(row: Row) -> Row:
    """Add what word lists say: rough, but in every language and of texts that people wrote in earnest."""
    if row.complaint == UNKNOWN:
        return row
    kind = tell_kind(row.text, is_complaint=bool(row.complaint))
    named = find_topics(row.text) if row.complaint else ()
    return replace(
        row,
        kind=KINDS.index(kind),
        needs_reply=int(kind is not Kind.NONE),
        topics=tuple(int(topic in named) for topic in TOPIC_NAMES) if set(named) - {"other"} else _NO_TOPICS,
        noise=NOISES.index("") if row.complaint else UNKNOWN,
        flags=_NO_FLAGS if find_flags(row.text, {row.lang}) else (0,) * len(FLAG_NAMES),
        sure=_RULES_SAY,
    )


def _complaint(raw: Raw, recipe: Recipe, sentiment: int) -> int:
    if "complaint" in raw:
        return int(raw["complaint"])
    if raw["label"] in {"complaint", "not_complaint"}:
        return int(raw["label"] == "complaint")
    if raw["source"] == "corporate_messaging":
        return 0
    return recipe.silver[sentiment] if sentiment != UNKNOWN else UNKNOWN


def _severity(raw: Raw) -> int:
    if isinstance(raw.get("severity"), int) and raw["source"] == "own":
        return int(raw["severity"])
    return _SEVERITIES.get(str(raw.get("severity_name", "")).lower(), UNKNOWN)


def _sentiment(raw: Raw) -> int:
    if "sentiment_id" in raw:
        return int(str(raw["sentiment_id"]))
    said = raw.get("sentiment") or raw.get("sentiment_xci") or raw.get("label")
    return SENTIMENTS.index(str(said)) if said in SENTIMENTS else UNKNOWN
