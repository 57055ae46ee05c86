"""The labelled posts a judge is measured on: which files, and what their labels mean here."""

import gzip
import json
import random
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from monitor.classifiers.training.data import SENTIMENTS, UNKNOWN
from monitor.classifiers.training.recipes import OTHERS, Recipe
from monitor.domain.errors import BadInput

_CUSTOMER: Final = (1, 0, 0)  # to a company: unhappy is taken for a complaint
_NO_RECIPE: Final = Recipe(0)
_ENGLISH: Final = {  # complaint by sentiment, where a set has no label of its own for it
    "complaints_acl2019": _NO_RECIPE,
    "xfincorp": _NO_RECIPE,
    "cesamard_reviews": _NO_RECIPE,
    "airline_us": Recipe(0, silver=_CUSTOMER),
    "apple_dfe": Recipe(0, silver=_CUSTOMER),
    "android_app_reviews": Recipe(0, silver=_CUSTOMER),
    "uci_sentences": Recipe(0, silver=_CUSTOMER),
    "brand_emotions_sxsw": _NO_RECIPE,
    "tweeteval_sentiment": _NO_RECIPE,
}
_SEVERITIES: Final = {"no explicit reproach": 0, "disapproval": 1, "accusation": 2, "blame": 3}
_SENTIMENT_IDS: Final = ("0", "1", "2", str(UNKNOWN))
_NO_NEUTRAL: Final = {"xed"}  # subtitles, labelled with feelings alone
OWN: Final = {  # our own sets, and what each line of them says
    "polite": ("text", "lang", "complaint"),
    "noise": ("text", "lang", "complaint", "noise"),
    "flags": ("text", "lang", "flags"),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A labelled text. -1 stands for not known."""

    text: str
    source: str
    lang: str
    complaint: int = UNKNOWN  # 0 or 1
    gold: bool = False  # people said whether it is a complaint; otherwise it is taken from the sentiment
    sentiment: int = UNKNOWN  # index into SENTIMENTS
    has_neutral: bool = True  # False: neutral is no answer
    severity: int = UNKNOWN  # 0 to 3
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Sets:
    """What was found, and the files that were not."""

    posts: list[Post]
    missing: list[str]


def read_sets(data: Path, part: str, most: int | None = None) -> Sets:
    """Read a part ("dev") of all sets in `data`, at most `most` posts of a source, the same ones at every run.

    Raises `BadInput` when there is no set at all, or one cannot be read.
    """
    files = {f"en/{name}": {name: recipe} for name, recipe in _ENGLISH.items()}
    files |= {f"multi/{lang}": recipes for lang, recipes in OTHERS.items()}
    posts, missing = list[Post](), list[str]()
    for name, recipes in files.items():
        path = data / f"{name}.{part}.jsonl.gz"
        if path.is_file():
            posts += _few(_posts(path, recipes), most)
        else:
            missing.append(f"{name}.{part}.jsonl.gz")
    if not posts:
        message = f"There are no labelled posts in {data}: looked for en/*.{part}.jsonl.gz and multi/*.{part}.jsonl.gz."
        raise BadInput(message, where="--data")
    return Sets(posts, missing)


def read_part(path: Path) -> list[Post]:
    """Read one English file by itself. Raises `BadInput` when it cannot be read."""
    return list(_posts(path, _ENGLISH))


def read_own(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the lines of one of our own sets; none when the file is not there. Raises `BadInput` as `read_sets` does."""
    path = folder / f"{name}.jsonl"
    return list(_lines(path, OWN[name])) if path.is_file() else []


def _posts(path: Path, recipes: Mapping[str, Recipe]) -> Iterator[Post]:
    for raw in _lines(path, ("text", "lang", "source", "label")):
        try:
            post = _post(raw, recipes.get(str(raw["source"]), _NO_RECIPE))
        except ValueError as error:
            message = f"{path} cannot be read: {error}."
            raise BadInput(message, where=str(path)) from error
        if post.text.strip() and (post.complaint, post.sentiment) != (UNKNOWN, UNKNOWN):
            yield post


def _lines(path: Path, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007 - told when reading fails
                if line.strip():
                    raw = json.loads(line)
                    yield {name: raw[name] for name in fields} | raw
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else error
        message = f"{path} cannot be read after line {max(number - 1, 0)}: {why}. It should be JSON lines with {', '.join(fields)}."
        raise BadInput(message, where=str(path)) from error


def _post(raw: Mapping[str, Any], recipe: Recipe) -> Post:
    sentiment, source = _sentiment(raw), str(raw["source"])
    gold = raw.get("label") in {"complaint", "not_complaint"}
    silver = recipe.silver[sentiment] if sentiment != UNKNOWN else UNKNOWN
    return Post(
        text=str(raw["text"]),
        source=source,
        lang=str(raw["lang"]),
        complaint=int(raw["label"] == "complaint") if gold else silver,
        gold=gold,
        sentiment=sentiment,
        has_neutral=source not in _NO_NEUTRAL,
        severity=_SEVERITIES.get(str(raw.get("severity_name", "")).lower(), UNKNOWN),
        domain=str(raw.get("domain", "")),
    )


def _sentiment(raw: Mapping[str, Any]) -> int:
    if "sentiment_id" in raw:
        return _sentiment_of_id(str(raw["sentiment_id"]))
    said = raw.get("sentiment") or raw.get("sentiment_xci") or raw.get("label")
    return SENTIMENTS.index(str(said)) if said in SENTIMENTS else UNKNOWN


def _sentiment_of_id(said: str) -> int:
    if said not in _SENTIMENT_IDS:
        message = f"it holds a sentiment_id of {said}, which should be {', '.join(_SENTIMENT_IDS)}"
        raise ValueError(message)
    return int(said)


def _few(posts: Iterable[Post], most: int | None) -> list[Post]:
    if most is None:
        return list(posts)
    by_source: dict[str, list[Post]] = {}
    for post in posts:
        by_source.setdefault(post.source, []).append(post)
    return [
        post
        for source, some in by_source.items()
        for post in random.Random(f"{some[0].lang} {source}").sample(some, min(most, len(some)))
    ]
