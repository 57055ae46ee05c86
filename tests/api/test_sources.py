"""The sources for programs: the same as the page shows, and the figures of each watch."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from monitor import budgets
from monitor.domain.lifecycle import Role
from monitor.domain.records import Quota, Usage
from monitor.store import accounts, brands, watches
from tests.api.conftest import House


@pytest.fixture
def watch(house: House) -> int:
    """A watch on X that failed for the first time just now, on an account with a cap."""
    now, brand_id = house.clock(), house.brand()
    with house.store.unit_of_work() as work:
        more = {"secret": b"locked", "cap_micros": 5_000_000}
        account = accounts.add(work, brand_id, "x", "acme_x", "x", now, **more)
        asked = {"kind": "search", "words": ["acme"]}
        added = watches.add(work, brand_id, "x", asked, now, account_id=account)
        values = {"last_good_at": now - timedelta(seconds=90), "last_error": "X said no.", "remedy": "reconnect"}
        watches.change(work, added, **values, failing_since=now)
        usage = Usage((Quota("search", 450, 423, 600),), {"post_read": 100})
        budgets.book(work, accounts.get(work, account), f"watch:{added}", usage, now)
        watches.add_gap(work, added, None, now, "It was down.", now)
    return added


def test_a_program_reads_how_the_sources_are_doing(house: House, watch: int) -> None:
    (source,) = house.program(Role.OBSERVER).get("/api/v1/sources").json()
    assert (source["brand"], source["platform"], source["handle"]) == ("acme", "x", "acme_x")
    assert (source["today"], source["month"], source["cap"]) == (500_000, 500_000, 5_000_000)
    assert [(one["bucket"], one["remaining"]) for one in source["quotas"]] == [("search", 423)]
    (one,) = source["watches"]
    assert (one["id"], one["state"], one["remedy"], one["lag_s"]) == (watch, "failing", "reconnect", 90)
    assert one["sentence"] == "X said no. Sign in to the account again."
    assert [gap["why"] for gap in one["gaps"]] == ["It was down."]
    assert "secret" not in source


def test_a_brand_can_be_asked_for_alone(house: House, watch: int) -> None:
    with house.store.unit_of_work() as work:
        brands.create(work, "bolt", "Bolt", house.clock())
    program = house.program()
    assert program.get("/api/v1/sources?brand=bolt").json() == []
    assert len(program.get("/api/v1/sources?brand=acme").json()) == 1
    assert program.get("/api/v1/sources?brand=nobody").status_code == 404


def test_a_manager_takes_note_of_a_gap_and_others_cannot(house: House, watch: int) -> None:
    (source,) = house.program().get("/api/v1/sources").json()
    path = f"/api/v1/gaps/{source['watches'][0]['gaps'][0]['id']}/close"
    assert house.program(Role.AGENT).post(path).status_code == 403
    closed = house.program(Role.LEAD).post(path).json()
    assert closed["closed_at"]
    house.clock.forward(seconds=60)
    assert house.program(Role.LEAD).post(path).json() == closed, "noted once, however often it is said"
    (source,) = house.program().get("/api/v1/sources").json()
    assert source["watches"][0]["gaps"] == []
    assert house.program(Role.LEAD).post("/api/v1/gaps/999/close").status_code == 404


def test_the_figures_tell_of_each_watch_without_a_name(house: House, watch: int) -> None:
    client = TestClient(house.app, client=("127.0.0.1", 5000))
    text = client.get("/metrics").text
    by = f'{{source="x",watch="{watch}"}}'
    for line in (
        f"amends_watch_last_good_age_seconds{by} 90.0",
        f"amends_watch_failing{by} 1.0",
        f"amends_watch_open_gaps{by} 1.0",
        'amends_quota_remaining{bucket="search",scope="account:2"} 423.0',
        'amends_spend_month_dollars{account="2",platform="x"} 0.5',
    ):
        assert line in text.replace("'", '"'), text
    assert "acme" not in text


def test_a_paused_watch_has_no_figures(house: House, watch: int) -> None:
    with house.store.unit_of_work() as work:
        watches.pause(work, watch, house.clock(), paused=True)
    text = TestClient(house.app, client=("127.0.0.1", 5000)).get("/metrics").text
    assert "amends_watch_failing{" not in text
