"""Corrections, layers and checks by the JSON API."""

from datetime import timedelta

import pytest

from monitor.assessment import assess_batch
from monitor.classifiers import load
from monitor.domain.lifecycle import Role
from monitor.judging import sampling, teaching
from monitor.store import mentions
from tests.api.conftest import House

RULES = load("rules")
FANS = [f"This price is insane, my wallet is ruined, awful how nice your chair number {n} is" for n in range(200)]


def sent(house: House, slug: str, *texts: str) -> list[int]:
    """Send posts in and let them be judged; returns their numbers."""
    body = [{"text": text, "author": f"{slug}{n}{text[-9:]}"} for n, text in enumerate(texts)]
    ids = house.program().post(f"/api/v1/mentions?brand={slug}", json=body).json()["ids"]
    while assess_batch(house.store, RULES, house.clock()):
        pass
    return [int(one) for one in ids]


def complaints(house: House, ids: list[int]) -> int:
    with house.store.reading() as work:
        return sum(mentions.latest_verdict(work, one).is_complaint for one in ids)


def test_200_corrections_move_that_brands_verdicts_and_no_other_brands_and_are_rolled_back(house: House) -> None:
    acme = house.brand("acme")
    house.brand("rival")
    agent, lead = house.program(), house.program(Role.LEAD)
    for one in sent(house, "acme", *FANS):
        answer = agent.post(f"/api/v1/mentions/{one}/corrections", json={"is_complaint": False})
        assert answer.status_code == 201
    asked = agent.post("/api/v1/brands/acme/layers", json={})
    assert (asked.status_code, asked.json()["state"]) == (202, "candidate")
    teaching.learn(house.store, RULES, acme, house.clock())

    shown = agent.get("/api/v1/brands/acme/layers").json()
    assert [(row["number"], row["state"]) for row in shown] == [(1, "in_use")]
    after = shown[0]["scores"]["after"]["complaint"]
    assert after["right"] > shown[0]["scores"]["before"]["complaint"]["right"]
    unseen = [text.replace("chair number", "new sofa,") + " again" for text in FANS[:20]]
    assert complaints(house, sent(house, "acme", *unseen)) == 0
    assert complaints(house, sent(house, "rival", *unseen)) == 20

    assert agent.post("/api/v1/brands/acme/layers/none/use").status_code == 403
    assert lead.post("/api/v1/brands/acme/layers/none/use").json()[0]["state"] == "retired"
    assert complaints(house, sent(house, "acme", *[f"{text} now" for text in unseen])) == 20
    assert lead.post("/api/v1/brands/acme/layers/1/use").json()[0]["state"] == "in_use"
    assert complaints(house, sent(house, "acme", *[f"{text} then" for text in unseen])) == 0


def test_a_correction_is_shown_and_taken_back(house: House) -> None:
    (one,) = house.says(house.brand(), "You lost my parcel.")
    agent = house.browser()
    made = agent.post(
        f"/api/v1/mentions/{one}/corrections", json={"severity": 2, "topics": ["lost"], "given_in": "case"}
    )
    assert made.status_code == 201
    assert (made.json()["who"], made.json()["severity"], made.json()["topics"]) == ("Agent", 2, ["lost"])
    assert agent.get(f"/api/v1/mentions/{one}/correction").json() == made.json()
    number = made.json()["id"]
    assert agent.delete(f"/api/v1/corrections/{number}").status_code == 204
    assert agent.get(f"/api/v1/mentions/{one}/correction").json() is None
    assert agent.delete(f"/api/v1/corrections/{number}").status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"is_complaint": "no"}, 422),
        ({"severity": 9}, 422),
        ({"is_complaint": False, "severity": 1}, 422),
        ({"topics": ["weather"]}, 422),
        ({"is_complaint": False, "given_in": "check"}, 422),
        ({"mood": 1}, 422),
    ],
)
def test_what_cannot_be_is_refused(house: House, body: dict[str, object], status: int) -> None:
    (one,) = house.says(house.brand(), "You lost my parcel.")
    assert house.browser().post(f"/api/v1/mentions/{one}/corrections", json=body).status_code == status


def test_an_observer_corrects_nothing_and_what_is_not_there_is_not_found(house: House) -> None:
    (one,) = house.says(house.brand(), "You lost my parcel.")
    body = {"is_complaint": False}
    assert house.browser(Role.OBSERVER).post(f"/api/v1/mentions/{one}/corrections", json=body).status_code == 403
    agent = house.browser(Role.LEAD)
    assert agent.post("/api/v1/mentions/99/corrections", json=body).status_code == 404
    assert agent.delete("/api/v1/corrections/99").status_code == 404
    assert agent.get("/api/v1/brands/nobody/layers").status_code == 404
    assert agent.post("/api/v1/brands/acme/layers/7/use").status_code == 404
    told = agent.post("/api/v1/brands/acme/layers", json={})
    assert (told.status_code, "0 posts were corrected" in told.json()["detail"]) == (409, True)


def test_drawn_posts_are_listed_and_answered(house: House) -> None:
    acme = house.brand()
    house.says(acme, "Nice window", "Nice door", "Nice wall", "Nice lamp")
    house.clock.now += timedelta(hours=1)
    with house.store.unit_of_work() as work:
        sampling.draw_due(work, house.clock())
    agent = house.browser()
    first, second, *_ = agent.get("/api/v1/checks?brand=acme").json()
    assert 0 < first["probability"] <= 1
    no = agent.post(f"/api/v1/mentions/{first['mention_id']}/check", json={"is_complaint": False})
    yes = agent.post(f"/api/v1/mentions/{second['mention_id']}/check", json={"is_complaint": True})
    assert [no.json()["given_in"], yes.json()["is_complaint"]] == ["check", True]
    assert [row["text"] for row in agent.get("/api/v1/cases").json()["items"]] == [second["text"]]
    left = {row["mention_id"] for row in agent.get("/api/v1/checks").json()}
    assert not left & {first["mention_id"], second["mention_id"]}
