"""JSON lines in, JSON lines out: in order, in little memory, and one bad line spoils no other."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Generic, TypeVar

import typer

from api.cli.support import progress
from monitor.domain.errors import BadInput

BATCH = 64
_LONGEST = 1 << 20  # bytes of a line

T = TypeVar("T")
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Line(Generic[T]):
    """A line as it was read: `known` is the id, if it has one; `asked` is None when `error` says why."""

    known: dict[str, Any]
    asked: T | None
    error: str = ""


def answer_lines(
    source: Path | None,
    target: Path | None,
    read: Callable[[Record], T],
    answer: Callable[[Sequence[T]], Sequence[dict[str, Any]]],
    what: str,
) -> None:
    """Answer every line of `source` with one in `target` (None: standard input and output), 64 at a time.

    `read` raises `BadInput` for a record it cannot use: its line is answered with {"id"?, "error"}, and the command
    ends with exit code 1 once all the others are answered.
    """
    done = bad = 0
    with _reading(source) as coming, writing(target) as going, progress() as tell:
        lines = (_line(raw, number, read) for number, raw in enumerate(_raw_lines(coming), 1) if raw.strip())
        while batch := list(islice(lines, BATCH)):
            answers = iter(answer([one.asked for one in batch if one.asked is not None]))
            for one in batch:
                said = {"error": one.error} if one.asked is None else next(answers)
                going.write(f"{json.dumps(one.known | said, ensure_ascii=False)}\n")
            going.flush()
            done += len(batch)
            bad += sum(one.asked is None for one in batch)
            tell(what, done, 0)
    if bad:
        typer.echo(f'{bad:,} of {done:,} lines could not be used: see their "error".', err=True)
        raise typer.Exit(1)


def _line(raw: bytes, number: int, read: Callable[[Record], T]) -> _Line[T]:
    where: dict[str, Any] = {"line": number}
    if len(raw) > _LONGEST:
        return _Line(where, None, f"this line is longer than {_LONGEST:,} bytes")
    try:
        record = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _Line(where, None, "this line is not a whole JSON object in UTF-8 (one object a line)")
    if not isinstance(record, dict):
        return _Line(where, None, "a line must be a JSON object")
    known = {"id": record.get("id")}
    try:
        return _Line(known, read(record))
    except BadInput as wrong:
        return _Line(known if "id" in record else where, None, f"{wrong.where}: {wrong}" if wrong.where else str(wrong))


def _raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield each line; of one that is too long only the start, so that it is never held."""
    while line := file.readline(_LONGEST + 1):
        rest = line
        while len(line) > _LONGEST and rest and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST)
        yield line


@contextmanager
def _reading(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise typer.BadParameter(message, param_hint="--input") from error
    with file:
        yield file


@contextmanager
def writing(path: Path | None) -> Iterator[IO[str]]:
    """Open a file, or standard output, for text in UTF-8; half a surrogate pair is written as its escape."""
    with ExitStack() as stack:
        if path is None:
            file: IO[str] = sys.stdout
            if hasattr(file, "reconfigure"):
                file.reconfigure(encoding="utf-8", errors="backslashreplace")
        else:
            try:
                handle = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            except OSError as error:
                message = f"{path} cannot be written: {error.strerror}."
                raise typer.BadParameter(message, param_hint="--output") from error
            file = stack.enter_context(handle)
        yield file
