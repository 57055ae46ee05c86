"""From a post on a platform to a case with a draft on the desk, and what pulling costs by itself."""

import random
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from sqlalchemy import text as sql

from monitor import pulling, simulated
from monitor.domain.records import Author, Login, Looked, Page, Post, Watch
from monitor.logins import lock
from monitor.settings import Settings
from monitor.store import accounts, brands, migrate, watches
from monitor.store.engine import Store
from monitor.vault import Vault
from tests.bench.site import running

Line = tuple[str, str, str]
WORDS = "@acme my kettle is broken after two days and nobody answers. Terrible service, number"
POSTS, SPREAD_S = 60, 120.0  # so many posts in so many seconds


def measure(keep: Path, million: int = 200_000) -> list[Line]:
    """Return (what, measured, target) of hearing by polls, by a stream, and of pulling alone."""
    polled = _heard("mastodon", {"kind": "mentions"}, 30, keep)
    streamed = _heard("bluesky", {"kind": "stream", "words": ["kettle"]}, 1, keep)
    page, start, end = _pages(million)
    return [
        ("post to queue with a poll every 30 s, median / p95", _shown(polled), "20 s / 45 s"),
        ("post to queue with a stream, median / p95", _shown(streamed), "5 s / 5 s"),
        ("storing a page of 100 new posts, median", f"{page * 1000:.0f} ms", "50 ms"),
        (f"memory while pulling {million:,} posts, after a tenth / at the end", f"{start:.0f} / {end:.0f} MB", "flat"),
    ]


def _shown(taken: list[float]) -> str:
    return f"{median(taken):.1f} s / {quantiles(taken, n=20)[-1]:.1f} s"


def _heard(name: str, query: dict[str, Any], every_s: int, keep: Path) -> list[float]:
    """Run everything, let customers write, and return how long each post took to become a case with a draft."""
    with TemporaryDirectory(prefix="amends-bench-") as folder, simulated.load(name)() as platform:
        settings = Settings(data=Path(folder) / "data")
        store = Store(settings.database)
        migrate.upgrade(store)
        _connect(store, settings, platform.connect("acme"), name, query, every_s)  # type: ignore[attr-defined]
        with running(["up", "--no-demo"], settings.data, keep):
            time.sleep(every_s)  # the first poll is over
            written = {}
            rng = random.Random(1)
            for number in range(POSTS):
                post = platform.customer(f"customer{number}", f"{WORDS} {number}.", to="acme")  # type: ignore[attr-defined]
                written[platform.external_id(post)] = time.time()  # type: ignore[attr-defined]
                time.sleep(rng.expovariate(POSTS / SPREAD_S))
            return _waits(store, written, 90)


def _connect(store: Store, settings: Settings, login: Login, name: str, query: dict[str, Any], every_s: int) -> None:
    now = datetime.now(UTC)
    more = {"host": login.host, "external_id": login.external_id, "options": dict(login.options)}
    with store.unit_of_work() as work:
        brand = brands.create(work, "acme", "Acme", now)
        secret = lock(login, Vault(settings.key()))
        account = accounts.add(work, brand, name, login.handle, name, now, secret=secret, **more)
        watches.add(work, brand, name, query, now, every_s=every_s, account_id=account)


_DRAFTED = """SELECT m.external_id, min(d.created_at) FROM mention m JOIN case_mention c ON c.mention_id = m.id
  JOIN draft d ON d.case_id = c.case_id GROUP BY m.external_id"""


def _waits(store: Store, written: dict[str, float], seconds: float) -> list[float]:
    ends = time.monotonic() + seconds
    while True:
        with store.reading() as work:
            drafted = {row[0]: row[1] for row in work.execute(sql(_DRAFTED))}
        if len(drafted) >= len(written) or time.monotonic() > ends:
            break
        time.sleep(1)
    at = {one: datetime.fromisoformat(str(when)).replace(tzinfo=UTC).timestamp() for one, when in drafted.items()}
    assert len(at) == len(written), f"{len(written) - len(at)} posts are missing"
    return [at[one] - when for one, when in written.items()]


class _Endless:
    """A source with a new page of 100 posts for every fetch."""

    at_most = 0

    def fetch(self, watch: Watch, cursor: str) -> Page:
        first = int(cursor or 0)
        now = datetime.now(UTC)
        posts = tuple(
            Post("x", str(n), f"A kettle in blue, number {n}.", Author(str(n % 5000), f"u{n % 5000}"), now)
            for n in range(first, first + 100)
        )
        return Page(posts, str(first + 100), more=True)

    def look_up(self, login: Login, external_ids: object) -> Looked:
        return Looked(())


def _pages(posts: int) -> tuple[float, float, float]:
    """Return the median seconds of storing a page, and this process's memory in MB early and at the end."""
    me, taken, early = psutil.Process(), list[float](), 0.0
    with TemporaryDirectory(prefix="amends-bench-") as folder:
        store = Store(f"sqlite:///{folder}/amends.sqlite3")
        migrate.upgrade(store)
        with store.unit_of_work() as work:
            brand = brands.create(work, "acme", "Acme", datetime.now(UTC))
            watch = watches.add(work, brand, "x", {}, datetime.now(UTC))
        source = _Endless()
        for number in range(posts // 100):
            began = time.perf_counter()
            pulling.pull(store, watch, lambda _name: source, datetime.now(UTC))
            taken.append(time.perf_counter() - began)
            if number == posts // 1000:
                early = me.memory_info().rss / 1e6
        store.close()
    return median(taken), early, me.memory_info().rss / 1e6
