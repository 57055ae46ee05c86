"""The replay of a file that grows while it is played."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.domain.records import Watch
from monitor.sources.replay import Replay
from tests.contracts.stands.base import SourceStand

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def source_stands() -> dict[str, Callable[[], SourceStand]]:
    return {"file": _file}


def _file() -> SourceStand:
    folder = TemporaryDirectory()
    path = Path(folder.name) / "posts.jsonl"
    now, numbers = [BEGAN], count(1)

    def post(text: str) -> str:
        number = next(numbers)
        offset = (now[0] - BEGAN).total_seconds()
        row = {"id": f"r{number}", "text": text, "author": "ana", "offset_s": offset}
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        return f"r{number}"

    def move(seconds: float) -> None:
        now[0] += timedelta(seconds=seconds)

    watch = Watch(1, 1, "replay", {"path": str(path), "start": BEGAN.isoformat()})
    return SourceStand(Replay(lambda: now[0]), watch, None, post, move, close=folder.cleanup)
