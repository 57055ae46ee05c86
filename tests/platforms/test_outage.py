"""The network is away for an hour: what was written meanwhile is fetched afterwards, or said to be missing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from monitor import watching
from monitor.simulated.server import Fault
from monitor.store import watches
from tests.platforms.day import QuickJudge
from tests.platforms.town import STREETS, Town

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def town(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> Iterator[Town]:
    with Town(sqlite_url, tmp_path, START, (request.param,)) as here:
        here.judge = QuickJudge()
        yield here.settle_in()


def an_hour_away(town: Town, posts: int) -> set[str]:
    """Take the network away for an hour in which people write, give it back, and wait; return what was written."""
    (name,) = town.platforms
    for _ in range(3):
        town.pull()
        town.clock.move(30)
    town.platforms[name].faults.rates[Fault.CUT] = 1.0
    written = set()
    for number in range(posts):
        written.add(town.known_as(name, town.says(name, f"ana{number}", f"A kettle, number {number}.")))
        town.clock.move(3600 / posts)
        town.pull()
    town.platforms[name].faults.rates.clear()
    for _ in range(40):
        town.clock.move(60)
        town.pull()
    return written


def stored(town: Town) -> set[str]:
    with town.store.reading() as work:
        return set(work.execute(sql("SELECT external_id FROM mention")).scalars())


@pytest.mark.parametrize("town", sorted(STREETS), indirect=True)
def test_an_hour_without_network_is_made_up_for(town: Town) -> None:
    assert an_hour_away(town, 30) <= stored(town)
    with town.store.reading() as work:
        assert watches.gaps(work) == []
        (source,) = watching.sources(work, town.clock.now())
        assert all(one.is_well for one in source.watches)


@pytest.mark.parametrize("town", ["feed"], indirect=True)
def test_what_scrolled_out_meanwhile_is_a_gap_that_a_person_can_read(town: Town) -> None:
    town.platforms["feed"].full = 20  # type: ignore[attr-defined]
    for number in range(20):
        town.says("feed", f"ben{number}", f"A kettle of the day before, number {number}.")
    written = an_hour_away(town, 50)
    assert len(written - stored(town)) > 20
    with town.store.reading() as work:
        (gap,) = watches.gaps(work)
    sentence = watching.gap_sentence(gap, town.clock.now())
    assert "may be missing" in sentence
    assert "10:" in sentence
