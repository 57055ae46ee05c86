"""Trials of another judge, for programs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from monitor.domain.lifecycle import Role
from monitor.domain.records import Kind
from monitor.judging import trying
from monitor.store import trials
from tests.api.conftest import House
from tests.making import verdict
from tests.monitor.judging.test_trying import Held, Other

ASKED = {"model": "owner/name", "days": 7}


def reads(house: House, *calm: str) -> int:
    """Let a judge that finds nothing wrong with these texts, and everything with others, read all; return the trial."""
    judge = Other({text: verdict(Kind.NONE) for text in calm})
    loader = Held(lambda: judge)
    while trying.step(house.store, loader, "me", house.clock):
        pass
    with house.store.reading() as work:
        return trials.all_of(work)[0].id


@pytest.fixture
def lead(house: House) -> TestClient:
    return house.program(Role.LEAD)


@pytest.fixture
def ready(house: House, lead: TestClient) -> int:
    """A trial that has read two posts: of a lost parcel, which it thinks nothing of, and of a lovely one."""
    house.says(house.brand(), "You lost my parcel", "A lovely parcel")
    assert lead.post("/api/v1/trials", json=ASKED).status_code == 202
    return reads(house, "You lost my parcel")


def test_a_trial_is_started_followed_and_read(house: House, lead: TestClient) -> None:
    house.says(house.brand(), "You lost my parcel", "A lovely parcel")
    begun = lead.post("/api/v1/trials", json=ASKED).json()
    assert (begun["state"], begun["total"], begun["done"], begun["version"]) == ("running", 2, 0, "")
    assert begun["since"] == (house.clock() - timedelta(days=7)).isoformat().replace("+00:00", "Z")
    assert lead.post("/api/v1/trials", json=ASKED).status_code == 409
    number = reads(house, "You lost my parcel")
    now = lead.get(f"/api/v1/trials/{number}").json()
    assert (now["state"], now["done"], now["changed"], now["version"]) == ("ready", 2, 2, "other-1")
    assert [one["id"] for one in lead.get("/api/v1/trials").json()] == [number]


def test_what_would_change_is_counted_and_shown(lead: TestClient, ready: int) -> None:
    found = lead.get(f"/api/v1/trials/{ready}/diff").json()
    assert found["changed"] == 2
    assert found["by_kind"] == {"becomes": 1, "no_longer": 1, "severity": 0, "language": 0, "flags": 0}
    assert (found["agreement"]["posts"], found["agreement"]["new"]) == (0, None)
    lovely, lost = lead.get(f"/api/v1/trials/{ready}/examples").json()["items"]
    assert (lost["text"], lost["changes"], lost["decided"]) == ("You lost my parcel", ["no_longer"], None)
    assert (lost["old"]["is_complaint"], lost["new"]["is_complaint"]) == (True, False)
    assert (lost["old"]["version"], lost["new"]["version"]) == ("test", "other-1")
    assert lost["case_id"]
    assert (lovely["text"], lovely["case_id"]) == ("A lovely parcel", None)
    only = lead.get(f"/api/v1/trials/{ready}/examples?kind=becomes&limit=1").json()
    assert [one["text"] for one in only["items"]] == ["A lovely parcel"]
    assert only["next"] is None


def test_examples_of_one_kind_come_in_pages(house: House, lead: TestClient) -> None:
    house.says(house.brand(), *(f"A lovely parcel {n}" for n in range(5)))
    lead.post("/api/v1/trials", json=ASKED)
    at = f"/api/v1/trials/{reads(house)}/examples?kind=becomes&limit=2"
    seen, after = [], "0"
    while after:
        page = lead.get(f"{at}&before={after}").json()
        seen += [one["text"] for one in page["items"]]
        after = page["next"]
    assert seen == [f"A lovely parcel {n}" for n in (4, 3, 2, 1, 0)]


def test_it_takes_over_and_goes_back(lead: TestClient, ready: int) -> None:
    assert lead.get("/api/v1/judge").json() == {"model": "shipped", "chosen_by": "default", "trial_id": None}
    taken = lead.post(f"/api/v1/trials/{ready}/take-over").json()
    assert taken["state"] == "taken_over"
    assert lead.get("/api/v1/judge").json() == {"model": "owner/name", "chosen_by": "trial", "trial_id": ready}
    assert lead.post(f"/api/v1/trials/{ready}/drop").status_code == 409
    assert lead.post("/api/v1/judge/back").json()["model"] == "shipped"
    assert lead.post("/api/v1/judge/back").status_code == 409
    assert lead.post(f"/api/v1/trials/{ready}/drop").json()["state"] == "dropped"


def test_what_the_operator_set_wins(start: Callable[..., House]) -> None:
    house = start(model="rules")
    house.says(house.brand(), "You lost my parcel")
    lead = house.program(Role.LEAD)
    number = lead.post("/api/v1/trials", json=ASKED).json()["id"]
    reads(house)
    refused = lead.post(f"/api/v1/trials/{number}/take-over")
    assert refused.status_code == 409
    assert "AMENDS_MODEL is set to rules" in refused.json()["detail"]
    assert lead.get("/api/v1/judge").json()["chosen_by"] == "settings"


@pytest.mark.parametrize("model", ["/etc/passwd", "../..", "shipped", "a,b", ""])
def test_models_that_cannot_be_tried_from_afar_are_refused(house: House, lead: TestClient, model: str) -> None:
    assert lead.post("/api/v1/trials", json={"model": model}).status_code == 422


def test_agents_read_and_only_leads_decide(house: House, ready: int) -> None:
    for role in (Role.AGENT, Role.PR_LEAD, Role.OBSERVER):
        program = house.program(role)
        for path in ("judge", "trials", f"trials/{ready}", f"trials/{ready}/diff", f"trials/{ready}/examples"):
            assert program.get(f"/api/v1/{path}").status_code == 200
        for path in ("trials", f"trials/{ready}/take-over", f"trials/{ready}/drop", "judge/back"):
            body = {"json": ASKED} if path == "trials" else {}
            assert program.post(f"/api/v1/{path}", **body).status_code == 403, path


def test_a_trial_that_is_not_there_is_not_found(lead: TestClient) -> None:
    for path in ("", "/diff", "/examples"):
        assert lead.get(f"/api/v1/trials/9{path}").status_code == 404
