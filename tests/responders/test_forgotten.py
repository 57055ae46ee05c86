"""P8: deleted means deleted. After a post is gone, its words are nowhere, in bytes and in columns."""

import io
import json
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from monitor import forgetting, logs, rechecking
from monitor.assessment import assess_batch
from monitor.domain.records import Login, Looked, Page, Presence, Seen, Watch
from monitor.intake import store_posts
from monitor.store import cases, drafts, ledger, rechecks, users
from monitor.store.engine import Store, checkpoint
from responders import publishing, reviewing
from responders.drafting import draft_batch, finding_rows
from responders.ports import DraftText, Finding, Level
from responders.publishers import dryrun
from tests import builders
from tests.making import ToldJudge, post
from tests.responders.desk import ToldDrafter
from tests.responders.platform import Clock

SECRET = "quokkaparsnip"
WORDS = f"My {SECRET} kettle leaks and nobody answers."


class Quoting(ToldDrafter):
    """Quotes the customer wherever a drafter may."""

    def draft(self, brief: object) -> DraftText:
        """Write."""
        return DraftText(f"Your {SECRET} kettle leaks. We are sorry.", "en", "told-1", f"It says {SECRET}.")


class GonePlatform:
    """Where every post was deleted."""

    at_most = 100

    def fetch(self, watch: Watch, cursor: str) -> Page:
        """Have nothing."""
        return Page((), cursor)

    def look_up(self, login: Login, external_ids: Sequence[str]) -> Looked:
        """Say that all are gone."""
        return Looked(tuple(Seen(one, Presence.GONE) for one in external_ids))


def everything(store: Store) -> str:
    """Every column of every table, as text."""
    with store.reading() as work:
        names = inspect(work).get_table_names()
        rows = [work.execute(text(f'SELECT * FROM "{name}"')).all() for name in names]
    return json.dumps([[str(value) for row in table for value in row] for table in rows], ensure_ascii=False)


def in_files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file() and SECRET.encode() in path.read_bytes()]


@pytest.fixture
def told(store: Store, clock: Clock) -> builders.House:
    """A post whose words were quoted in a draft, its findings, a kept answer, and a reply on the dry-run platform."""
    house = builders.house(store, clock())
    said = post("1", WORDS, author="ana", written_at=clock())
    with store.unit_of_work() as work:
        store_posts(work, house.brand_id, [said], clock(), check_at=clock() + timedelta(hours=1))
        rechecks.look_next(work, 1, clock(), extra={"quoted": SECRET})
        work.execute(text("UPDATE mention SET url = :url"), {"url": f"https://x.example/{SECRET}"})
    assess_batch(store, ToldJudge(), clock())
    found = Finding("blame", Level.WARN, f"“{SECRET}” blames.", f"Drop {SECRET}.", (5, 9))
    draft_batch(store, Quoting(), clock())
    with store.unit_of_work() as work:
        drafts.add_findings(work, 1, finding_rows([found]))
        users.first_time(work, 1, "key", "digest", clock())
        users.answered(work, 1, "key", 200, json.dumps([{"rule": "blame", "why": f"“{SECRET}” blames."}]))
    return house


def test_after_a_deletion_the_words_are_nowhere(
    store: Store, told: builders.House, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / dryrun.FILE
    platform = dryrun.DryRunPublisher(file)
    reviewing.approve(store, told.lead, 1, 1, clock(), overrule="a test")
    log = io.StringIO()
    with redirect_stdout(log), redirect_stderr(log):
        logs.configure("json", "DEBUG")
        assert publishing.publish_case(store, 1, lambda _account: platform, clock) == "replied"
        checkpoint(store)
        assert SECRET in everything(store)
        assert dryrun.FILE in in_files(tmp_path)
        rechecking.recheck_due(store, lambda _name: GonePlatform(), clock.move(3600))
        with store.reading() as work:
            gone = rechecks.gone_since(work, clock() - timedelta(hours=1))
        for name, ids in gone.items():
            dryrun.forget(file, name, ids)
        checkpoint(store)
        logs.configure("json", "CRITICAL")
    assert gone == {"x": ["1"]}
    assert SECRET not in everything(store)
    assert in_files(tmp_path) == [], "not in the database, its log, or the dry run's file"
    assert "sending ended" in log.getvalue()
    assert SECRET not in log.getvalue()
    (ours,) = dryrun.posts(file)
    assert (ours.text, ours.in_reply_to) == ("", "1")
    with store.reading() as work:
        assert ledger.take_stock(work).gone == 1


def test_a_draft_that_is_being_written_when_the_post_goes_is_not_kept(store: Store, clock: Clock) -> None:
    house = builders.house(store, clock())
    for number in (1, 2):
        builders.mention(store, house, clock(), number, author="ana")

    class Slow(Quoting):
        def draft(self, brief: object) -> DraftText:
            with store.unit_of_work() as work:
                forgetting.forget(work, house.brand_id, "x", ["1"], clock.move(1))
            return super().draft(brief)

    draft_batch(store, Slow(), clock())
    with store.reading() as work:
        assert cases.get(work, 1).revision == 0
    assert SECRET not in everything(store)
    assert cases_wanting(store, clock) == [1]


def cases_wanting(store: Store, clock: Clock) -> list[int]:
    with store.unit_of_work() as work:
        return [row.id for row in cases.claim_undrafted(work, 10, clock())]


def test_an_answer_kept_for_repeating_is_not_given_from_what_was_forgotten(
    store: Store, told: builders.House, clock: Clock
) -> None:
    with store.unit_of_work() as work:
        users.first_time(work, 1, "other", "digest", clock())
        users.answered(work, 1, "other", 200, '{"id": 7}')
        forgetting.forget(work, told.brand_id, "x", ["1"], clock())
        assert users.first_time(work, 1, "key", "digest", clock()) == ("digest", 0, "")
        assert users.first_time(work, 1, "other", "digest", clock()) == ("digest", 200, '{"id": 7}')


def test_what_people_wrote_in_their_own_name_stays(store: Store, told: builders.House, clock: Clock) -> None:
    reviewing.escalate(store, told.lead, 1, "Which lid was it?", clock())
    with store.unit_of_work() as work:
        forgetting.forget(work, told.brand_id, "x", ["1"], clock())
        assert cases.owner_words(work, 1) == [("Which lid was it?", "")]
