"""Read posts from a CSV, JSON lines or JSON file, plain or gzip: first the check, then the rows in order."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from monitor.domain.errors import BadInput
from monitor.domain.records import Post
from monitor.domain.rows import TEXT_LIMIT, Note, Reading, RowRefused, columns, flatten, read_row
from monitor.sources.opening import OpenText, WrongBytes, digest, open_text
from monitor.sources.tables import Table, table

SHOWN: Final = 100  # refusals that a report lists
_PROGRESS_EVERY: Final = 1_000
_SENTENCES: Final = {
    Note.NO_ZONE: "with a date that names no time zone: read as UTC",
    Note.NO_DATE: "without a date: the clock of each starts when it is stored",
    Note.NO_ID: "without an id: known again by platform, author, time and text",
    Note.TEXT_CUT: f"with a text of more than {TEXT_LIMIT:,} characters: the first {TEXT_LIMIT:,} are kept",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file. Whatever is left empty is told from the file itself."""

    mapping: Mapping[str, str] = field(default_factory=dict)  # field -> column, "" for none
    encoding: str = ""
    delimiter: str = ""
    platform: str = "import"  # for rows that name none
    day_first: bool | None = None  # how to read 04/05/2024


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be used: the line it begins on, the field where one is to blame, and why."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: a post or a refusal. `number` counts rows from 1 and is where an import resumes."""

    number: int
    line: int
    post: Post | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What is in a file, found before anything is stored."""

    rows: int  # those that can be used
    refused_total: int
    refused: tuple[Refusal, ...]  # the first `SHOWN`
    repeated: int  # usable rows whose platform and id an earlier row has; the first one counts
    format: str
    compressed: bool
    delimiter: str
    encoding: str
    columns: Mapping[str, str]  # field -> column
    digest: str  # SHA-256 of the file
    notes: tuple[str, ...]  # what was assumed, in sentences


def read(path: Path, options: Options | None = None, *, skip: int = 0) -> Iterator[Row]:
    """Yield the rows of a file in order, without the first `skip`. Raises `BadInput` when it is no file of posts."""
    settings = options or Options()
    with open_text(path, settings.encoding) as text:
        rows = table(text, settings.mapping, settings.delimiter).rows
        for number, (line, raw) in enumerate(islice(rows, skip, None), skip + 1):
            outcome = _outcome(line, raw, settings)
            if isinstance(outcome, RowRefused):
                yield Row(number, line, refusal=Refusal(line, outcome.field, outcome.reason))
            else:
                yield Row(number, line, post=outcome.post)


def check(
    path: Path,
    options: Options | None = None,
    *,
    now: datetime | None = None,
    progress: Callable[[int], object] | None = None,
) -> FileReport:
    """Read a whole file and store nothing. `progress` is told the count of rows now and then.

    Raises `BadInput` when the file cannot be read as posts at all, or holds none.
    """
    settings = options or Options()
    tally = _Tally(path, settings.mapping, now or datetime.now(UTC))
    checksum = digest(path)
    with open_text(path, settings.encoding) as text:
        found = table(text, settings.mapping, settings.delimiter)
        tally.name_columns(found.header)
        for number, (line, raw) in enumerate(found.rows, 1):
            if not (found.header or isinstance(raw, RowRefused)):
                tally.name_columns(flatten(raw))
            tally.add(line, _outcome(line, raw, settings))
            if progress and not number % _PROGRESS_EVERY:
                progress(number)
    return tally.report(text, found, checksum)


def _outcome(line: int, raw: Mapping[str, object] | RowRefused, options: Options) -> Reading | RowRefused:
    if isinstance(raw, RowRefused):
        return raw
    try:
        return read_row(raw, options.mapping, default_platform=options.platform, line=line, day_first=options.day_first)
    except RowRefused as refused:
        return refused


class _Tally:
    """Counts the rows of one file. Ids take 16 bytes a row, so that a million of them fit anywhere."""

    def __init__(self, path: Path, mapping: Mapping[str, str], now: datetime) -> None:
        self._path = path
        self._mapping = mapping
        self._now = now
        self._rows = 0
        self._refused: list[Refusal] = []
        self._refused_total = 0
        self._wrong: WrongBytes | None = None
        self._beyond_ascii = False
        self._future = 0
        self._assumed: Counter[Note] = Counter()
        self._columns: dict[str, str] = {}
        self._ids, self._lines = array("Q"), array("Q")

    def name_columns(self, names: Iterable[str]) -> None:
        found = columns(names, self._mapping)
        if not found.keys() <= self._columns.keys():
            self._columns = {**found, **self._columns}

    def add(self, line: int, outcome: Reading | RowRefused) -> None:
        if isinstance(outcome, RowRefused):
            self._refused_total += 1
            if len(self._refused) < SHOWN:
                self._refused.append(Refusal(line, outcome.field, outcome.reason))
            if isinstance(outcome, WrongBytes):
                self._wrong = self._wrong or outcome
            return
        post = outcome.post
        self._rows += 1
        self._assumed.update(outcome.notes)
        self._beyond_ascii = self._beyond_ascii or not post.text.isascii()
        self._future += post.written_at is not None and post.written_at > self._now
        key = f"{post.platform}\0{post.external_id}".encode()
        self._ids.append(int.from_bytes(blake2b(key, digest_size=8).digest()))
        self._lines.append(line)

    def report(self, text: OpenText, found: Table, checksum: str) -> FileReport:
        self._refuse_what_is_wrong_with_all_of_it()
        repeated = self._repeated()
        return FileReport(
            rows=self._rows,
            refused_total=self._refused_total,
            refused=tuple(self._refused),
            repeated=len(repeated),
            format=found.format,
            compressed=text.compressed,
            delimiter=found.delimiter,
            encoding=text.encoding,
            columns=self._columns,
            digest=checksum,
            notes=tuple(self._notes(repeated)),
        )

    def _refuse_what_is_wrong_with_all_of_it(self) -> None:
        if self._wrong and not self._beyond_ascii:  # no row was good UTF-8: not a damaged row but another encoding
            raise self._wrong
        if not self._rows and not self._refused_total:
            message = f"{self._path} holds no posts"
            raise BadInput(message, where=str(self._path))
        absent = [column for field, column in self._mapping.items() if column and field not in self._columns]
        if absent:
            message = f'there is no column "{absent[0]}" in {self._path}: check what --map says'
            raise BadInput(message, where="--map")

    def _repeated(self) -> list[int]:
        """Return the lines whose platform and id an earlier line has."""
        ids = np.frombuffer(self._ids, np.uint64) if self._ids else np.empty(0, np.uint64)
        order = np.argsort(ids, kind="stable")
        same = np.flatnonzero(ids[order][1:] == ids[order][:-1])
        return sorted(self._lines[row] for row in order[same + 1].tolist())

    def _notes(self, repeated: list[int]) -> Iterator[str]:
        counts = [(self._assumed[note], sentence) for note, sentence in _SENTENCES.items()]
        counts.append((self._future, "dated in the future: the clock of each starts when it is stored"))
        for count, sentence in counts:
            if count:
                yield f"{_rows(count)} {sentence}."
        if repeated:
            where = ", ".join(str(line) for line in repeated[:5]) + (", ..." if len(repeated) > 5 else "")
            yield f"{_rows(len(repeated))} repeating an earlier post (line {where}): each post is stored once."


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
