"""What is fed in: labelled posts where their folder is named, written ones otherwise."""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SETS = ("airline_us.train.jsonl.gz", "complaints_acl2019.train.jsonl.gz")
_WHAT = ("kettle", "oven", "parcel", "refund", "app", "chair", "lamp", "order", "voucher", "sofa", "invoice", "drill")
_HOW = ("never came", "leaks", "broke on day two", "was charged twice", "arrived late", "is scratched", "logs me out")
_ALSO = ("and nobody answers", "for the third time", "since Monday", "although I paid for express", "in the rain")
_GOOD = ("Thank you for the quick help with my", "Lovely, works as promised: the", "When do you restock the")


def write(path: Path, count: int, folder: Path | None) -> str:
    """Write `count` posts as JSON lines and return what they are."""
    rows = _labelled(folder) if folder else _written()
    with path.open("w", encoding="utf-8") as out:
        for number, (text, label) in zip(range(count), rows, strict=False):
            row = {"id": f"b{number}", "author": f"customer_{number}", "text": text, "platform": "x", "label": label}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return f"real posts ({', '.join(one.split('.')[0] for one in _SETS)})" if folder else "generated posts"


def texts(count: int, folder: Path | None) -> list[str]:
    """Return the texts of `count` posts."""
    return [text for (text, _), _ in zip(_labelled(folder) if folder else _written(), range(count), strict=False)]


def _labelled(folder: Path) -> Iterator[tuple[str, str]]:
    for name in _SETS:
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                yield row["text"], str(row["label"])


def _written() -> Iterator[tuple[str, str]]:
    chance = random.Random(7)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    while True:
        when += timedelta(seconds=1)
        thing = chance.choice(_WHAT)
        if chance.random() < 0.6:
            yield f"@vela my {thing} {chance.choice(_HOW)} {chance.choice(_ALSO)}, order {chance.randrange(10**6)}", "n"
        else:
            yield f"{chance.choice(_GOOD)} {thing}! {chance.randrange(10**6)}", "p"
