"""Signs of life: a worker touches a file for each queue it works on, and those who watch it look at the file's age."""

import time
from pathlib import Path


def mark(data: Path, queue: str) -> Path:
    """Return the file that stands for a queue."""
    return data / "alive" / queue


def beat(data: Path, queue: str) -> None:
    """Note that a task of this queue ran here."""
    path = mark(data, queue)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def age(data: Path, queue: str) -> float | None:
    """Return the seconds since the last sign of life, None when there was none."""
    try:
        return max(time.time() - mark(data, queue).stat().st_mtime, 0.0)
    except FileNotFoundError:
        return None
