"""What a supervisor is told."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from monitor.settings import Settings
from monitor.store.engine import Store, take_lease
from tests.api.conftest import House


def _relay_beats(house: House) -> None:
    with house.store.unit_of_work() as work:
        assert take_lease(work, "relay", "worker", house.clock(), house.clock() + timedelta(seconds=10))


def test_alive_without_a_database(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="http://testserver", database_url="sqlite:////nowhere/at/all.sqlite3")
    with TestClient(create_app(settings)) as client:
        assert client.get("/healthz").text == "ok\n"
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "cannot be reached" in answer.json()["checks"]["database"]


def test_not_ready_before_the_schema_is_there(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(data=tmp_path, public_url="http://testserver"))) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "amends migrate" in answer.json()["checks"]["schema"]


@pytest.mark.parametrize(("revision", "advice"), [("9999", "newer Amends")])
def test_not_ready_on_the_database_of_a_newer_program(house: House, revision: str, advice: str) -> None:
    with house.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    assert advice in house.client().get("/readyz").json()["checks"]["schema"]


def test_ready_while_the_relay_beats(house: House) -> None:
    silent = house.client().get("/readyz")
    assert silent.status_code == 503
    assert "amends worker" in silent.json()["checks"]["relay"]
    _relay_beats(house)
    ready = house.client().get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "checks": {"database": "ok", "schema": "ok", "relay": "ok"}}
    house.clock.forward(seconds=69)
    assert house.client().get("/readyz").status_code == 200
    house.clock.forward(seconds=2)
    assert house.client().get("/readyz").status_code == 503


def _figures(house: House, **headers: str) -> dict[str, float]:
    client = TestClient(house.app, client=("127.0.0.1", 5000), headers=headers)
    rows = [line.rpartition(" ") for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def test_figures_count_what_is_there(house: House, case_id: int) -> None:
    program = house.program()
    program.post("/api/v1/mentions", json={"text": "Not judged yet"})
    house.clock.forward(seconds=90)
    program.get("/api/v1/cases/1")
    program.get("/api/v1/cases/2")
    program.get("/no/such/page")
    found = _figures(house)
    assert found['amends_cases{state="open"}'] == 1
    assert found['amends_cases{state="failed"}'] == 0
    assert found["amends_mentions_waiting"] == 1
    assert found["amends_mentions_waiting_oldest_seconds"] == 90
    assert found["amends_events_backlog"] >= 2
    assert found["amends_events_backlog_oldest_seconds"] == 90
    assert found["amends_pages_undelivered"] == 0
    route = 'amends_http_request_seconds_count{method="GET",route="%s",status="%s"}'
    assert found[route % ("/api/v1/cases/{case_id}", "200")] == 1
    assert found[route % ("/api/v1/cases/{case_id}", "404")] == 1
    assert found[route % ("unmatched", "404")] == 1


def test_figures_are_open_on_this_machine_and_need_a_token_from_elsewhere(house: House) -> None:
    assert _figures(house)
    assert house.client().get("/metrics").status_code == 401
    assert house.program().get("/metrics").status_code == 200
    forwarded = TestClient(house.app, client=("127.0.0.1", 5000), headers={"X-Forwarded-For": "203.0.113.9"})
    assert forwarded.get("/metrics").status_code == 401


def test_figures_are_the_same_on_postgresql(pg_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="http://testserver", database_url=pg_url)
    with TestClient(create_app(settings), client=("::1", 5000)) as client:
        assert "amends_mentions_waiting 0.0" in client.get("/metrics").text
        assert client.get("/readyz").json()["checks"]["schema"] == "ok"


def test_address_of_another_kind_of_database_is_refused_at_once() -> None:
    from monitor.domain.errors import BadInput

    with pytest.raises(BadInput, match="postgresql"):
        Store("mysql://localhost/amends")
