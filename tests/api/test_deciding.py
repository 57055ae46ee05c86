"""Cases through the JSON API, from the queue to an approval and back."""

from datetime import timedelta

from monitor.domain.lifecycle import Role
from monitor.store import cases
from tests.api.conftest import House

REPLY = (
    "@maria You waited and nobody answered: that is our fault, and we are sorry. "
    "We are looking for your parcel now and will write to you here what we find."
)


def test_words_of_a_customer_stay_the_words_of_a_customer(house: House, case_id: int) -> None:
    answer = house.browser().get(f"/api/v1/cases/{case_id}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["mentions"][0]["text"] == "You lost my parcel <b>again</b> & nobody answers."


def test_case_says_why_it_is_where_it_is_and_what_can_be_done(house: House, case_id: int) -> None:
    whole = house.browser().get(f"/api/v1/cases/{case_id}").json()
    assert "disappointed" in whole["why"]
    assert whole["limit"] == 500
    assert "dismiss" in whole["actions"]
    assert whole["account"] == {"platform": "mastodon", "handle": "@acme", "publisher": "dryrun"}
    assert house.browser(Role.OBSERVER).get(f"/api/v1/cases/{case_id}").json()["actions"] == []


def test_reply_is_saved_checked_approved_and_undone(house: House, case_id: int) -> None:
    agent, at = house.browser(), f"/api/v1/cases/{case_id}"
    saved = agent.post(f"{at}/save", json={"text": REPLY, "based_on": 0})
    assert saved.json()["state"] == "in_review"
    assert saved.json()["revision"] == 1
    approved = agent.post(f"{at}/approve", json={"revision": 1})
    assert approved.status_code == 200, approved.json()
    assert approved.json()["state"] == "approved"
    assert approved.json()["send_after"]
    assert agent.post(f"{at}/undo").json()["state"] == "in_review"
    whole = agent.get(at).json()
    assert whole["draft"]["text"] == REPLY
    assert [one["standing"] for one in whole["reviews"]] == [False]
    assert whole["events"][0]["action"] == "undo"
    assert whole["events"][0]["who"] == "Agent"


def test_two_colleagues_editing_one_reply_lose_nothing(house: House, case_id: int) -> None:
    at = f"/api/v1/cases/{case_id}"
    house.browser().post(f"{at}/save", json={"text": "First.", "based_on": 0})
    late = house.browser(Role.LEAD).post(f"{at}/save", json={"text": "Second.", "based_on": 0})
    assert late.status_code == 409
    assert house.browser().get(at).json()["draft"]["text"] == "First."


def test_blocking_finding_stops_an_approval_and_a_lead_says_why_not(house: House, case_id: int) -> None:
    at, bad = f"/api/v1/cases/{case_id}", "We are sorry you feel that way."
    found = house.browser().post(f"{at}/check", json={"text": bad}).json()
    assert "block" in {one["level"] for one in found}
    assert house.browser().get(at).json()["draft"] is None, "checking writes nothing"
    house.browser().post(f"{at}/save", json={"text": bad, "based_on": 0})
    assert house.browser().post(f"{at}/approve", json={"revision": 1}).status_code == 409
    over = {"revision": 1, "overrule": "The customer asked for these words."}
    assert house.browser().post(f"{at}/approve", json=over).status_code == 409
    assert house.browser(Role.LEAD).post(f"{at}/approve", json=over).json()["state"] == "approved"


def test_colleague_on_a_case_keeps_others_off_until_they_let_go(house: House, case_id: int) -> None:
    at = f"/api/v1/cases/{case_id}"
    assert house.browser().post(f"{at}/claim").status_code == 200
    assert house.browser(Role.LEAD).post(f"{at}/claim").status_code == 409
    assert house.browser(Role.LEAD).get(at).json()["claimed_by_other"] == "Agent"
    house.browser(Role.LEAD).post(f"{at}/release")
    assert house.browser(Role.LEAD).post(f"{at}/claim").status_code == 409, "nobody gives back what is another's"
    house.browser().post(f"{at}/release")
    assert house.browser(Role.LEAD).post(f"{at}/claim").status_code == 200
    house.clock.forward(seconds=cases.CLAIM_FOR / timedelta(seconds=1) + 1)
    assert house.browser().post(f"{at}/claim").status_code == 200


def test_case_goes_to_its_owner_and_comes_back_with_an_answer(house: House, case_id: int) -> None:
    agent, at = house.browser(), f"/api/v1/cases/{case_id}"
    assert agent.post(f"{at}/escalate", json={"question": "Where is it?"}).json()["state"] == "escalated"
    assert [one["id"] for one in agent.get("/api/v1/cases?tab=escalated").json()["items"]] == [case_id]
    assert agent.post(f"{at}/owner-answer", json={"answer": "In Graz."}).json()["state"] == "open"
    agent.post(f"{at}/escalate", json={"question": "Still?"})
    assert agent.post(f"{at}/take-back").json()["state"] == "open"


def test_case_ends_by_hand_or_with_a_reason(house: House, case_id: int) -> None:
    agent, at = house.browser(), f"/api/v1/cases/{case_id}"
    assert agent.post(f"{at}/answered-by-hand", json={"link": "javascript:alert(1)"}).status_code == 422
    done = agent.post(f"{at}/answered-by-hand", json={"link": "https://mastodon.example/@acme/1"})
    assert done.json()["state"] == "replied"
    assert agent.post(f"{at}/dismiss", json={"reason": "Spam."}).status_code == 409
    assert agent.post(f"{at}/resolve", json={"outcome": "nobody knows"}).status_code == 422
    assert agent.post(f"{at}/resolve", json={"outcome": "recovered"}).json()["state"] == "closed"
    assert agent.get("/api/v1/cases").json()["items"] == []
    assert agent.get("/api/v1/ledger").json()["answered"] == 1


def test_draft_is_sent_back_with_a_wish(house: House, case_id: int) -> None:
    agent, at = house.browser(), f"/api/v1/cases/{case_id}"
    agent.post(f"{at}/save", json={"text": "Hello.", "based_on": 0})
    assert agent.post(f"{at}/reject", json={"reason": "Warmer, please."}).json()["state"] == "open"
    assert agent.get(at).json()["reviews"][0]["reason"] == "Warmer, please."


def test_queue_of_one_brand_holds_nobody_elses_customers(house: House) -> None:
    house.says(house.brand("acme"), "You lost it.")
    house.says(house.brand("other"), "They lost it too.")
    rows = house.browser().get("/api/v1/cases?brand=other").json()["items"]
    assert [row["brand"] for row in rows] == ["Other"]


def test_what_the_judge_set_aside_is_opened_by_hand(house: House) -> None:
    [mention] = house.says(house.brand(), "Quite a day with your app.")
    agent = house.browser()
    found = agent.get("/api/v1/mentions?place=not_complaint&search=your APP").json()["items"]
    assert [one["id"] for one in found] == [mention]
    assert agent.get("/api/v1/mentions?search=100%25").json()["items"] == []
    opened = agent.post(f"/api/v1/mentions/{mention}/this-is-one")
    assert agent.get("/api/v1/cases").json()["items"][0]["id"] == opened.json()["case_id"]
    assert agent.post(f"/api/v1/mentions/{mention}/this-is-one").status_code == 409


def test_how_long_customers_waited_is_told_by_audience_and_severity(house: House, case_id: int) -> None:
    agent = house.browser()
    assert agent.get("/api/v1/answer-times").json() == []
    house.clock.forward(minutes=30)
    agent.post(f"/api/v1/cases/{case_id}/answered-by-hand", json={"link": "https://mastodon.example/@acme/1"})
    (band,) = agent.get("/api/v1/answer-times?brand=acme").json()
    assert (band["people_from"], band["people_below"], band["every"]["count"]) == (None, None, 1)
    assert band["every"]["minutes"] == 30
    assert sum(one["count"] for one in band["severities"]) == 1
    assert agent.get("/api/v1/answer-times?brand=nobody").status_code == 404
