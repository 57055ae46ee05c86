"""Imports of files: how far each got, so that repeating the command finishes it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from monitor.store.engine import Work, insert_new
from monitor.store.tables import import_run


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import. `position` counts the rows of the file that are dealt with."""

    id: int
    total: int
    position: int
    new: int
    known: int
    refused: int
    finished_at: datetime | None


_COLUMNS = [import_run.c[name] for name in ImportRow.__slots__]


def begin(work: Work, brand_id: int, file_name: str, digest: str, total: int, now: datetime) -> ImportRow:
    """Begin an import, or take up the one of the same file that was interrupted."""
    values = {"brand_id": brand_id, "file_name": file_name, "digest": digest, "total": total, "started_at": now}
    zeros = {"position": 0, "new": 0, "known": 0, "refused": 0}
    insert_new(work, import_run, [{**values, **zeros}])
    mine = (import_run.c.brand_id == brand_id) & (import_run.c.digest == digest)
    return ImportRow(*work.execute(select(*_COLUMNS).where(mine)).one())


def advance(work: Work, run_id: int, position: int, *, new: int, known: int, refused: int) -> None:
    """Record a stored batch, in the transaction that stored it."""
    sums = {
        "position": position,
        "new": import_run.c.new + new,
        "known": import_run.c.known + known,
        "refused": import_run.c.refused + refused,
    }
    work.execute(update(import_run).where(import_run.c.id == run_id).values(**sums))


def finish(work: Work, run_id: int, now: datetime) -> ImportRow:
    """Record the end and return the sums."""
    work.execute(update(import_run).where(import_run.c.id == run_id).values(finished_at=now))
    return ImportRow(*work.execute(select(*_COLUMNS).where(import_run.c.id == run_id)).one())


def again(work: Work, run_id: int, now: datetime) -> None:
    """Start a finished import over: the same file was given once more."""
    zeros = {"position": 0, "new": 0, "known": 0, "refused": 0, "finished_at": None, "started_at": now}
    work.execute(update(import_run).where(import_run.c.id == run_id).values(**zeros))
