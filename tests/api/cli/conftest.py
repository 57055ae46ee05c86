"""The `amends` command, run as a person runs it: words in, exit code and words out, on a folder of its own."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from api.cli import main
from monitor import logs
from monitor.store.engine import Store


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Amends(Protocol):
    def __call__(self, *words: str, stdin: str | bytes = "") -> Said: ...


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the data, not made yet."""
    folder = tmp_path / "data"
    monkeypatch.setenv("AMENDS_DATA", str(folder))
    monkeypatch.setenv("AMENDS_MODEL", "rules")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def amends(
    data: Path, sqlite_template: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Amends]:
    """The command on a fresh, empty database."""
    data.mkdir()
    (data / "amends.sqlite3").write_bytes(sqlite_template)

    def run(*words: str, stdin: str | bytes = "") -> Said:
        given = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
        monkeypatch.setattr(sys, "argv", ["amends", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    yield run
    logs.configure("json", "CRITICAL")
    logging.getLogger().handlers, logging.getLogger().level = handlers, level


@pytest.fixture
def stored(amends: Amends, data: Path) -> Iterator[Store]:
    """The database that the commands work on."""
    store = Store(f"sqlite:///{data / 'amends.sqlite3'}")
    yield store
    store.close()
