"""Measure, and write docs/benchmarks.md."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

from monitor import logs
from tests.bench import chain, hearing, judge, parts, queue
from tests.bench.machine import describe

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench`; do not edit by hand. Absolute times on a shared machine are noisy: the ratios within one run
count, and so do the targets.

- Command: `{command}`
- Machine: {machine}
- Day: {day}

| what | measured | target |
|---|---|---|
"""


def main() -> None:
    """Run everything; AMENDS_BENCH_DATA names a folder of labelled posts, AMENDS_BENCH_POSTS how many to take,
    AMENDS_BENCH_PACKAGES where the judges to compare with are installed.
    """
    logs.configure("json", "ERROR")
    folder = Path(os.environ["AMENDS_BENCH_DATA"]) if os.environ.get("AMENDS_BENCH_DATA") else None
    count = int(os.environ.get("AMENDS_BENCH_POSTS", "10000"))
    # Contenders may live in a folder of their own (`pip install --target`): the product is measured without them.
    sys.path += filter(None, [os.environ.get("AMENDS_BENCH_PACKAGES")])
    machine, keep = describe(), Path(gettempdir()) / "amends-bench.log"
    rows = []
    for name, run in (
        ("the chain", lambda: chain.measure(count, folder, keep)),
        ("the queue", lambda: queue.measure(count * 10, keep)),
        ("hearing", lambda: hearing.measure(keep)),
        ("the judge", lambda: judge.measure(folder)),
        ("the parts", lambda: parts.measure(folder)),
    ):
        print(f"Measuring {name} ...", file=sys.stderr)
        found = run()
        rows += found
        for what, measured, target in found:
            print(f"  {what}: {measured}" + (f" (target {target})" if target else ""), file=sys.stderr)
    command = "AMENDS_BENCH_DATA=DIR make bench" if folder else "make bench"
    head = HEAD.format(command=command, machine=machine, day=datetime.now(UTC).date().isoformat())
    REPORT.write_text(head + "".join(f"| {what} | {measured} | {target} |\n" for what, measured, target in rows))
    print(f"Written to {REPORT.relative_to(Path.cwd())}", file=sys.stderr)


main()
