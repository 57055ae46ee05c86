"""Bringing posts in, counting them, and taking them out again."""

import csv
import io
import sqlite3
from pathlib import Path

from monitor.assessment import assess_batch
from monitor.classifiers import load
from monitor.store import brands
from monitor.store.engine import Store
from responders import demo
from tests.api.cli.conftest import Amends

POSTS = """Ref;Who;Words;When
1;ann;The lamp arrived broken and nobody answers me;2026-03-01T09:00:00Z
2;bob;A lovely lamp, thank you;2026-03-01T09:05:00Z
3;cat;;2026-03-01T09:06:00Z
4;dan;Where can I see your opening hours?;2026-03-01T09:07:00Z
"""
COLUMNS = "id=Ref,author=Who,text=Words,created_at=When"


def file(folder: Path, content: str = POSTS) -> str:
    path = folder / "posts.csv"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_from_a_file_to_a_balanced_ledger(amends: Amends, stored: Store, tmp_path: Path) -> None:
    said = amends("import", file(tmp_path), "--map", COLUMNS, "--as-live")
    assert said.code == 0
    assert "3 new, 0 already known, 1 refused (brand default)" in said.out
    assert "line 4, Words: the text is blank" in said.out
    assert "text from Words" in said.out
    assert amends("ledger", "--json").data["waiting"] == 3

    now = demo_time()
    assert assess_batch(stored, load("rules"), now) == 3
    ledger = amends("ledger", "--json")
    figures = ledger.data
    assert ledger.code == 0
    assert list(figures) == [
        "mentions", "waiting", "history", "not_a_complaint", "open", "answered", "closed", "gone", "unaccounted",
        "balanced",
    ]  # fmt: skip
    assert figures["open"] >= 1
    assert figures["waiting"] == 0
    assert figures["balanced"] is True
    assert "Balanced: each of 3 mentions" in amends("ledger").out


def demo_time():  # type: ignore[no-untyped-def]
    from datetime import UTC, datetime

    return datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
