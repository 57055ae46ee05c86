"""A small folder of labelled posts, and a judge that reads its answers off the text."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from monitor.domain.records import Flag, FlagHit, Kind, Noise, Sentiment, Severity, Span, Verdict

_FEELINGS = {"sad": Sentiment(0.8, 0.1, 0.1), "flat": Sentiment(0.3, 0.5, 0.2), "glad": Sentiment(0.1, 0.1, 0.8)}


class Oracle:
    """Says what the text tells it: "p=0.9 sad s=2 pl spam +legal"."""

    version = "oracle"

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[object] = ()) -> list[Verdict]:
        return [self._read(text.split()) for text in texts]

    def features(self, texts: Sequence[str]) -> Any:
        return [[0.0]] * len(texts)

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        return ()

    def _read(self, words: list[str]) -> Verdict:
        complaint = next((float(word[2:]) for word in words if word.startswith("p=")), 0.0)
        return Verdict(
            lang=next((word for word in words if len(word) == 2), "en"),
            complaint=complaint,
            is_complaint=complaint >= 0.3,
            kind=Kind.COMPLAINT if complaint >= 0.3 else Kind.NONE,
            sentiment=next((_FEELINGS[word] for word in words if word in _FEELINGS), _FEELINGS["flat"]),
            severity=next((Severity(int(word[2:])) for word in words if word.startswith("s=")), Severity.MISMATCH),
            needs_reply=False,
            flags=tuple(FlagHit(Flag(word[1:]), Span(0, 1)) for word in words if word.startswith("+")),
            topics=(),
            version=self.version,
            noise=next((Noise(word) for word in words if word in set(Noise)), None),
        )


def put(data: Path, name: str, rows: Iterable[dict[str, Any]], lang: str = "en") -> None:
    """Write a part, e.g. "en/xfincorp" or "multi/pl"."""
    source = name.rpartition("/")[2]
    path = data / f"{name}.dev.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"source": source, "lang": lang} | row) + "\n" for row in rows)


def put_own(folder: Path, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write one of the own sets."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps({"lang": "en"} | row) + "\n" for row in rows))


def quiet(_what: str, _done: int, _total: int) -> None:
    """Tell nobody how far it is."""
