"""doctor, demo, backup and restore, as an operator meets them."""

import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api.running.lock import only_one
from monitor import intake
from monitor.store import housekeeping, watches
from monitor.store.engine import Store, take_lease
from tests import builders
from tests.api.cli.conftest import Amends
from tests.making import post


def check(said: Any, name: str) -> dict[str, str]:
    found = [one for one in said["checks"] if one["name"] == name]
    assert found, [one["name"] for one in said["checks"]]
    return dict(found[0])


# --- doctor -----------------------------------------------------------------------------------------------------


def test_a_fresh_installation_is_well_but_nobody_can_sign_in_yet(amends: Amends) -> None:
    said = amends("doctor", "--json")
    assert (said.code, said.data["ok"]) == (0, True)
    assert {one["level"] for one in said.data["checks"] if one["name"] != "people"} == {"ok"}
    assert check(said.data, "people")["level"] == "warn"
    assert "amends user invite" in amends("doctor").out


def test_every_setting_is_shown_with_its_source_and_no_secret(
    amends: Amends, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMENDS_SECRET_KEY", "hunter2")
    monkeypatch.setenv("AMENDS_THRESHOLD", "0.4")
    (tmp_path / "amends.toml").write_text("session_days = 3\n")
    said = amends("doctor", "--json")
    rows = {one["name"]: (one["value"], one["source"]) for one in said.data["settings"]}
    assert rows["secret_key"] == ("set", "AMENDS_SECRET_KEY")
    assert rows["threshold"] == ("0.4", "AMENDS_THRESHOLD")
    assert rows["session_days"] == ("3", "file")
    assert rows["drafter"] == ("composing", "default")
    assert "hunter2" not in said.out + amends("doctor").out


def test_a_mistyped_setting_is_noticed(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_DATABSE_URL", "postgresql://somewhere")
    one = check(amends("doctor", "--json").data, "settings")
    assert one["level"] == "warn"
    assert one["do"] == "Did you mean AMENDS_DATABASE_URL?"


def test_a_setting_that_cannot_be_is_named_without_its_value(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_THRESHOLD", "seven")
    said = amends("doctor")
    assert said.code == 1
    assert "AMENDS_THRESHOLD" in said.err
    assert "seven" not in said.err


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("https://amends.example.com", "ok"),
        ("http://localhost:8000", "ok"),
        ("http://amends.example.com", "warn"),
        ("amends.example.com", "fail"),
        ("https://amends.example.com:port", "fail"),
        ("https://amends.example.com?x=1", "fail"),
    ],
)
def test_the_public_address_is_looked_at(amends: Amends, monkeypatch: pytest.MonkeyPatch, url: str, level: str) -> None:
    monkeypatch.setenv("AMENDS_PUBLIC_URL", url)
    said = amends("doctor", "--json")
    assert check(said.data, "public address")["level"] == level
    assert said.code == (1 if level == "fail" else 0)


def test_a_key_that_others_can_read_fails(amends: Amends, data: Path) -> None:
    (data / "secret.key").write_text("a key")
    (data / "secret.key").chmod(0o644)
    said = amends("doctor", "--json")
    assert said.code == 1
    assert check(said.data, "key")["do"].startswith("chmod 600")
    (data / "secret.key").chmod(0o600)
    assert check(amends("doctor", "--json").data, "key")["level"] == "ok"


def test_secrets_locked_with_another_key_are_found(amends: Amends, data: Path) -> None:
    amends("brand", "add", "acme", "Acme")
    amends("route", "add", "acme", "PR lead", "json://127.0.0.1:9")
    assert check(amends("doctor", "--json").data, "stored secrets")["level"] == "ok"
    (data / "secret.key").unlink()
    assert check(amends("doctor", "--json").data, "stored secrets")["level"] == "fail"


@pytest.mark.parametrize("variable", ["AMENDS_DATABASE_URL", "AMENDS_BROKER_URL"])
def test_a_server_that_does_not_answer_fails(amends: Amends, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    scheme, name = ("postgresql", "database") if "DATABASE" in variable else ("redis", "broker")
    monkeypatch.setenv(variable, f"{scheme}://ann:hunter2@127.0.0.1:9/0")
    said = amends("doctor", "--json")
    assert check(said.data, name)["level"] == "fail"
    assert "hunter2" not in said.out
    if name == "database":
        assert "cannot be used" in amends("ledger").err


def test_what_is_amiss_with_brands_and_watches_is_said(amends: Amends, stored: Store, now: datetime) -> None:
    amends("demo")
    amends("brand", "add", "acme", "Acme")
    with stored.unit_of_work() as work:
        watches.change(work, 1, next_poll_at=now, last_error="the file is gone")
    said = amends("doctor", "--json").data
    assert check(said, "brand acme")["do"] == 'amends route add acme "PR lead"'
    assert check(said, "demo")["do"] == "amends demo --remove"
    assert "the file is gone" in check(said, "watch 1")["said"]


def test_a_clock_before_the_newest_mention_fails(amends: Amends, stored: Store) -> None:
    amends("brand", "add", "acme", "Acme")
    intake.add_posts(stored, 1, [post("1")], datetime.fromisoformat("2100-01-01T00:00:00Z"))
    said = amends("doctor", "--json").data
    assert check(said, "clock")["level"] == "fail"
    assert check(said, "work")["level"] == "warn"  # it waits, and nothing runs


def test_the_model_is_loaded_only_when_asked(amends: Amends) -> None:
    assert "model" not in {one["name"] for one in amends("doctor", "--json").data["checks"]}
    assert check(amends("doctor", "--deep", "--json").data, "model")["said"] == "rules-1 judges."


# --- demo -------------------------------------------------------------------------------------------------------


def test_the_demo_comes_and_goes(amends: Amends) -> None:
    assert amends("demo", "--speed", "30").code == 0
    again = amends("demo")
    assert again.code == 1
    assert "there already" in again.err
    assert amends("demo", "--remove").code == 0
    assert amends("brand", "list", "--json").data == []
    assert amends("demo", "--remove").code == 1


# --- backup and restore -------------------------------------------------------------------------------------------


def test_a_backup_is_restored_somewhere_else_and_balances(amends: Amends, stored: Store, tmp_path: Path) -> None:
    amends("brand", "add", "acme", "Acme")
    intake.add_posts(stored, 1, [post("1"), post("2")], datetime.fromisoformat("2026-03-02T10:00:00Z"))
    amends("route", "add", "acme", "PR lead", "json://127.0.0.1:9")
    said = amends("backup", "safe.tar.gz")
    assert said.code == 0
    assert "2 mentions" in said.out
    assert "It holds secret.key" in said.out
    assert stat.S_IMODE((tmp_path / "safe.tar.gz").stat().st_mode) == 0o600
    there = str(tmp_path / "there")
    restored = amends("restore", "safe.tar.gz", "--data", there)
    assert restored.code == 0
    assert "Balanced: each of 2 mentions" in restored.out
    assert "JSON" in amends("route", "list", "--data", there).out  # the key came along


def test_restoring_takes_approved_replies_back_to_review(
    amends: Amends, stored: Store, now: datetime, tmp_path: Path
) -> None:
    house = builders.house(stored, now)
    case_id = builders.approved(stored, house, now)
    amends("backup", "safe.tar.gz")
    said = amends("restore", "safe.tar.gz", "--force")
    assert "1 approved replies went back to review" in said.out
    stored.close()
    assert builders.state(stored, case_id).state == "in_review"
    assert list(tmp_path.glob("data/before-restore-*/amends.sqlite3"))


def test_nothing_is_restored_over_data_unless_told_to(amends: Amends) -> None:
    amends("backup", "safe.tar.gz")
    amends("brand", "add", "acme", "Acme")
    said = amends("restore", "safe.tar.gz")
    assert said.code == 1
    assert "There are data already (amends.sqlite3)" in said.err
    assert len(amends("brand", "list", "--json").data) == 1


def test_nothing_is_restored_while_amends_runs(amends: Amends, data: Path) -> None:
    amends("backup", "safe.tar.gz")
    with only_one(data):
        said = amends("restore", "safe.tar.gz", "--force")
    assert said.code == 1
    assert "Another `amends up`" in said.err


def test_nothing_is_restored_while_workers_run_elsewhere(amends: Amends, stored: Store) -> None:
    amends("backup", "safe.tar.gz")
    at = datetime.fromisoformat("2026-03-02T10:00:00Z")
    with stored.unit_of_work() as work:
        take_lease(work, "relay", "another machine", at, datetime.fromisoformat("2100-01-01T00:00:00Z"))
    said = amends("restore", "safe.tar.gz", "--force")
    assert said.code == 1
    assert "Workers are running" in said.err
    with stored.unit_of_work() as work:
        housekeeping.release_lease(work, "relay")
    assert amends("restore", "safe.tar.gz", "--force", "--json").data["ledger"]["balanced"] is True


def test_a_backup_says_when_the_key_is_kept_elsewhere(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "key" not in amends("backup", "none-yet.tar.gz").out  # nothing was ever locked
    monkeypatch.setenv("AMENDS_SECRET_KEY", "hunter2")
    said = amends("backup", "without.tar.gz").out
    assert "It holds no key: yours is set by AMENDS_SECRET_KEY" in said
    assert "hunter2" not in said
