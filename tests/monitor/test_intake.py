"""Bringing mentions in: nothing twice, nothing skipped, and an interrupted import is taken up."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from monitor import intake
from monitor.domain.errors import BadInput
from monitor.sources.files import Options
from monitor.store import brands, events, ledger
from monitor.store.engine import Store
from tests.making import post


@pytest.fixture
def brand(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.create(work, "vela", "Vela", now)


def write(path: Path, rows: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "user", "Body", "created_at"])
        lines.writerows([n, f"user{n}", f"My kettle number {n} leaks", "2026-03-02T09:00:00Z"] for n in range(rows))
    return path


def mentions_of(store: Store) -> int:
    with store.reading() as work:
        return ledger.take_stock(work).mentions


class PowerCut(BaseException):
    """Nobody catches this one."""


def test_an_import_says_what_was_new_known_and_refused(store: Store, brand: int, now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "posts.csv", 30)
    path.write_text(path.read_text() + "99,someone,,2026-03-02T09:00:00Z\n")
    options = Options(mapping={"text": "Body"})
    first = intake.import_file(store, brand, path, options, lambda: now)
    again = intake.import_file(store, brand, path, options, lambda: now)
    assert (first.new, first.known, first.refused) == (30, 0, 1)
    assert (again.new, again.known, again.refused) == (0, 30, 1)
    assert first.report.refused[0].line == 32
    assert mentions_of(store) == 30


def test_an_interrupted_import_goes_on_where_it_stopped(
    store: Store, brand: int, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "posts.csv", 2_500)

    def cut(what: str, done: int, _total: int) -> None:
        if what == "storing" and done >= 1000:
            raise PowerCut

    with pytest.raises(PowerCut):
        intake.import_file(store, brand, path, Options(), lambda: now, progress=cut)
    assert mentions_of(store) == 1000
    ended = intake.import_file(store, brand, path, Options(), lambda: now)
    assert (ended.resumed_at, ended.new, ended.known) == (1000, 2_500, 0)
    assert mentions_of(store) == 2_500


def test_a_file_that_cannot_be_used_stores_nothing(store: Store, brand: int, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("colour,size\nred,4\n")
    with pytest.raises(BadInput):
        intake.import_file(store, brand, path, Options(), lambda: now)
    assert mentions_of(store) == 0


def test_new_mentions_wake_the_judge_in_the_same_transaction(store: Store, brand: int, now: datetime) -> None:
    intake.add_posts(store, brand, [post("1"), post("2")], now)
    intake.add_posts(store, brand, [post("1")], now)
    with store.reading() as work:
        waiting = events.unprocessed(work, 10)
    assert [(row.kind, row.data["new"]) for row in waiting] == [("mentions", 2)]


def test_a_file_whose_name_is_not_utf_8_is_imported(store: Store, brand: int, now: datetime, tmp_path: Path) -> None:
    path = write(tmp_path / "k\udce4se.csv", 3)
    summary = intake.import_file(store, brand, path, Options(mapping={"text": "Body"}), lambda: now)
    assert (summary.new, mentions_of(store)) == (3, 3)
