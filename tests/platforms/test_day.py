"""A day on six platforms with everything that goes wrong there, on both databases.

`python -m tests.platforms.day --posts 200000` lives a fuller one.
"""

from pathlib import Path

import pytest

from tests.platforms.day import START, Day, Findings
from tests.platforms.town import Town

pytestmark = [pytest.mark.day, pytest.mark.timeout(1500)]


def lived(url: str, folder: Path, posts: int, *, hours: float, seed: int) -> Findings:
    with Town(url, folder, START) as town:
        return Day(town.settle_in(every_s=240), posts, hours=hours, seed=seed).live()


def check(found: Findings) -> None:
    assert found.lost == []
    assert found.doubled == []
    assert found.to_deleted == []
    assert found.not_settled == []
    assert found.kept_words == []
    assert found.balanced
    assert found.replied > found.approved / 2, "most of the replies that were approved should have arrived"


def test_a_day(sqlite_url: str, tmp_path: Path) -> None:
    found = lived(sqlite_url, tmp_path, 40_000, hours=24, seed=1)
    check(found)
    assert found.stored > 32_000


def test_a_busy_morning_on_postgresql(pg_url: str, tmp_path: Path) -> None:
    check(lived(pg_url, tmp_path, 20_000, hours=4, seed=2))
