"""Bringing posts in, counting them, and taking them out again."""

import csv
import io
import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

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
4;dan;=Where can I see your opening hours?;2026-03-01T09:07:00Z
"""
COLUMNS = "id=Ref,author=Who,text=Words,created_at=When"


@pytest.fixture
def posts(tmp_path: Path) -> str:
    path = tmp_path / "posts.csv"
    path.write_text(POSTS, encoding="utf-8")
    return str(path)


def test_from_a_file_to_a_balanced_ledger(amends: Amends, stored: Store, posts: str, now: datetime) -> None:
    said = amends("import", posts, "--map", COLUMNS, "--as-live")
    assert said.code == 0
    assert "3 new, 0 already known, 1 refused (brand default)" in said.out
    assert "line 4, Words: the text is blank" in said.out
    assert "text from Words" in said.out
    assert amends("ledger", "--json").data["waiting"] == 3

    assert assess_batch(stored, load("rules"), now) == 3
    ledger = amends("ledger", "--json")
    assert ledger.code == 0
    assert ledger.data == {
        "mentions": 3,
        "waiting": 0,
        "history": 0,
        "not_a_complaint": 0,
        "open": 3,
        "answered": 0,
        "closed": 0,
        "gone": 0,
        "unaccounted": 0,
        "balanced": True,
    }
    assert "Balanced: each of 3 mentions" in amends("ledger", "--brand", "default").out


def test_the_ledger_names_what_it_cannot_account_for_and_fails(
    amends: Amends, stored: Store, posts: str, now: datetime, data: Path
) -> None:
    amends("import", posts, "--map", COLUMNS, "--as-live")
    assess_batch(stored, load("rules"), now)
    with sqlite3.connect(data / "amends.sqlite3") as file:
        file.execute("DELETE FROM case_mention WHERE mention_id = 1")
    file.close()
    said = amends("ledger")
    assert said.code == 1
    assert "NOT balanced: 1 of 3 mentions are in no ending. Mentions 1." in said.out
    assert amends("ledger", "--json").data["unaccounted_ids"] == [1]


def test_importing_again_adds_nothing(amends: Amends, posts: str) -> None:
    amends("import", posts, "--map", COLUMNS)
    again = amends("import", posts, "--map", COLUMNS, "--json").data
    assert (again["new"], again["known"], again["refused"]) == (0, 3, 1)
    assert again["refused_rows"] == [{"line": 4, "field": "Words", "reason": "the text is blank"}]


def test_old_posts_are_said_to_be_history(amends: Amends, posts: str) -> None:
    said = amends("import", posts, "--map", COLUMNS)
    assert "3 were already old when they arrived" in said.out
    assert "--as-live" in said.out


def test_an_empty_folder_is_made_ready_by_the_import(amends: Amends, posts: str, tmp_path: Path) -> None:
    fresh = tmp_path / "deep" / "down"
    assert amends("import", posts, "--map", COLUMNS, "--data", str(fresh)).code == 0
    assert amends("ledger", "--json", "--data", str(fresh)).data["mentions"] == 3


def test_a_mistyped_folder_is_not_taken_for_an_empty_one(amends: Amends, tmp_path: Path) -> None:
    said = amends("ledger", "--data", str(tmp_path / "dta"))
    assert said.code == 1
    assert "There is no data in" in said.err
    assert not (tmp_path / "dta").exists()


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("text", '"text" is not FIELD=COLUMN'),
        ("words=Words", 'there is no field "words"; the fields are text, id'),
        ("text=Words,author=Whoo", 'There is no column "Whoo"; the first line names "Ref", "Who"'),
        ("author=Who", "--map text=NAME"),
    ],
)
def test_a_wrong_mapping_is_wrong_usage_and_says_what_is_possible(
    amends: Amends, posts: str, mapping: str, told: str
) -> None:
    said = amends("import", posts, "--map", mapping)
    assert said.code == 2
    assert told in " ".join(said.err.split())
    assert amends("ledger", "--json").data["mentions"] == 0


def test_a_file_that_is_not_there_is_wrong_usage(amends: Amends) -> None:
    said = amends("import", "nowhere.csv")
    assert said.code == 2
    assert "there is no file nowhere.csv" in said.err


def test_several_brands_have_to_be_told_apart(amends: Amends, stored: Store, posts: str, now: datetime) -> None:
    amends("brand", "add", "acme", "Acme")
    assert "(brand acme)" in amends("import", posts, "--map", COLUMNS).out
    amends("brand", "add", "bolt", "Bolt")
    said = amends("import", posts, "--map", COLUMNS)
    assert said.code == 1
    assert "Name one with --brand: acme, bolt." in said.err
    assert "3 new" in amends("import", posts, "--map", COLUMNS, "--brand", "bolt").out


def test_customers_are_never_put_into_the_demo_unasked(
    amends: Amends, stored: Store, posts: str, now: datetime
) -> None:
    demo.install(stored, now)
    assert "(brand default)" in amends("import", posts, "--map", COLUMNS).out
    with stored.reading() as work:
        assert sorted(one.slug for one in brands.all_brands(work)) == ["default", "demo"]


def test_control_characters_of_a_file_do_not_reach_the_terminal(amends: Amends, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("text,likes\nThe lamp broke,\x1b[2Jnine\n", encoding="utf-8")
    said = amends("import", str(path))
    assert "\x1b" not in said.out
    assert "?[2Jnine" in said.out


def test_an_export_holds_every_mention_with_its_ending(
    amends: Amends, stored: Store, posts: str, now: datetime, tmp_path: Path
) -> None:
    amends("import", posts, "--map", COLUMNS, "--as-live")
    assess_batch(stored, load("rules"), now)
    target = tmp_path / "out.jsonl"
    said = amends("export", "--format", "jsonl", "--output", str(target))
    assert (said.code, said.err) == (0, "3 mentions were written.\n")
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [(row["external_id"], row["author"], row["ending"]) for row in rows] == [
        ("1", "ann", "open"),
        ("2", "bob", "open"),
        ("4", "dan", "open"),
    ]
    assert rows[0]["kind"] == "complaint"
    assert rows[0]["written_at"] == "2026-03-01T09:00:00+00:00"


def test_no_cell_of_an_export_is_a_formula(amends: Amends, posts: str) -> None:
    amends("import", posts, "--map", COLUMNS)
    rows = list(csv.DictReader(io.StringIO(amends("export").out)))
    assert rows[2]["text"] == "'=Where can I see your opening hours?"
    assert rows[0]["text"] == "The lamp arrived broken and nobody answers me"
