"""The commands that run one part, as a person types them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor import heartbeat
from monitor.store.engine import Store


def amends(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    given = {f"AMENDS_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-P", "-m", "api.cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **given}, check=False, timeout=60)
    assert "Traceback" not in done.stderr
    return done


def test_the_version_is_told() -> None:
    assert amends("--version").stdout.startswith("amends 0.")


def test_a_wrong_command_line_ends_with_2() -> None:
    assert amends("up", "--prot", "8000").returncode == 2
    assert amends("worker", "--queues", "asess").returncode == 2


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_worker_without_a_broker_says_what_to_set(part: str, tmp_path: Path) -> None:
    refused = amends(part, "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "AMENDS_BROKER_URL" in refused.stderr


def test_migrate_makes_the_database_and_can_be_repeated(tmp_path: Path) -> None:
    data = tmp_path / "new"
    assert amends("migrate", "--data", str(data)).stdout == "The database is created.\n"
    assert amends("migrate", "--data", str(data)).stdout == "The database is up to date already.\n"


@pytest.mark.parametrize("part", ["api", "worker", "beat"])
def test_no_part_starts_without_its_database(part: str, tmp_path: Path) -> None:
    refused = amends(part, "--data", str(tmp_path / "nothing"), broker_url="redis://127.0.0.1:1/0")
    assert refused.returncode == 1
    assert "amends migrate" in refused.stderr


def test_a_database_of_a_newer_program_is_left_alone(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.unit_of_work() as work:
        work.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    for part in ("api", "up"):
        refused = amends(part, "--data", str(tmp_path), "--port", "48123")
        assert refused.returncode == 1
        assert "newer Amends" in refused.stderr


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = amends("up", "--data", str(tmp_path / "file" / "data"))
    assert refused.returncode == 1
    assert "--data" in refused.stderr


def test_a_worker_can_be_asked_whether_it_takes_tasks(tmp_path: Path) -> None:
    check = ("worker", "--check", "--queues", "assess,draft", "--data", str(tmp_path))
    heartbeat.beat(tmp_path, "assess")
    silent = amends(*check)
    assert silent.returncode == 1
    assert silent.stdout == "No task was taken lately from: draft.\n"
    heartbeat.beat(tmp_path, "draft")
    assert amends(*check).returncode == 0
    long_ago = time.time() - 3600
    os.utime(heartbeat.mark(tmp_path, "draft"), (long_ago, long_ago))
    assert amends(*check).returncode == 1
