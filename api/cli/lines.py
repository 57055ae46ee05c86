"""JSON lines in, JSON lines out: in order, in little memory, and one bad line spoils no other."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Generic, TypeVar

import typer

from api.cli.support import hint, progress
from monitor.domain.errors import AppError, BadInput

_LONGEST = 1 << 20  # bytes of a line
_BATCH_BYTES = 1 << 18
_STARTS = (b'{"id": ', b'{"line": ')  # of every answer

T = TypeVar("T")
Record = Mapping[str, Any]
Answers = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Line(Generic[T]):
    """A line as it was read: `known` is the id, if it has one; `asked` is None when `error` says why."""

    number: int
    size: int
    known: dict[str, Any]
    asked: T | None
    error: str = ""

    def answered(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what to write: an answer with the id, or what is wrong with the number of the line as well."""
        if "error" in said:
            return self.known | {"line": self.number} | said
        return {"id": self.known.get("id")} | said


@dataclass(slots=True)
class _Written:
    """How many lines are answered, and how many of them with an error.

    Of an earlier run also the last whole line, where it ends, and what stands after it: a line that was torn.
    """

    lines: int = 0
    bad: int = 0
    last: bytes = b""
    end: int = 0
    torn: bytes = b""

    def add(self, said: Answers, going: IO[str]) -> None:
        """Write answers, whole lines at once."""
        going.write("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in said))
        going.flush()
        self.lines += len(said)
        self.bad += sum("error" in one for one in said)


def answer_lines(
    source: Path | None,
    target: Path | None,
    read: Callable[[Record], T],
    answer: Callable[[Sequence[T]], Answers],
    what: str,
    *,
    most: int = 64,
    resume: bool | None = None,
) -> None:
    """Answer every line of `source` with one in `target` (None: standard input and output), `most` at a time.

    A line that `read` refuses with `BadInput`, or on which `answer` fails, is answered with {"id"?, "line", "error"}, and
    the command ends with exit code 1 once all the others are answered. `resume` goes on after the lines that stand in
    `target`; None says that this command cannot.
    """
    _no_clash(source, target, resume=bool(resume))
    written = _earlier(target) if resume and target else _Written()
    with _reading(source) as coming:
        numbered = enumerate(_raw_lines(coming), 1)
        _pass_over(numbered, written, target)
        lines = (_line(raw, number, read) for number, raw in numbered if raw.strip())
        with writing(target, append=bool(resume)) as going, progress() as tell:
            try:
                for batch in _batches(lines, most):
                    written.add(_answered(batch, answer), going)
                    tell(what, written.lines, 0)
            except KeyboardInterrupt:
                _say_stopped(written, target, resume)
                raise typer.Exit(1) from None
            except AppError:
                _say_stopped(written, target, resume)
                raise
    if written.bad:
        hint(f'{written.bad:,} of {written.lines:,} lines could not be used: see their "error".')
        raise typer.Exit(1)


def _say_stopped(written: _Written, target: Path | None, resume: bool | None) -> None:
    there = f"stand in {target}" if target else "were answered"
    how = " The same command with --resume goes on after them." if target and resume is not None else ""
    hint(f"Stopped. {written.lines:,} lines {there}.{how}")


def _batches(lines: Iterable[_Line[T]], most: int) -> Iterator[list[_Line[T]]]:
    """Yield at most `most` lines at once, and fewer where they are long: memory stays flat."""
    batch: list[_Line[T]] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += line.size
        if len(batch) >= most or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _answered(batch: Sequence[_Line[T]], answer: Callable[[Sequence[T]], Answers]) -> Answers:
    answers = iter(_answers([one.asked for one in batch if one.asked is not None], answer))
    return [one.answered({"error": one.error} if one.asked is None else next(answers)) for one in batch]


def _answers(asked: Sequence[T], answer: Callable[[Sequence[T]], Answers]) -> Answers:
    """Answer all at once, or one by one where that fails, so that a poison line spoils no other."""
    try:
        return answer(asked) if asked else []
    except AppError:
        raise  # none of them can be answered now
    except Exception as wrong:  # noqa: BLE001 - a judge of any maker may raise anything
        if len(asked) > 1:
            return [said for one in asked for said in _answers([one], answer)]
        return [{"error": f"this text could not be answered: {type(wrong).__name__}: {wrong}"}]


def _line(raw: bytes, number: int, read: Callable[[Record], T]) -> _Line[T]:
    size = len(raw)
    if size > _LONGEST:
        return _Line(number, size, {}, None, f"this line is longer than {_LONGEST:,} bytes")
    try:
        record = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _Line(number, size, {}, None, "this line is not a whole JSON object in UTF-8 (one object a line)")
    if not isinstance(record, dict):
        return _Line(number, size, {}, None, "a line must be a JSON object")
    known = {"id": record["id"]} if "id" in record else {}
    try:
        return _Line(number, size, known, read(record))
    except BadInput as wrong:
        return _Line(number, size, known, None, f"{wrong.where}: {wrong}" if wrong.where else str(wrong))


# --- going on where an earlier run stopped ------------------------------------------------------------------------


def _no_clash(source: Path | None, target: Path | None, *, resume: bool) -> None:
    if resume and target is None:
        message = "what was written already can only be seen in a file: name it with --output."
        raise typer.BadParameter(message, param_hint="--resume")
    if source and target and source.exists() and target.exists() and source.samefile(target):
        message = f"{target} is the input; it would be lost."
        raise typer.BadParameter(message, param_hint="--output")


def _earlier(target: Path) -> _Written:
    """Count the whole lines in `target`; a torn one at its end does not count."""
    written = _Written()
    if not target.exists():
        return written
    try:
        with target.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    written.torn = line[:_LONGEST]
                    break
                written.lines += 1
                written.bad += b'"error"' in line and "error" in _object(line)
                written.last = line
                written.end += len(line)
    except OSError as error:
        message = f"{target} cannot be read: {error.strerror}."
        raise typer.BadParameter(message, param_hint="--output") from error
    return written


def _pass_over(numbered: Iterator[tuple[int, bytes]], written: _Written, target: Path | None) -> None:
    """Pass over the lines that are answered, and cut a torn answer off.

    Raises `BadInput` when the answers are not to these lines.
    """
    number, raw, passed = 0, b"", 0
    for number, raw in islice(((at, raw) for at, raw in numbered if raw.strip()), written.lines):  # noqa: B007
        passed += 1
    said = _object(written.last)
    same = said.get("line", number) == number and said.get("id") == _object(raw).get("id")
    ours = any(start.startswith(written.torn[: len(start)]) for start in _STARTS)
    if passed < written.lines or not same or not ours:
        message = (
            "The output does not belong to this input: its last line answers another one. Nothing was changed. "
            "Name another --output, or leave --resume out to begin anew."
        )
        raise BadInput(message, where="--output")
    if written.torn and target:
        os.truncate(target, written.end)


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8-sig")) if len(line) <= _LONGEST else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


# --- files --------------------------------------------------------------------------------------------------------


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
def writing(path: Path | None, *, append: bool = False) -> Iterator[IO[str]]:
    """Open a file, or standard output, for text in UTF-8; half a surrogate pair is written as its escape."""
    with ExitStack() as stack:
        if path is None:
            file: IO[str] = sys.stdout
            if hasattr(file, "reconfigure"):
                file.reconfigure(encoding="utf-8", errors="backslashreplace")
        else:
            try:
                handle = path.open("a" if append else "w", encoding="utf-8", errors="backslashreplace", newline="")
            except OSError as error:
                message = f"{path} cannot be written: {error.strerror}."
                raise typer.BadParameter(message, param_hint="--output") from error
            file = stack.enter_context(handle)
        yield file
