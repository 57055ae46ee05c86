"""Use case: bring mentions in, from a file or from the API; nothing is stored twice or skipped."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from monitor.domain.lifecycle import Actor
from monitor.domain.records import Post
from monitor.domain.triage import HISTORY_AFTER
from monitor.sources import files
from monitor.store import events, imports, mentions
from monitor.store.engine import Store, Work
from monitor.store.mentions import Stored

_INTAKE = Actor.worker("intake")
BATCH = 1000

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]  # what is being done, rows done, rows in all (0: not known yet)


def store_posts(
    work: Work,
    brand_id: int,
    posts: Sequence[Post],
    now: datetime,
    *,
    as_live: bool = False,
    history_after: timedelta = HISTORY_AFTER,
    watch_id: int | None = None,
    check_at: datetime | None = None,
) -> Stored:
    """Store posts and the event that wakes the judge, in the caller's transaction.

    `watch_id` is what found them, `check_at` when to look whether they are still there (None: nobody can tell).
    """
    found = mentions.Found(watch_id, check_at)
    stored = mentions.add(work, brand_id, posts, now, as_live=as_live, history_after=history_after, found=found)
    if stored.new:
        data = {"new": len(stored.new), "first": stored.new[0], "last": stored.new[-1]}
        events.record(work, "mentions", brand_id, _INTAKE, now, data=data)
    return stored


def add_posts(
    store: Store,
    brand_id: int,
    posts: Sequence[Post],
    now: datetime,
    *,
    as_live: bool = False,
    history_after: timedelta = HISTORY_AFTER,
) -> Stored:
    """Store posts in a transaction of their own: all of them, or none."""
    with store.unit_of_work(durable=True) as work:
        return store_posts(work, brand_id, posts, now, as_live=as_live, history_after=history_after)


# --- files ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. `report` says how the file was read and which rows were refused."""

    report: files.FileReport
    rows: int
    new: int
    known: int
    refused: int
    resumed_at: int  # rows that an interrupted import had dealt with; 0: it began at the start


def import_file(
    store: Store,
    brand_id: int,
    path: Path,
    options: files.Options,
    clock: Clock,
    *,
    as_live: bool = False,
    history_after: timedelta = HISTORY_AFTER,
    progress: Progress = lambda _what, _done, _total: None,
) -> Summary:
    """Check a file, then store its posts in batches; repeating it takes up an interrupted import where it stopped.

    Raises `BadInput` when the file cannot be used; nothing is stored then.
    """
    report = files.check(path, options, progress=lambda done: progress("checking", done, 0))
    total = report.rows + report.refused_total
    with store.unit_of_work() as work:
        name = _digest(report.digest, options, as_live=as_live)
        shown = path.name.encode("utf-8", "replace").decode()  # a name need not be UTF-8
        run = imports.begin(work, brand_id, shown, name, total, clock())
        if run.finished_at is not None:
            imports.again(work, run.id, clock())
    start = 0 if run.finished_at is not None else run.position
    done = start
    for batch in _batches(files.read(path, options, skip=start)):
        done = batch[-1].number
        posts = [row.post for row in batch if row.post is not None]
        now = clock()
        # The batch and how far the import got are one transaction: neither can be without the other.
        with store.unit_of_work() as work:
            stored = store_posts(work, brand_id, posts, now, as_live=as_live, history_after=history_after)
            counts = {"new": len(stored.new), "known": stored.known, "refused": len(batch) - len(posts)}
            imports.advance(work, run.id, done, **counts)
        progress("storing", done, total)
    with store.unit_of_work(durable=True) as work:
        ended = imports.finish(work, run.id, clock())
    return Summary(report, total, ended.new, ended.known, ended.refused, start)


def _batches(rows: Iterator[files.Row]) -> Iterator[list[files.Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _digest(of_file: str, options: files.Options, *, as_live: bool) -> str:
    """Return what makes two imports the same: the file, and all that shapes its posts."""
    shape = f"{of_file}:{sorted(options.mapping.items())}:{options.platform}:{options.day_first}:{as_live}"
    return hashlib.sha256(shape.encode()).hexdigest()
