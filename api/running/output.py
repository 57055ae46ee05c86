"""What the parts write: all of it to their log files, errors to the terminal as one calm line each."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Thread
from typing import IO

_LOG_BYTES = 5_000_000
_KEPT = 3
_TAIL = 8  # lines shown when a part keeps dying
_QUIET_FOR = 60.0  # seconds before the same error is said again


class Output:
    """Reads one part's output until it ends."""

    def __init__(self, name: str, folder: Path, say: Callable[[str], None]) -> None:
        """Write to `folder/name.log`, a few files of 5 MB; `say` prints to the terminal."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self.tail: deque[str] = deque(maxlen=_TAIL)
        self._name, self._say = name, say
        self._said: dict[str, float] = {}
        self._file = RotatingFileHandler(self.path, maxBytes=_LOG_BYTES, backupCount=_KEPT, encoding="utf-8")

    def follow(self, stream: IO[bytes]) -> Thread:
        """Start reading a stream; the thread ends with it."""
        thread = Thread(target=self._read, args=(stream,), name=f"output of {self._name}", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                line = raw.decode("utf-8", "replace").rstrip()
                if line:
                    self._file.emit(logging.LogRecord(self._name, logging.INFO, "", 0, line, None, None))
                    self.tail.append(line)
                    self._tell(line)

    def _tell(self, line: str) -> None:
        found = error_in(line)
        if found and time.monotonic() - self._said.get(found, -_QUIET_FOR) >= _QUIET_FOR:
            self._said[found] = time.monotonic()
            self._say(f"{self._name}: {found}")


def error_in(line: str) -> str:
    """Return what a log line says went wrong, "" when it is no error."""
    try:
        fields = json.loads(line)
    except ValueError:
        return ""
    if not isinstance(fields, dict) or fields.get("level") not in {"error", "critical"}:
        return ""
    why = fields.get("why") or fields.get("kind") or ""
    said = str(fields.get("event", "")).partition("\n")[0][:200]
    return f"{said} ({why})" if why else said
