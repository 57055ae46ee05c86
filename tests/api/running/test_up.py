"""`amends up` as a person runs it: real processes on a fresh folder."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from monitor import heartbeat
from tests.api.running.instance import Instance, private_broker, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    made = Instance(tmp_path / "data")
    yield made
    made.close()


def _all_running(instance: Instance) -> bool:
    return {"api", "valkey", "assess", "work", "beat", "pool 1", "pool 2"} <= instance.family().keys()


def test_one_command_starts_everything_and_ctrl_c_leaves_nothing(instance: Instance) -> None:
    instance.start("--no-demo")
    wait_for(lambda: instance.answers("/readyz"), 180, "for the relay")
    wait_for(lambda: _all_running(instance), 180, "for the workers")
    family = instance.family()
    assert family["assess"].nice() == 10
    started = time.monotonic()
    assert instance.stop() == 0
    assert time.monotonic() - started < 15
    assert not [name for name, one in family.items() if one.is_running()]
    said = instance.output
    assert f"Amends is ready: {instance.url}" in said
    assert f"{instance.url}/welcome/" in said
    assert str(instance.data / "logs") in said
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 6


def test_a_second_instance_on_the_same_data_is_refused(instance: Instance) -> None:
    instance.start("--no-demo")
    assert instance.process is not None
    refused = instance.run("up", "--no-demo", "--port", str(instance.port + 1), check=False)
    assert refused.returncode == 1
    assert f"process {instance.process.pid}" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert instance.answers("/healthz")


def test_a_taken_port_is_said_before_anything_starts(instance: Instance) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", instance.port))
        other.listen()
        refused = instance.run("up", "--no-demo", "--port", str(instance.port), check=False)
    assert refused.returncode == 1
    assert f"Port {instance.port}" in refused.stderr
    assert "--port" in refused.stderr
    assert not (instance.data / "amends.sqlite3").exists()


def test_every_part_that_is_killed_comes_back(instance: Instance) -> None:
    instance.start("--no-demo")
    wait_for(lambda: _all_running(instance), 180)
    for name in ("api", "valkey", "assess", "work", "beat"):
        before = instance.family()[name]
        before.kill()
        assert psutil.wait_procs([before], timeout=10)[1] == [], f"{name} was killed and lives"
        # One look a turn: between two looks a part that is still starting may be taken for gone.
        wait_for(lambda name=name, one=before: instance.family().get(name, one).pid != one.pid, 30, f"for {name}")
    wait_for(lambda: _all_running(instance) and instance.answers("/readyz"), 180)
    since = time.time()

    def taken_since(queue: str) -> bool:
        ago = heartbeat.age(instance.data, queue)
        return ago is not None and time.time() - ago > since

    queues = ("assess", "housekeeping", "publish")
    wait_for(lambda: all(map(taken_since, queues)), 180, "for tasks to be taken again")
    assert instance.stop(signal.SIGTERM) == 0


def test_a_killed_parent_leaves_no_orphan_and_the_data_free(instance: Instance) -> None:
    instance.start("--no-demo")
    wait_for(lambda: _all_running(instance), 180)
    family = instance.family()
    family["parent"].kill()
    assert instance.process is not None
    instance.process.wait(5)
    wait_for(lambda: not [one for one in family.values() if _lives(one)], 5, "for the orphans to go")
    instance.start("--no-demo")
    wait_for(lambda: instance.answers("/readyz"), 180)
    assert instance.stop() == 0


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_the_demo_is_there_at_the_first_start_only(instance: Instance) -> None:
    instance.start()
    browser = instance.sign_in_as_admin()
    brands = browser.get("/api/v1/brands").json()
    assert [brand["is_demo"] for brand in brands] == [True]
    wait_for(lambda: browser.get("/api/v1/cases").json()["items"], 180, "for the first case")
    assert instance.stop() == 0


def test_a_brand_of_ones_own_keeps_the_demo_away(instance: Instance) -> None:
    instance.run("migrate")
    instance.run("brand", "add", "acme", "Acme")
    instance.start()
    brands = instance.sign_in_as_admin().get("/api/v1/brands").json()
    assert [brand["slug"] for brand in brands] == ["acme"]


def test_an_address_in_the_settings_is_the_one_links_carry(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "data", public_url="https://amends.example.com")
    instance.start("--no-demo")
    wait_for(lambda: "is ready" in instance.output, 20)
    assert instance.stop() == 0
    assert "https://amends.example.com/welcome/" in instance.output


def test_a_database_and_a_broker_of_ones_own_are_used_instead(tmp_path: Path, pg_url: str) -> None:
    with private_broker(tmp_path) as broker:
        instance = Instance(tmp_path / "data", database_url=pg_url, broker_url=broker)
        try:
            instance.start()
            wait_for(lambda: {"assess", "work", "beat", "pool 1"} <= instance.family().keys())
            assert "valkey" not in instance.family()
            browser = instance.sign_in_as_admin()
            wait_for(lambda: browser.get("/api/v1/cases").json()["items"], why="for the first case of the demo")
            assert instance.stop() == 0
        finally:
            instance.close()
    assert not (instance.data / "amends.sqlite3").exists()
