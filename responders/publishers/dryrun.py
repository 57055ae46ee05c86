"""A platform of our own: it takes replies, shows them to nobody, and can fail in every way a real one does.

Like a real one it knows nothing of our promises: the same reply sent twice stands there twice.
"""

import random
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from monitor.domain.errors import BadInput, RetryLater
from monitor.domain.records import Login
from responders.ports import (
    CanReply,
    PublishDeferred,
    PublishRefused,
    PublishUncertain,
    Purpose,
    Receipt,
    Reply,
    Target,
)

FILE = "dryrun.sqlite3"
_RETRY_S, _LIMIT_S = 5.0, 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, key TEXT NOT NULL, platform TEXT NOT NULL,
  account TEXT NOT NULL, in_reply_to TEXT NOT NULL, to_handle TEXT NOT NULL, text TEXT NOT NULL, lang TEXT NOT NULL,
  posted_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')), edited_at TEXT, deleted_at TEXT);
CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY, key TEXT NOT NULL, what TEXT NOT NULL, result TEXT NOT NULL,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')));
CREATE INDEX IF NOT EXISTS ix_call_key ON call (key);
"""


@dataclass(frozen=True, slots=True)
class DryRunPost:
    """A post as it stands on the dry-run platform. Times are ISO 8601; None: never."""

    id: int
    key: str
    platform: str
    account: str
    in_reply_to: str
    to_handle: str
    text: str
    lang: str
    posted_at: str
    edited_at: str | None
    deleted_at: str | None


@dataclass(frozen=True, slots=True)
class Faults:
    """How often a call goes wrong (0 to 1), how long it takes (seconds), and the seed that decides which one."""

    fail: float = 0.0  # before it was accepted
    limit: float = 0.0  # too many calls: before it was accepted
    refuse: float = 0.0  # for good
    timeout: float = 0.0  # accepted, but the answer is lost
    slow: float = 0.0
    seed: float = 0.0

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read "fail=0.1,timeout=0.05,slow=0.5,seed=7". Raises `BadInput`."""
        known = [field.name for field in fields(cls)]
        try:
            pairs = [pair.split("=") for pair in written.split(",") if pair.strip()]
            given = {name.strip(): float(value) for name, value in pairs}
            wrong = not given.keys() <= set(known) or any(value < 0 for value in given.values())
        except ValueError:
            wrong = True
        if wrong:
            message = f'AMENDS_FAULTS is "{written}": write it like fail=0.1,timeout=0.05. Known: {", ".join(known)}.'
            raise BadInput(message, where="faults")
        return cls(**given)

    def pick(self, key: str, call: int) -> str:
        """Return the fault that meets call number `call` of a reply, "" for none: the same on every run."""
        drawn = random.Random(f"{self.seed}:{key}:{call}").random()
        for name in ("fail", "limit", "refuse", "timeout"):
            drawn -= getattr(self, name)
            if drawn < 0:
                return name
        return ""


class DryRunPublisher:
    """Takes replies into a file of its own, written to disk before it answers. Serves demo brands and --dry-run."""

    def __init__(self, path: Path, faults: Faults | None = None) -> None:
        """Open the platform at `path`; the file is made on first use."""
        self._path = path
        self._faults = faults or Faults()

    def publish(self, reply: Reply) -> Receipt:
        """Post, edit or delete, and answer; the faults that were set make it fail before or after."""
        fault = self._begin(reply, "publish")
        if fault == "fail":
            message = "The dry-run platform could not be reached. Nothing was sent."
            raise PublishDeferred(message, after=_RETRY_S)
        if fault == "limit":
            message = "The dry-run platform wants fewer calls. Nothing was sent."
            raise PublishDeferred(message, after=_LIMIT_S)
        if fault == "refuse":
            message = "The dry-run platform refused this reply. Nothing was sent."
            raise PublishRefused(message)
        with _open(self._path) as file:
            post_id = _accept(file, reply)
        time.sleep(self._faults.slow / 2)
        if fault == "timeout":
            message = "The dry-run platform did not answer in time: the reply may stand there."
            raise PublishUncertain(message)
        return _receipt(post_id)

    def find(self, reply: Reply) -> Receipt | None:
        """Look for what `publish` would have left. A purged text ("") matches any reply of ours to that post."""
        if self._begin(reply, "find") in {"fail", "limit"}:
            message = "The dry-run platform could not be asked."
            raise RetryLater(message, after=_RETRY_S)
        with _open(self._path) as file:
            found = _find(file, reply)
        return None if found is None else _receipt(found)

    def can_reply(self, target: Target, login: Login) -> CanReply:
        """Allow every reply."""
        del target, login
        return CanReply(allowed=True)

    def _begin(self, reply: Reply, what: str) -> str:
        """Note the call, and return the fault that meets it. A second try of the same reply draws anew."""
        time.sleep(self._faults.slow / 2)
        with _open(self._path) as file:
            before = file.execute("SELECT count(*) FROM call WHERE key = ?", (reply.key,)).fetchone()[0]
            fault = self._faults.pick(reply.key, before)
            file.execute("INSERT INTO call (key, what, result) VALUES (?, ?, ?)", (reply.key, what, fault or "taken"))
        return fault


def build(data: Path, faults: str = "") -> DryRunPublisher:
    """Return the dry-run platform of a data folder."""
    return DryRunPublisher(data / FILE, Faults.parse(faults))


def posts(path: Path) -> list[DryRunPost]:
    """Return what stands, or stood, on the platform at `path`, oldest first; withdrawn posts stay as a trace."""
    if not path.exists():
        return []
    with _open(path) as file:
        return [DryRunPost(*row) for row in file.execute("SELECT * FROM post ORDER BY id")]


def forget(path: Path, platform: str, external_ids: Iterable[str]) -> None:
    """Empty our replies to posts that are gone: they may quote them. That a reply was there stays known."""
    if not path.exists():
        return
    with _open(path) as file:
        mine = "UPDATE post SET text = '' WHERE platform = ? AND in_reply_to = ? AND text <> ''"
        file.executemany(mine, [(platform, one) for one in external_ids])


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    """Run one transaction on the platform's file; it is on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=FULL")
        file.execute("PRAGMA secure_delete=ON")
        file.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";"):
            file.execute(statement)
        yield file
        file.execute("COMMIT")


_POST = """INSERT INTO post (key, platform, account, in_reply_to, to_handle, text, lang)
  VALUES (:key, :platform, :account, :to_external_id, :to_handle, :text, :lang) RETURNING id"""
_EDIT = """UPDATE post SET text = :text, edited_at = strftime('%Y-%m-%dT%H:%M:%fZ')
  WHERE id = :replaced AND deleted_at IS NULL RETURNING id"""
_DELETE = """UPDATE post SET deleted_at = strftime('%Y-%m-%dT%H:%M:%fZ')
  WHERE id = :replaced AND deleted_at IS NULL RETURNING id"""
_DO = {Purpose.ANSWER: _POST, Purpose.CORRECT: _EDIT, Purpose.WITHDRAW: _DELETE}

# What any platform shows of our own posts: the account, the post that is answered, and the text.
_POSTED = """SELECT max(id) FROM post WHERE platform = :platform AND account = :account
  AND in_reply_to = :to_external_id AND :text IN (text, '') AND deleted_at IS NULL"""
_EDITED = """SELECT max(id) FROM post WHERE id = :replaced AND :text IN (text, '')
  AND edited_at IS NOT NULL AND deleted_at IS NULL"""
_DELETED = "SELECT max(id) FROM post WHERE id = :replaced AND deleted_at IS NOT NULL"
_SEEN = {Purpose.ANSWER: _POSTED, Purpose.CORRECT: _EDITED, Purpose.WITHDRAW: _DELETED}


def _accept(file: sqlite3.Connection, reply: Reply) -> int:
    done = file.execute(_DO[reply.purpose], _values(reply)).fetchone()
    if done is None:
        message = f"The dry-run platform has no post of ours there to {reply.purpose}. Nothing was changed."
        raise PublishRefused(message)
    return int(done[0])


def _find(file: sqlite3.Connection, reply: Reply) -> int | None:
    (found,) = file.execute(_SEEN[reply.purpose], _values(reply)).fetchone()
    return None if found is None else int(found)


def _values(reply: Reply) -> dict[str, str | int]:
    names = ("key", "to_external_id", "to_handle", "text", "lang")
    whose = {"platform": reply.login.platform, "account": reply.login.handle}
    return {**{name: getattr(reply, name) for name in names}, **whose, "replaced": _replaced(reply)}


def _replaced(reply: Reply) -> int:
    return int(reply.replaces.external_id.removeprefix("dryrun-")) if reply.replaces else 0


def _receipt(post_id: int) -> Receipt:
    return Receipt(f"dryrun-{post_id}", simulated=True)
