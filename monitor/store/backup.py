"""Backup and restore: one archive with the database, the dry-run platform and the key, each with its checksum."""

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from monitor.domain.errors import AppError, BadInput, Conflict
from monitor.settings import DATABASE_FILE, KEY_FILE, Settings
from monitor.store import migrate, operating, postgres
from monitor.store.engine import Store, checkpoint

MANIFEST: Final = "manifest.json"
DRY_RUN_FILE: Final = "dryrun.sqlite3"
DUMP_FILE: Final = "amends.pgdump"
_FORMAT: Final = 1
_CONTENT: Final = frozenset({DATABASE_FILE, DRY_RUN_FILE, DUMP_FILE, KEY_FILE})
_DATABASES: Final = (DATABASE_FILE, DRY_RUN_FILE)
_OURS: Final = (*(f"{name}{end}" for name in _DATABASES for end in ("", "-wal", "-shm")), KEY_FILE)
_MANIFEST_LIMIT: Final = 1 << 20  # bytes


class BackupFailed(AppError):
    """The backup, or the restoring of one, did not work; what was there is as it was."""

    code = "backup_failed"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: file -> {"sha256", "bytes"}, and table -> rows."""

    format: int
    program: str
    made_at: str
    schema: str  # revision of the migrations
    database: str  # "sqlite" or "postgresql"
    files: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, int]

    @property
    def has_key(self) -> bool:
        """Tell whether the key that opens the stored secrets is inside."""
        return KEY_FILE in self.files


# --- saving -----------------------------------------------------------------------------------------------------


def save(settings: Settings, store: Store, archive: Path, now: datetime, program: str) -> Manifest:
    """Write an archive while everything runs, readable by its owner only; a name that is taken is an error.

    The database is one consistent snapshot. The dry-run platform is copied after it, so that whatever the database
    believes to be sent is there. Raises `BadInput` and `BackupFailed`; no half archive is left behind.
    """
    if archive.exists():
        message = f"{archive} exists already. Nothing was written: choose another name."
        raise BadInput(message, where="file")
    with _beside(archive.parent) as folder:
        kind, counted = ("sqlite", _copy_sqlite) if store.is_sqlite else ("postgresql", _dump)
        counts = counted(settings, store, folder)
        if (settings.data / DRY_RUN_FILE).exists():
            _snapshot(settings.data / DRY_RUN_FILE, folder / DRY_RUN_FILE)
        if (settings.data / KEY_FILE).exists():
            shutil.copyfile(settings.data / KEY_FILE, folder / KEY_FILE)
        files = {one.name: _facts(one) for one in sorted(folder.iterdir()) if one.name in _CONTENT}
        made_at = now.isoformat(timespec="seconds")
        manifest = Manifest(_FORMAT, program, made_at, migrate.revision(store), kind, files, counts)
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2), encoding="utf-8")
        packed = folder / "packed.tar.gz"
        with tarfile.open(packed, "w:gz", compresslevel=6) as tar:
            for name in (MANIFEST, *files):
                tar.add(folder / name, name)
        packed.chmod(0o600)
        packed.rename(archive)
    return manifest


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Make a private folder on the same disk as what will be put in its place. Raises `BackupFailed`."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".amends-") as name:
            yield Path(name)
    except (OSError, sqlite3.Error) as error:
        message = (
            f"It did not work in {folder}: {error}. What was there is there still, or in before-restore-... beside it."
        )
        raise BackupFailed(message) from error


def _copy_sqlite(_settings: Settings, store: Store, folder: Path) -> dict[str, int]:
    copy = folder / DATABASE_FILE
    _snapshot(Path(str(store.url.database)), copy)
    return _looked_over(copy)


def _snapshot(source: Path, target: Path) -> None:
    """Copy a live SQLite database as of one moment; writers go on meanwhile."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _looked_over(database: Path) -> dict[str, int]:
    """Check a copied database and count its rows. Raises `BackupFailed` when it is damaged."""
    with closing(sqlite3.connect(database)) as copy:
        said = copy.execute("PRAGMA quick_check").fetchone()[0]
    if said != "ok":
        message = f"The database is damaged: {said}. Restore the newest backup that is whole."
        raise BackupFailed(message)
    store = Store(f"sqlite:///{database}")
    try:
        with store.reading() as work:
            return operating.counts(work)
    finally:
        store.close()


def _dump(settings: Settings, store: Store, folder: Path) -> dict[str, int]:
    with store.reading() as work:
        counts = operating.counts(work)
    postgres.dump(settings, store.url, folder / DUMP_FILE)
    return counts


def _facts(file: Path) -> dict[str, Any]:
    with file.open("rb") as content:
        return {"sha256": hashlib.file_digest(content, "sha256").hexdigest(), "bytes": file.stat().st_size}


# --- restoring --------------------------------------------------------------------------------------------------


def restore(
    settings: Settings,
    store: Store,
    archive: Path,
    now: datetime,
    program: str,
    *,
    force: bool,
    settle: Callable[[Store], None] = lambda _store: None,
) -> tuple[Manifest, Path | None]:
    """Put an archive in the place of the data, and return what it holds and where the old data were put.

    `settle` brings the restored data to a state that may run. On SQLite that is done before they are in place, so
    that no interruption leaves approvals of long ago where a worker finds them.

    The caller makes sure that nothing runs. Everything is checked before anything is touched. Raises `BadInput` for
    what is no backup of ours, `Conflict` where there are data already (unless `force`), and `BackupFailed`.
    """
    with _beside(settings.data) as folder:
        manifest = _unpacked(archive, folder)
        _fits(manifest, store)
        old = _old_data(settings, store)
        if old and not force:
            message = (
                f"There are data already ({', '.join(old)}). Nothing was changed: --force replaces and keeps them."
            )
            raise Conflict(message)
        store.close()
        if store.is_sqlite:
            _ready(Store(f"sqlite:///{folder / DATABASE_FILE}"), settle)
        aside = _set_aside(settings, store, now, program) if old else None
        _put_in_place(settings, store, folder, manifest)
        if not store.is_sqlite:
            _ready(store, settle)
    return manifest, aside


def _ready(store: Store, settle: Callable[[Store], None]) -> None:
    migrate.upgrade(store)
    settle(store)
    checkpoint(store)
    store.close()


def _unpacked(archive: Path, folder: Path) -> Manifest:
    """Take the known files out of an archive, and nothing else, and compare their checksums."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            manifest = _manifest(tar, archive)
            for member in tar:
                _take(tar, member, folder, manifest)
    except FileNotFoundError as error:
        message = f"There is no file {archive}."
        raise BadInput(message, where="file") from error
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        message = f"{archive} is no whole backup of Amends: {error}. Nothing was changed."
        raise BadInput(message, where="file") from error
    missing = [name for name in manifest.files if not (folder / name).exists()]
    if missing:
        message = f"{archive} is not whole: {', '.join(missing)} is missing. Nothing was changed."
        raise BadInput(message, where="file")
    return manifest


def _manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == MANIFEST and first.isfile() else None
    if content is None:
        message = f"{archive} is no backup of Amends. Nothing was changed."
        raise BadInput(message, where="file")
    manifest = Manifest(**json.loads(content.read(_MANIFEST_LIMIT)))
    if manifest.format != _FORMAT or not set(manifest.files) <= _CONTENT:
        message = f"{archive} was made by another Amends ({manifest.program}). Nothing was changed: install that one."
        raise BadInput(message, where="file")
    return manifest


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, manifest: Manifest) -> None:
    """Write one member under its known name: no path of the archive's own is ever followed."""
    if member.name == MANIFEST:
        return
    promised = manifest.files.get(member.name)
    content = tar.extractfile(member) if promised and member.isfile() else None
    if promised is None or content is None:
        message = f'it holds "{member.name}", which does not belong there'
        raise ValueError(message)
    target = folder / member.name
    with target.open("wb") as file:
        shutil.copyfileobj(content, file)
    if _facts(target) != dict(promised):
        message = f"{member.name} is not as it was saved (its checksum differs)"
        raise ValueError(message)


def _fits(manifest: Manifest, store: Store) -> None:
    """Check that the backup is for this kind of database and not of a newer program."""
    kind = "sqlite" if store.is_sqlite else "postgresql"
    if manifest.database != kind:
        message = f"The backup is of {manifest.database}, and AMENDS_DATABASE_URL names {kind}. Nothing was changed."
        raise BadInput(message, where="file")
    if not migrate.knows(manifest.schema):
        message = f"The backup was made by a newer Amends ({manifest.program}). Nothing was changed: install that one."
        raise BadInput(message, where="file")
    if kind == "postgresql":
        postgres.needs_restoring_tool()


def _database_file(store: Store) -> Path:
    return Path(str(store.url.database))


def _old_data(settings: Settings, store: Store) -> list[str]:
    """Name what stands in the way."""
    if not store.is_sqlite:
        return ["the database"] if migrate.status(store) != "empty" else []
    elsewhere = _database_file(store)
    found = [name for name in _OURS if (settings.data / name).exists()]
    named = list(dict.fromkeys(name.removesuffix("-wal").removesuffix("-shm") for name in found))
    return named or ([str(elsewhere)] if elsewhere.exists() else [])


def _set_aside(settings: Settings, store: Store, now: datetime, program: str) -> Path:
    """Keep what is there: the files in a folder beside them, a PostgreSQL database as a backup."""
    aside = settings.data / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    if not store.is_sqlite:
        save(settings, store, aside / "backup.tar.gz", now, program)
    database = _database_file(store)
    beside = [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm")] if store.is_sqlite else []
    for file in {*beside, *(settings.data / name for name in _OURS)}:
        if file.exists():
            shutil.move(file, aside / file.name)
    return aside


def _put_in_place(settings: Settings, store: Store, folder: Path, manifest: Manifest) -> None:
    if not store.is_sqlite:
        postgres.load(settings, store, folder / DUMP_FILE)
    for name in manifest.files:
        target = _database_file(store) if name == DATABASE_FILE else settings.data / name
        if name != DUMP_FILE:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / name, target)
            target.chmod(0o600)
