"""Open a file of unknown making as lines of text, in little memory whatever is in it."""

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

from monitor.domain.errors import BadInput
from monitor.domain.rows import RowRefused

LINE_LIMIT: Final = 1 << 20  # characters of a line, and of a row written over several lines
_HEAD: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_FOREIGN: Final = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV UTF-8",
    b"%PDF": "a PDF: export the posts as CSV or JSON lines",
    b"PAR1": "a Parquet file: convert it to CSV or JSON lines",
    b"SQLite format 3": "a SQLite database: export the posts as CSV or JSON lines",
    b"BZh": "compressed with bzip2: unpack it first (only gzip is read directly)",
    b"\xfd7zXZ": "compressed with xz: unpack it first (only gzip is read directly)",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it first (only gzip is read directly)",
    _GZIP: "compressed with gzip twice: unpack it once",
}
_MARKS: Final = (  # byte order marks, the longer first
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
_BROKEN = re.compile("[\udc80-\udcff]")  # what a byte becomes that the encoding does not know
CUT: Final = (EOFError, zlib.error, gzip.BadGzipFile)

Line: TypeAlias = str | RowRefused


class WrongBytes(RowRefused):
    """A line that is not in the encoding the file was read in."""


@dataclass(frozen=True, slots=True)
class OpenText:
    """A file being read: its text, and how it had to be read."""

    reader: io.TextIOWrapper
    encoding: str
    compressed: bool
    start: str  # its first character that is no space


def digest(path: Path) -> str:
    """Return the SHA-256 of the file as it lies on the disk, in hex."""
    with _binary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def open_text(path: Path, encoding: str = "") -> Iterator[OpenText]:
    """Open a plain or gzip file; the encoding is told by its mark and is otherwise UTF-8.

    Raises `BadInput` for what is no file, is empty, is not text or is in an unknown encoding.
    """
    with ExitStack() as stack:
        stream = stack.enter_context(_binary(path))
        head = stream.peek(_HEAD)
        compressed = head.startswith(_GZIP)
        if compressed:
            stream = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=stream)), _HEAD)
            head = _first_bytes(stream, path)
        if not head:
            message = f"{path} is empty: there is nothing to read"
            raise BadInput(message, where=str(path))
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
        if not (marked or encoding):
            _refuse_what_is_not_text(head, path)
        name = encoding or marked or "utf-8"
        reader = _decoded(stream, name)
        try:
            yield OpenText(reader, name, compressed, head.decode(name, "ignore").lstrip(" \t\r\n\ufeff")[:1])
        except UnicodeError as error:
            message = f"{path} cannot be read as {name}: leave --encoding out, or name another one"
            raise BadInput(message, where="--encoding") from error


def lines(text: OpenText) -> Iterator[Line]:
    """Yield each line with its end, or a refusal in its place, so that the n-th item is the n-th line.

    A line over `LINE_LIMIT` characters is passed over without being held. Where compressed data break off, the last
    item is a refusal.
    """
    for number in count(1):
        try:
            line = text.reader.readline(LINE_LIMIT + 1)
            if not line:
                return
            too_long = len(line) > LINE_LIMIT
            while too_long and line and not line.endswith(("\n", "\r")):
                line = text.reader.readline(LINE_LIMIT)
        except CUT:
            yield cut(number)
            return
        if too_long:
            yield RowRefused(f"this line is longer than {LINE_LIMIT:,} characters", line=number)
        else:
            line = line.removeprefix("\ufeff") if number == 1 else line
            yield broken(line, number, text.encoding) or line


def cut(line: int) -> RowRefused:
    """Return the refusal that stands where compressed data break off."""
    return RowRefused("the compressed file is cut off or damaged here; what came before was read", line=line)


def broken(text: str, line: int, encoding: str) -> WrongBytes | None:
    """Return a refusal where a piece of text, beginning on this line, holds bytes that its encoding does not know."""
    found = None if text.isascii() else _BROKEN.search(text)
    if not found:
        return None
    before = text[: found.start()]
    position = len(before[before.rfind("\n") + 1 :].encode("utf-8", "surrogateescape")) + 1
    what = f"byte {position} of the line (0x{ord(found[0]) - 0xDC00:02X}) is not {encoding.upper()}"
    return WrongBytes(
        f"{what}: if the file is in another encoding, say --encoding latin-1 or windows-1252",
        line=line + before.count("\n"),
    )


def _binary(path: Path) -> io.BufferedReader:
    try:
        if path.is_dir():
            message = f"{path} is a folder: name one file in it"
        elif path.is_file():
            return io.BufferedReader(io.FileIO(path), _HEAD)
        elif path.exists():
            message = f"{path} is not a plain file: save its content to a file first"
        else:
            message = f"there is no file {path}: check its name"
    except OSError as error:
        message = f"{path} cannot be opened: {error.strerror}"
    raise BadInput(message, where=str(path))


def _first_bytes(stream: io.BufferedReader, path: Path) -> bytes:
    try:
        return stream.peek(_HEAD)
    except CUT as error:
        message = f"{path} is a gzip file that is cut off or damaged at its very start: fetch it again"
        raise BadInput(message, where=str(path)) from error


def _refuse_what_is_not_text(head: bytes, path: Path) -> None:
    kind = next((hint for magic, hint in _FOREIGN.items() if head.startswith(magic)), "")
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not kind and head.count(0) > len(head) // 4:
        kind = "binary, or UTF-16 without a mark: if it is text, say --encoding utf-16-le or utf-16-be"
    elif not kind and controls > len(head) // 20:
        kind = "binary: export the posts as CSV or JSON lines"
    if kind:
        message = f"{path} is not plain text but {kind}"
        raise BadInput(message, where=str(path))


def _decoded(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    # An ill-formed pair of UTF-16 halves concerns one character, a wrong byte elsewhere the whole choice of encoding.
    errors = "replace" if encoding.lower().startswith(("utf-16", "utf-32")) else "surrogateescape"
    try:
        return io.TextIOWrapper(stream, encoding, errors, newline="")
    except LookupError as error:
        message = f'there is no encoding "{encoding}": try utf-8, latin-1 or windows-1252'
        raise BadInput(message, where="--encoding") from error
