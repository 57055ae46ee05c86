"""From a file to drafts on the desk, on one machine, while somebody works in the queue."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from monitor.settings import Settings
from monitor.store import cases, ledger
from monitor.store.engine import Store
from tests.bench import posts
from tests.bench.machine import children_of, pss, spread
from tests.bench.site import running, visitor, visits

Line = tuple[str, str, str]


def measure(count: int, folder: Path | None, keep: Path) -> list[Line]:
    """Import, judge, triage and draft `count` posts; returns (what, measured, target)."""
    with TemporaryDirectory(prefix="amends-bench-") as temporary:
        data = Path(temporary) / "data"
        file = Path(temporary) / "posts.jsonl"
        what = posts.write(file, count, folder)
        with running(["up", "--no-demo"], data, keep) as site:
            settings = Settings(data=data)
            store = Store(settings.database)
            done, taken = Event(), list[float]()
            client = visitor(site.url, store, settings)
            busy = Thread(target=_keep_looking, args=(client, done, taken))
            busy.start()
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "api.cli", "import", str(file), "--as-live", "--data", str(data)],
                check=True,
                capture_output=True,
            )
            imported = time.perf_counter() - began
            judged = _until(store, began, lambda work: ledger.take_stock(work).waiting == 0)
            drafted = _until(store, began, lambda work: not cases.undrafted(work))
            done.set()
            busy.join()
            memory = pss(children_of(site.process.pid))
            with store.reading() as work:
                stock = ledger.take_stock(work)
            store.close()
        return [
            ("`amends up` to the first page, installed", f"{site.ready_s:.1f} s", "10 s"),
            (f"{count:,} {what}: imported", f"{imported:.0f} s", ""),
            ("judged and triaged", f"{judged:.0f} s", ""),
            (f"drafted ({stock.open:,} cases)", f"{drafted:.0f} s", "120 s"),
            (f"queue page meanwhile, median / p95 of {len(taken)}", spread(taken), "p95 300 ms"),
            ("memory of all processes afterwards (PSS)", f"{memory:.0f} MB", "900 MB"),
        ]


def _keep_looking(client: object, done: Event, taken: list[float]) -> None:
    import httpx

    assert isinstance(client, httpx.Client)
    while not done.wait(0.5):
        taken.extend(visits(client, "/", 1)[-1:])


def _until(store: Store, began: float, true: object) -> float:
    assert callable(true)
    while time.perf_counter() - began < 1800:
        with store.reading() as work:
            if true(work):
                return time.perf_counter() - began
        time.sleep(1)
    message = "it did not end in half an hour"
    raise RuntimeError(message)
