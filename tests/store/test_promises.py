"""P1 to P3, attacked with SQL by hand, as anybody with the database's own shell could.

SQLite is opened as its shell opens it: with foreign keys off.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
import pytest

from monitor.domain.lifecycle import CaseState
from monitor.store import brands, drafts, mentions
from monitor.store.engine import Store
from responders import publishing, reviewing
from responders.ports import PublishUncertain
from tests import builders
from tests.builders import House
from tests.responders.platform import Clock, Platform

WHEN = "'2026-03-02 10:00:00'"


class Refused(Exception):
    """The database would not have it."""


@dataclass
class Shell:
    """The database's own shell."""

    connection: sqlite3.Connection | psycopg.Connection

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement and commit it. Raises `Refused`; then nothing has changed."""
        try:
            cursor = self.connection.execute(statement)
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            self.connection.commit()
        except (sqlite3.Error, psycopg.Error) as error:
            self.connection.rollback()
            raise Refused(str(error)) from error
        return rows


@pytest.fixture
def shell(store: Store) -> Iterator[Shell]:
    url = store.url
    if store.is_sqlite:
        connection: sqlite3.Connection | psycopg.Connection = sqlite3.connect(str(url.database))
    else:
        connection = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    yield Shell(connection)
    connection.close()


@dataclass
class Scene:
    """One case with an approved reply that has not been sent, and the ids of all that."""

    store: Store
    house: House
    case_id: int
    draft_id: int
    review_id: int

    def publication(self, **other: object) -> str:
        """Return the SQL that inserts the publication of this review, with some values changed."""
        values: dict[str, object] = {
            "case_id": self.case_id,
            "review_id": self.review_id,
            "draft_id": self.draft_id,
            "decision": "'approve'",
            "standing": "TRUE",
            "account_id": self.house.account_id,
            "key": "'by-hand'",
            "state": "'sending'",
            "attempts": 1,
            "claimed_at": WHEN,
            "external_id": "''",
            "url": "''",
            "simulated": "FALSE",
            "error": "''",
            "looks": 0,
            "created_at": WHEN,
        } | other
        return f"INSERT INTO publication ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"

    def review(self, **other: object) -> str:
        """Return the SQL that inserts one more review of this revision."""
        values: dict[str, object] = {
            "case_id": self.case_id,
            "draft_id": self.draft_id,
            "user_id": self.house.second.user_id,
            "decision": "'approve'",
            "standing": "TRUE",
            "via": "'session'",
            "reason": "''",
            "overruled": "''",
            "created_at": WHEN,
        } | other
        return f"INSERT INTO review ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


@pytest.fixture
def scene(store: Store, now: datetime) -> Scene:
    house = builders.house(store, now)
    return approved(store, house, now, 1)


def approved(store: Store, house: House, now: datetime, number: int) -> Scene:
    case_id = builders.approved(store, house, now, number)
    with store.reading() as work:
        review = drafts.approval(work, case_id)
    return Scene(store, house, case_id, review.draft_id, review.id)


def newest_review(shell: Shell) -> int:
    ((newest,),) = shell.run("SELECT max(id) FROM review")
    assert isinstance(newest, int)
    return newest


def texts(shell: Shell) -> list[tuple[object, ...]]:
    return shell.run("SELECT id, text FROM draft ORDER BY id")


# --- P1: no publication without a person's standing approval of that very revision ---------------------------------


def test_the_publication_of_a_standing_approval_is_taken(scene: Scene, shell: Shell) -> None:
    shell.run(scene.publication())
    assert shell.run("SELECT state FROM publication") == [("sending",)]


@pytest.mark.parametrize(
    "other",
    [
        {"review_id": 999},
        {"review_id": "NULL"},
        {"draft_id": 999},
        {"case_id": 999},
        {"decision": "'first_approve'"},
        {"standing": "FALSE"},
    ],
    ids=str,
)
def test_a_publication_that_names_anything_else_is_refused(
    scene: Scene, shell: Shell, other: dict[str, object]
) -> None:
    with pytest.raises(Refused):
        shell.run(scene.publication(**other))


@pytest.mark.parametrize("decision", ["first_approve", "reject"])
def test_a_review_that_does_not_approve_publishes_nothing(scene: Scene, shell: Shell, decision: str) -> None:
    shell.run(scene.review(decision=f"'{decision}'"))
    for claimed in ("approve", decision):
        with pytest.raises(Refused):
            shell.run(scene.publication(review_id=newest_review(shell), decision=f"'{claimed}'"))


def test_an_undone_approval_publishes_nothing(scene: Scene, shell: Shell, now: datetime) -> None:
    reviewing.undo(scene.store, scene.house.lead, scene.case_id, now)
    for standing in ("TRUE", "FALSE"):
        with pytest.raises(Refused):
            shell.run(scene.publication(standing=standing))


def test_an_approval_of_one_revision_does_not_publish_the_next(scene: Scene, shell: Shell, now: datetime) -> None:
    reviewing.undo(scene.store, scene.house.lead, scene.case_id, now)
    builders.write(scene.store, scene.house, scene.case_id, now)
    with scene.store.reading() as work:
        newer = drafts.current(work, scene.case_id)
    assert newer is not None
    for draft_id in (scene.draft_id, newer.id):
        with pytest.raises(Refused):
            shell.run(scene.publication(draft_id=draft_id))


def test_an_approval_in_one_case_does_not_publish_in_another(scene: Scene, shell: Shell, now: datetime) -> None:
    other = approved(scene.store, scene.house, now, 2)
    with pytest.raises(Refused):
        shell.run(scene.publication(case_id=other.case_id))
    with pytest.raises(Refused):
        shell.run(scene.publication(case_id=other.case_id, draft_id=other.draft_id))


def test_what_was_published_cannot_be_undone(scene: Scene, shell: Shell) -> None:
    shell.run(scene.publication())
    for attack in (
        "UPDATE review SET standing = FALSE",
        "UPDATE review SET decision = 'reject'",
        "UPDATE review SET draft_id = draft_id + 1",
        "UPDATE review SET id = id + 100",
        f"UPDATE review SET user_id = {scene.house.second.user_id}",
        "DELETE FROM review",
        "UPDATE publication SET standing = FALSE",
    ):
        with pytest.raises(Refused):
            shell.run(attack)
    assert shell.run("SELECT standing, decision FROM review") in ([(1, "approve")], [(True, "approve")])


def test_an_approval_that_was_not_published_can_be_undone(scene: Scene, shell: Shell) -> None:
    shell.run("UPDATE review SET standing = FALSE")
    with pytest.raises(Refused):
        shell.run(scene.publication())


def test_a_publication_cannot_be_moved_to_another_review(scene: Scene, shell: Shell) -> None:
    shell.run(scene.publication())
    shell.run(scene.review(decision="'reject'"))
    with pytest.raises(Refused):
        shell.run(f"UPDATE publication SET review_id = {newest_review(shell)}")


def test_a_review_is_by_a_person_at_the_desk_and_of_a_revision(scene: Scene, shell: Shell) -> None:
    for attack in (
        scene.review(user_id="NULL"),
        scene.review(user_id=999),
        scene.review(via="'token'"),
        scene.review(via="''"),
        scene.review(draft_id=999),
        scene.review(case_id=999),
    ):
        with pytest.raises(Refused):
            shell.run(attack)
    shell.run(scene.review())


def test_what_a_person_read_and_approved_never_changes(scene: Scene, shell: Shell) -> None:
    before = texts(shell)
    for attack in (
        "UPDATE draft SET text = 'We owe you nothing.'",
        "UPDATE draft SET purpose = 'withdraw'",
        "UPDATE draft SET revision = 7",
        "UPDATE draft SET case_id = 999",
        "UPDATE draft SET mention_id = 999",
        "UPDATE draft SET id = id + 100",
        "DELETE FROM draft",
    ):
        with pytest.raises(Refused):
            shell.run(attack)
    assert texts(shell) == before


def test_a_text_can_be_purged_and_not_be_filled_again(scene: Scene, shell: Shell) -> None:
    shell.run("UPDATE draft SET text = NULL")
    with pytest.raises(Refused):
        shell.run("UPDATE draft SET text = 'We owe you nothing.'")
    assert texts(shell) == [(scene.draft_id, None)]


# --- P2: once ------------------------------------------------------------------------------------------------------------


def test_a_review_is_published_once_whatever_became_of_it(scene: Scene, shell: Shell, now: datetime) -> None:
    states = ("sending", "sent", "refused", "deferred", "uncertain", "missing", "undone")
    for number, state in enumerate(states, start=2):
        one = approved(scene.store, scene.house, now, number)
        shell.run(one.publication(state=f"'{state}'", key=f"'{number}'"))
        with pytest.raises(Refused):
            shell.run(one.publication(key=f"'again {number}'"))


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_a_case_has_one_reply_under_way(scene: Scene, shell: Shell, state: str) -> None:
    shell.run(scene.publication(state=f"'{state}'"))
    shell.run(scene.review())
    second = scene.publication(review_id=newest_review(shell), key="'second'")
    with pytest.raises(Refused):
        shell.run(second)
    shell.run("UPDATE publication SET state = 'missing'")
    shell.run(second)


def test_what_was_sent_or_may_have_been_cannot_be_made_ready_to_try_again(
    scene: Scene, shell: Shell, now: datetime
) -> None:
    for number, state in enumerate(("sent", "refused", "uncertain", "missing", "undone"), start=2):
        one = approved(scene.store, scene.house, now, number)
        shell.run(one.publication(state=f"'{state}'", key=f"'{number}'"))
        for change in ("state = 'deferred'", "state = 'sending'", "key = 'another'"):
            with pytest.raises(Refused):
                shell.run(f"UPDATE publication SET {change} WHERE key = '{number}'")


def test_an_unclear_reply_cannot_be_made_ready_to_send_by_approving_it_again(
    scene: Scene, shell: Shell, now: datetime
) -> None:
    platform, clock = Platform([PublishUncertain("?")]), Clock(now)
    publishing.publish_case(scene.store, scene.case_id, platform.load, clock)
    shell.run(scene.review())
    shell.run("UPDATE \"case\" SET state = 'approved'")
    with suppress(Exception):  # whichever way it is stopped, nothing may be sent
        publishing.publish_case(scene.store, scene.case_id, platform.load, clock)
    assert len(platform.sent) == 1


def test_the_rows_the_program_writes_itself_are_taken(scene: Scene, now: datetime) -> None:
    state = publishing.publish_case(scene.store, scene.case_id, Platform().load, Clock(now))
    assert state == CaseState.REPLIED


def test_replacing_a_row_is_no_way_around(sqlite_store: Store, now: datetime) -> None:
    """SQLite's INSERT OR REPLACE deletes what is in its way, and fires no trigger that guards deleting."""
    shell = Shell(sqlite3.connect(str(sqlite_store.url.database)))
    scene = approved(sqlite_store, builders.house(sqlite_store, now), now, 1)
    shell.run(scene.publication(state="'sent'"))
    before = [shell.run(f"SELECT * FROM {table}") for table in ("draft", "review", "publication")]
    rest = "case_id, revision, purpose, mention_id, 'We owe you nothing.', text_digest, lang, user_id, version, note, "
    rest += "created_at FROM draft"
    for attack in (
        scene.publication(key="'again'"),
        scene.review(id=scene.review_id, standing="FALSE"),
        scene.review(id=scene.review_id, decision="'reject'"),
        f"INSERT INTO draft SELECT id, {rest}",
        f"INSERT INTO draft SELECT id + 100, {rest}",
    ):
        with pytest.raises(Refused):
            shell.run(attack.replace("INSERT INTO", "INSERT OR REPLACE INTO"))
    assert [shell.run(f"SELECT * FROM {table}") for table in ("draft", "review", "publication")] == before
    shell.connection.close()


# --- P3: nothing is lost, and nothing is counted twice --------------------------------------------------------------------


def test_a_post_is_one_mention_and_a_mention_is_in_one_case(scene: Scene, shell: Shell, now: datetime) -> None:
    other = approved(scene.store, scene.house, now, 2)
    columns = "brand_id, platform, external_id, author_id, thread_id, text_digest, url, reply_to, lang_hint, stored_at,"
    columns += " clock_at, is_history, extra, attempts, parked"
    with pytest.raises(Refused):
        shell.run(f"INSERT INTO mention ({columns}) SELECT {columns} FROM mention")
    with pytest.raises(Refused):
        shell.run(f"INSERT INTO case_mention SELECT mention_id, {other.case_id} FROM case_mention")
    with scene.store.reading() as work:
        assert brands.get(work, scene.house.brand_id).slug == "vela"
        assert mentions.case_of(work, builders.state(scene.store, scene.case_id).mention_id) == scene.case_id
