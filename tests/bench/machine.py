"""What was measured on, and how: processes, memory, percentiles."""

import os
import platform
import re
import socket
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path


def describe() -> str:
    """Return the machine in a line."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gib = round(int(memory.group(1)) / 2**20) if memory else 0
    name = model.group(1).strip() if model else platform.machine()
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({name}), {gib} GiB, Python {platform.python_version()}, load {load:.1f} at the start"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values: Sequence[float]) -> str:
    """Return median and 95th percentile of seconds, in milliseconds."""
    return f"{statistics.median(values) * 1000:.0f} / {percentile(values, 0.95) * 1000:.0f} ms"


def children_of(parent: int) -> list[int]:
    """Return a process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            parents[int(entry.name)] = int(fields[1])
    family = [parent]
    for one in family:
        family += [pid for pid, above in parents.items() if above == one]
    return family


def pss(pids: Iterable[int]) -> float:
    """Return the memory of processes in MB, pages they share counted once (PSS)."""
    total = 0
    for pid in pids:
        try:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found.group(1)) if found else 0
    return total / 1024


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
