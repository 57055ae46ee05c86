"""Bringing mentions in: nothing twice, nothing skipped, and an interrupted import is taken up."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import intake
from monitor.domain.errors import BadInput, RetryLater, SourceRefused
from monitor.domain.records import Page, Watch
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


class Pages:
    """A source of two pages; what it does next can be told."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.between: Iterator[None] | None = None

    def fetch(self, watch: Watch, cursor: str) -> Page:
        if self.fails:
            raise self.fails
        if self.between:
            next(self.between, None)
        at = int(cursor or 0)
        return Page((post(f"{watch.id}-{at}"),), str(at + 1), more=at == 0)


def watched(store: Store, brand: int, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.add_watch(work, brand, "pages", {}, now, every_s=30)


def the_watch(store: Store) -> brands.WatchRow:
    with store.reading() as work:
        return brands.watches(work)[0]


def test_a_page_and_its_cursor_are_stored_together(store: Store, brand: int, now: datetime) -> None:
    watch_id, source = watched(store, brand, now), Pages()
    assert intake.pull(store, watch_id, lambda _name: source, now) is True
    assert intake.pull(store, watch_id, lambda _name: source, now) is False
    assert (the_watch(store).cursor, mentions_of(store)) == ("2", 2)
    assert the_watch(store).next_poll_at == now + timedelta(seconds=30)


def test_two_workers_on_one_watch_store_its_page_once(store: Store, brand: int, now: datetime) -> None:
    watch_id, source, other = watched(store, brand, now), Pages(), Pages()

    def quicker() -> Iterator[None]:
        intake.pull(store, watch_id, lambda _name: other, now)
        yield

    source.between = quicker()
    assert intake.pull(store, watch_id, lambda _name: source, now) is False
    assert (the_watch(store).cursor, mentions_of(store)) == ("1", 1)


@pytest.mark.parametrize(
    ("fault", "wait"), [(RetryLater("busy", after=7), 7), (SourceRefused("the token was revoked"), 300)]
)
def test_a_failed_pull_keeps_its_place_and_says_why(
    store: Store, brand: int, now: datetime, fault: Exception, wait: int
) -> None:
    watch_id, source = watched(store, brand, now), Pages()
    source.fails = fault
    intake.pull(store, watch_id, lambda _name: source, now)
    row = the_watch(store)
    assert (row.cursor, row.last_error, row.next_poll_at) == ("", str(fault), now + timedelta(seconds=wait))


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
