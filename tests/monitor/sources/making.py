"""Files for the tests of the reading side."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path


def csv_file(path: Path, rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def json_lines(path: Path, rows: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def zipped(path: Path, content: bytes) -> Path:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(content)
    path.write_bytes(buffer.getvalue())
    return path
