"""Tell CSV, JSON lines and a JSON array apart, and yield their rows one by one."""

import csv
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from monitor.domain.errors import BadInput
from monitor.domain.rows import RowRefused, columns, recognised
from monitor.sources.opening import CUT, LINE_LIMIT, Line, OpenText, broken, cut, lines

DELIMITERS: Final = ",;\t|"
_NO_DELIMITER: Final = "\x1f"  # for a file of one column, whose texts may hold commas
_EXCEL_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s,]*")
_CHUNK: Final = 1 << 16
_ARRAY_ENDS: Final = (
    "the JSON array breaks off or is damaged here, or this post is too long or nested too deep: nothing after it was"
    " read; write one post a line (JSON lines) to lose only that one"
)
_JSON = json.JSONDecoder(parse_constant=lambda _: None)  # NaN and Infinity say nothing
# The module's own limit of 128 K would refuse rows that the limit of a line allows.
csv.field_size_limit(LINE_LIMIT + 1)

Raw: TypeAlias = tuple[int, Mapping[str, object] | RowRefused]  # the line a row begins on, and the row


@dataclass(frozen=True, slots=True)
class Table:
    """What kind of file it is, and its rows; `header` and `delimiter` are empty for JSON."""

    format: str  # "csv", "jsonl" or "json"
    rows: Iterator[Raw]
    header: tuple[str, ...] = ()
    delimiter: str = ""


def table(text: OpenText, mapping: Mapping[str, str], delimiter: str = "") -> Table:
    """Find out what kind of table a text is. Raises `BadInput` when a CSV file names no column with texts."""
    if text.start == "[":
        return Table("json", _array_rows(text))
    numbered = enumerate(lines(text), 1)
    if text.start == "{":
        return Table("jsonl", _json_rows(numbered))
    return _csv_table(_Feed(numbered), mapping, delimiter)


def _json_rows(numbered: Iterable[tuple[int, Line]]) -> Iterator[Raw]:
    for number, line in numbered:
        if isinstance(line, RowRefused):
            yield number, line
        elif line.strip():
            try:
                yield number, _object(_JSON.decode(line), number)
            except (ValueError, RecursionError):
                yield number, RowRefused("this line is not a whole JSON object (one object a line)", line=number)


def _object(value: object, line: int) -> Mapping[str, object] | RowRefused:
    return value if isinstance(value, dict) else RowRefused("a post must be a JSON object", line=line)


def _array_rows(text: OpenText) -> Iterator[Raw]:
    """Yield the elements of one JSON array, holding no more than one element and a chunk."""
    line, mark = 1, ""
    while mark != "[":  # the file was told by this mark, so it is there
        mark = text.reader.read(1)
        line += mark == "\n"
    buffer, at = "", 0
    while True:
        between = _SEPARATORS.match(buffer, at)
        start = between.end() if between else at
        line += buffer.count("\n", at, start)
        if buffer.startswith("]", start):
            yield from _after_array(text, buffer[start + 1 :], line)
            return
        try:
            value, at = _JSON.raw_decode(buffer, start)
        except (ValueError, RecursionError):
            chunk = "" if len(buffer) - start > LINE_LIMIT else _more(text, line + buffer.count("\n", start))
            if isinstance(chunk, RowRefused) or not chunk:
                yield line, chunk or RowRefused(_ARRAY_ENDS, line=line)
                return
            buffer, at = buffer[start:] + chunk, 0
        else:
            yield line, _object(value, line)
            line += buffer.count("\n", start, at)


def _after_array(text: OpenText, rest: str, line: int) -> Iterator[Raw]:
    """Yield a refusal where something follows the end of the array: a second one must not vanish unsaid."""
    while not rest.strip():
        line += rest.count("\n")
        chunk = _more(text, line)
        if isinstance(chunk, RowRefused):
            yield line, chunk
            return
        if not chunk:
            return
        rest = chunk
    line += rest[: len(rest) - len(rest.lstrip())].count("\n")
    yield line, RowRefused("something follows the end of the JSON array and was not read: split the file", line=line)


def _more(text: OpenText, line: int) -> Line:
    try:
        chunk = text.reader.read(_CHUNK)
    except CUT:
        return cut(line)
    return broken(chunk, line, text.encoding) or chunk


class _UnclosedError(Exception):
    """A row went on to the end of the file, or further than a row may."""


class _Feed:
    """Hands lines to the CSV reader and remembers those of the row at hand, to take them back."""

    def __init__(self, numbered: Iterable[tuple[int, Line]]) -> None:
        self._coming = iter(numbered)
        self._returned: deque[tuple[int, Line]] = deque()
        self._taken: list[tuple[int, Line]] = []
        self._size = 0

    def begin(self) -> None:
        self._taken.clear()
        self._size = 0

    @property
    def line(self) -> int:
        return self._taken[0][0] if self._taken else 0

    def give_back(self, keep: int = 1) -> None:
        """Give back the lines of this row but its first, which opened what was never closed."""
        self._returned.extendleft(reversed(self._taken[keep:]))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        item = self._returned.popleft() if self._returned else next(self._coming, None)
        if item is None:
            if self._taken:
                raise _UnclosedError
            raise StopIteration
        self._taken.append(item)
        line = item[1]
        if isinstance(line, RowRefused):
            raise line
        self._size += len(line)
        if self._size > LINE_LIMIT and len(self._taken) > 1:
            raise _UnclosedError
        return line


def _csv_table(feed: _Feed, mapping: Mapping[str, str], delimiter: str) -> Table:
    first = next(feed, "")
    while first.isspace():
        feed.begin()
        first = next(feed, "")
    hint = _EXCEL_HINT.fullmatch(first)
    feed.give_back(keep=1 if hint else 0)
    chosen = _delimiter(delimiter) or (hint[1] if hint else _sniff(first))
    records = _records(feed, chosen)
    _, cells = next(records, (1, []))
    if isinstance(cells, RowRefused):
        raise BadInput(cells.reason, where=cells.where)
    header = _header(cells)
    if "text" not in columns(header, mapping):
        names = ", ".join(f'"{name[:40]}"' for name in header[:20])
        message = f"the first line names no column with the texts of posts; it has {names or 'none'}: "
        message += "say --map text=NAME, or --delimiter if that is not how its columns are parted"
        raise BadInput(message, where="line 1")
    return Table("csv", _csv_rows(records, header), header, "" if chosen == _NO_DELIMITER else chosen)


def _delimiter(given: str) -> str:
    one = {"tab": "\t", "\\t": "\t"}.get(given, given)
    if len(one) > 1 or one in {'"', "\r", "\n"}:
        message = f'a delimiter is one character, or the word "tab", not "{given}"'
        raise BadInput(message, where="--delimiter")
    return one


def _sniff(line: str) -> str:
    """Choose the delimiter that finds the most names of fields, then the most columns, in the header."""

    def found(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return recognised(cells), len(cells)

    best = max(DELIMITERS, key=found)
    return best if found(best)[1] > 1 else _NO_DELIMITER


def _header(cells: list[str]) -> tuple[str, ...]:
    """Name every column once, also those without a name or with one that was there before."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {number}"
        names.append(f"{name} ({number})" if name in names else name)
    return tuple(names)


def _records(feed: _Feed, delimiter: str) -> Iterator[tuple[int, list[str] | RowRefused]]:
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            cells = next(reader, None)
        except _UnclosedError:
            yield feed.line, RowRefused("a quotation mark opens in this line and is never closed", line=feed.line)
            feed.give_back()
        except RowRefused as refused:
            yield feed.line, refused
        except csv.Error as error:
            yield feed.line, RowRefused(f"this row is not CSV: {error}", line=feed.line)
            feed.give_back()
        else:
            if cells is None:
                return
            if cells:
                yield feed.line, cells


def _csv_rows(records: Iterable[tuple[int, list[str] | RowRefused]], header: tuple[str, ...]) -> Iterator[Raw]:
    width = len(header)
    for line, cells in records:
        if isinstance(cells, RowRefused):
            yield line, cells
        elif len(cells) == width or (len(cells) > width and not any(cells[width:])):
            yield line, dict(zip(header, cells, strict=False))
        else:
            reason = f"this row has {len(cells)} columns where the first line names {width}"
            yield line, RowRefused(reason, line=line)
