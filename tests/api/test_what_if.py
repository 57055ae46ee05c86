"""Trying settings on the last weeks, for programs."""

import pytest

from monitor.domain.lifecycle import Role
from monitor.store import brands
from tests.api.conftest import House

AT = "/api/v1/brands/acme/what-if"


def test_settings_are_tried_and_nothing_is_changed(house: House) -> None:
    brand = house.brand()
    house.says(brand, "You lost my parcel.", "Nice shop.")
    tried = {"settings": {"threshold": 0.95, "minutes": [600, 100, 50, 10]}, "days": 7, "miss_costs": 3}
    found = house.program(Role.LEAD).post(AT, json=tried).json()
    assert (found["cases"], found["posts_aside"], found["missed"]) == (1, 1, 0)
    assert (found["lost"], found["gained"]) == ({"waiting": 1}, {})
    assert found["tiers"] == {"now": [0, 1, 0, 0], "then": [0, 0, 0, 0]}
    assert [(day["now"], day["then"]) for day in found["load"]] == [(1, 0)]
    (example,) = found["lost_examples"]
    assert (example["text"], example["became"], example["complaint"]) == ("You lost my parcel.", "waiting", 0.9)
    (point,) = found["points"]
    assert (point["lang"], point["decisions"], point["now"]) == ("", 0, None)
    with house.store.reading() as work:
        assert brands.get(work, brand).settings == {}


def test_a_lower_threshold_shows_what_would_come_in(house: House) -> None:
    house.says(house.brand(), "Nice shop.")
    found = house.program(Role.PR_LEAD).post(AT, json={"settings": {"thresholds": {"en": 0.05}}}).json()
    assert (found["gained"], found["likely"]) == ({"unseen": 1}, 0.1)
    assert found["gained_examples"][0]["case_id"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"settings": {"threshold": 2}}, "threshold"),
        ({"settings": {"thresholds": {"polish": 0.4}}}, "polish"),
        ({"settings": {"thresholds": {"pl": 4}}}, "pl"),
        ({"days": 31}, "days"),
        ({"miss_costs": 0}, "miss_costs"),
        ({"setting": {}}, "setting"),
    ],
)
def test_what_makes_no_sense_is_refused(house: House, body: object, field: str) -> None:
    house.brand()
    answer = house.program(Role.LEAD).post(AT, json=body)
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])


def test_who_may_and_for_whom(house: House) -> None:
    house.brand()
    assert house.program(Role.AGENT).post(AT, json={}).status_code == 403
    assert house.program(Role.LEAD).post("/api/v1/brands/nobody/what-if", json={}).status_code == 404
    keyed = house.program(Role.LEAD).post(AT, json={}, headers={"Idempotency-Key": "k"})
    assert keyed.status_code == 422, "the answer holds words of posts and is kept nowhere"


def test_thresholds_by_language_are_set_and_unset(house: House) -> None:
    lead, at = house.browser(Role.LEAD), f"/api/v1/brands/{house.brand()}"
    changed = lead.patch(at, json={"settings": {"thresholds": {"pl": 0.35, "fa": 0.4}}})
    assert changed.json()["settings"]["thresholds"] == {"pl": 0.35, "fa": 0.4}
    assert "thresholds" not in lead.patch(at, json={"settings": {"thresholds": None}}).json()["settings"]
    assert lead.patch(at, json={"settings": {"thresholds": {"pl": "low"}}}).status_code == 422
