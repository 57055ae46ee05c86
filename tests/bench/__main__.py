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
count, and so do the targets. Lines of one part (chain, queue, hearing, judge, parts) come from one run.

- Command: `{command}`
- Machine: {machine}
- Day: {day}

| what | measured | target |
|---|---|---|
"""


def main() -> None:
    """Run everything, or the parts that are named (`python -m tests.bench judge`); lines of the others stay.

    AMENDS_BENCH_DATA names a folder of labelled posts, AMENDS_BENCH_POSTS how many to take, AMENDS_BENCH_PACKAGES where
    the judges to compare with are installed.
    """
    logs.configure("json", "ERROR")
    folder = Path(os.environ["AMENDS_BENCH_DATA"]) if os.environ.get("AMENDS_BENCH_DATA") else None
    count = int(os.environ.get("AMENDS_BENCH_POSTS", "10000"))
    # Contenders may live in a folder of their own (`pip install --target`): the product is measured without them.
    sys.path += filter(None, [os.environ.get("AMENDS_BENCH_PACKAGES")])
    machine, keep = describe(), Path(gettempdir()) / "amends-bench.log"
    every = {
        "chain": lambda: chain.measure(count, folder, keep),
        "queue": lambda: queue.measure(count * 10, keep),
        "hearing": lambda: hearing.measure(keep),
        "judge": lambda: judge.measure(folder),
        "parts": lambda: parts.measure(folder),
    }
    rows = _kept() if sys.argv[1:] else {}
    for name in sys.argv[1:] or every:
        print(f"Measuring: {name} ...", file=sys.stderr)
        for what, measured, target in every[name]():
            rows[what] = f"| {what} | {measured} | {target} |\n"
            print(f"  {what}: {measured}" + (f" (target {target})" if target else ""), file=sys.stderr)
    command = "AMENDS_BENCH_DATA=DIR make bench" if folder else "make bench"
    head = HEAD.format(command=command, machine=machine, day=datetime.now(UTC).date().isoformat())
    REPORT.write_text(head + "".join(rows.values()))
    print(f"Written to {REPORT.relative_to(Path.cwd())}", file=sys.stderr)


def _kept() -> dict[str, str]:
    """Return the lines of the last report by what they measure."""
    lines = REPORT.read_text().partition("|---|---|---|\n")[2].splitlines(keepends=True)
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}


main()
