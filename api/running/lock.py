"""Only one `amends up` on a data folder at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.domain.errors import Conflict

FILE = "amends.lock"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises `Conflict` naming who holds it.

    The system lets go of the lock when its holder ends, however it ends.
    """
    with (data / FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            message = (
                f"Another `amends up` (process {holder}) is running on {data}. Nothing was started.\n"
                "Use that one, stop it first, or choose another folder with --data."
            )
            raise Conflict(message) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
