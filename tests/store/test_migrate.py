"""Migrations and tables must agree on both databases."""

import pytest
from sqlalchemy import text

from monitor.store import migrate
from monitor.store.engine import Store


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    assert migrate.status(store) == "current"
    assert migrate.differences(store) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate.upgrade(store)
    assert migrate.status(store) == "current"


def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.unit_of_work() as work:
        work.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.status(store) == "newer"
    with pytest.raises(migrate.SchemaNewer, match="newer Amends"):
        migrate.upgrade(store)


def test_a_database_that_does_not_answer_is_said_without_its_password() -> None:
    store = Store("postgresql://amends:hunter2@127.0.0.1:1/amends")
    with pytest.raises(migrate.DatabaseUnreachable, match="cannot be used") as told:
        migrate.upgrade(store)
    assert "hunter2" not in str(told.value)
