"""Brands, watches, routes, people and tokens; and that no secret ever comes back out."""

import re

import pytest

from api import auth
from monitor.domain.lifecycle import Role
from monitor.store import alerts, brands, watches
from tests.api.conftest import PASSWORD, House

ROUTE = "json://user:hush-hush@pager.example/secret-path"


def test_voice_and_promises_are_changed_piece_by_piece(house: House) -> None:
    brand = house.brand()
    lead = house.browser(Role.LEAD)
    at = f"/api/v1/brands/{brand}"
    lead.patch(at, json={"voice": {"signature": "Maria"}, "settings": {"undo_s": 30, "minutes": [600, 120, 30, 10]}})
    changed = lead.patch(
        at,
        json={
            "settings": {
                "hours": {"zone": "Europe/Athens", "days": [0, 1, 2, 3, 4], "opens": "09:00", "closes": "17:30"}
            }
        },
    )
    assert changed.json()["voice"]["signature"] == "Maria"
    with house.store.reading() as work:
        row = brands.get(work, brand)
    assert row.promises.minutes == (600, 120, 30, 10)
    assert row.promises.hours.zone == "Europe/Athens"
    assert row.undo.total_seconds() == 30
    assert "undo_s" not in lead.patch(at, json={"settings": {"undo_s": None}}).json()["settings"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"settings": {"minutes": [10, 20, 30, 40]}}, "minutes"),
        ({"settings": {"minutes": [60, 30, 15]}}, "minutes"),
        ({"settings": {"minutes": [60, 30, 15, 0]}}, "minutes"),
        ({"settings": {"hours": {"zone": "Atlantis/Capital"}}}, "zone"),
        ({"settings": {"hours": {"zone": "../../etc/passwd"}}}, "zone"),
        ({"settings": {"hours": {"opens": "25:00"}}}, "opens"),
        ({"settings": {"hours": {"days": [7]}}}, "days"),
        ({"settings": {"six_thousand": 0}}, "six_thousand"),
        ({"settings": {"undo_s": -1}}, "undo_s"),
        ({"settings": {"undo": 10}}, "undo"),
        ({"voice": {"brand": ""}}, "brand"),
        ({"voice": {"brand": None}}, "brand"),
    ],
)
def test_setting_that_makes_no_sense_is_refused(house: House, change: object, field: str) -> None:
    brand = house.brand()
    answer = house.browser(Role.ADMIN).patch(f"/api/v1/brands/{brand}", json=change)
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])
    with house.store.reading() as work:
        assert brands.get(work, brand).settings == {}


def test_watch_is_added_listed_and_removed(house: House) -> None:
    brand, lead = house.brand(), house.browser(Role.LEAD)
    body = {"brand_id": brand, "source": "replay", "query": {"path": "demo"}}
    added = lead.post("/api/v1/watches", json=body)
    assert added.status_code == 201
    assert lead.get("/api/v1/watches?brand=acme").json() == [added.json()]
    assert lead.delete(f"/api/v1/watches/{added.json()['id']}").status_code == 204
    assert lead.get("/api/v1/watches").json() == []
    assert lead.delete("/api/v1/watches/1").status_code == 404
    assert lead.post("/api/v1/watches", json={**body, "source": "nowhere"}).status_code == 422
    assert lead.post("/api/v1/watches", json={**body, "brand_id": 99}).status_code == 404


def test_nobody_reads_files_of_the_server_through_a_watch(house: House) -> None:
    body = {"brand_id": house.brand(), "source": "replay", "query": {"path": "/etc/passwd"}}
    assert house.browser(Role.ADMIN).post("/api/v1/watches", json=body).status_code == 422


def test_route_is_stored_locked_and_never_shown(house: House) -> None:
    brand, pr_lead = house.brand(), house.browser(Role.PR_LEAD)
    at = f"/api/v1/brands/{brand}/routes"
    added = pr_lead.post(at, json={"name": "On duty", "url": ROUTE})
    assert added.status_code == 201
    shown = pr_lead.get(at).json()
    assert shown == [added.json()]
    assert shown[0]["name"] == "On duty"
    assert "hush-hush" not in str(shown)
    assert "secret-path" not in str(shown)
    with house.store.reading() as work:
        [row] = alerts.routes(work, brand)
    assert b"hush-hush" not in row.url
    assert house.app.state.vault.unlock(row.url) == ROUTE
    assert pr_lead.delete(f"/api/v1/brands/{house.brand('other')}/routes/{row.id}").status_code == 404
    assert pr_lead.delete(f"{at}/{row.id}").status_code == 204
    assert pr_lead.get(at).json() == []


def test_route_that_leads_nowhere_is_refused_at_once(house: House) -> None:
    answer = house.browser(Role.LEAD).post(
        f"/api/v1/brands/{house.brand()}/routes", json={"name": "x", "url": "nonsense"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "url"


# --- people and tokens ---------------------------------------------------------------------------------------------------


def test_admin_lets_somebody_in_by_a_link(house: House) -> None:
    made = house.browser(Role.ADMIN).post("/api/v1/users", json={"role": "pr_lead"}).json()
    assert made["url"] == f"http://testserver{made['path']}"
    secret = made["path"].removeprefix("/welcome/")
    assert auth.accept(house.store, secret, "pia@acme.example", "Pia", PASSWORD, house.clock())
    names = {one["name"]: one["role"] for one in house.browser(Role.ADMIN).get("/api/v1/users").json()}
    assert names["Pia"] == "pr_lead"


def test_new_role_ends_the_sessions_of_the_old_one(house: House) -> None:
    lead = house.browser(Role.LEAD)
    changed = house.browser(Role.ADMIN).patch(f"/api/v1/users/{house.ids[Role.LEAD]}", json={"role": "observer"})
    assert changed.json()["role"] == "observer"
    assert lead.get("/api/v1/me").status_code == 401


def test_only_admin_cannot_be_lost(house: House) -> None:
    admin, own = house.browser(Role.ADMIN), f"/api/v1/users/{house.ids[Role.ADMIN]}"
    assert admin.patch(own, json={"role": "agent"}).status_code == 409
    assert admin.patch(own, json={"active": False}).status_code == 409
    assert admin.patch(own, json={"name": "Ada"}).json()["name"] == "Ada"


def test_forgotten_password_is_replaced_by_an_admin(house: House) -> None:
    at = f"/api/v1/users/{house.ids[Role.AGENT]}"
    assert house.browser(Role.ADMIN).patch(at, json={"password": "short"}).status_code == 422
    assert house.browser(Role.ADMIN).patch(at, json={"password": "another long one"}).status_code == 200
    form = {"email": "agent@acme.example", "password": "another long one"}
    assert house.client().post("/sign-in", data=form).status_code == 303


def test_token_acts_as_its_person_until_it_is_revoked(house: House) -> None:
    browser = house.browser()
    made = browser.post("/api/v1/tokens", json={"name": "nightly"}).json()
    assert made["token"].startswith("amends_")
    program = house.client(Authorization=f"Bearer {made['token']}")
    assert program.get("/api/v1/me").json()["via"] == "token"
    assert program.get("/api/v1/tokens").json() == [{key: made[key] for key in ("id", "name", "created_at")}]
    assert house.browser(Role.ADMIN).delete(f"/api/v1/tokens/{made['id']}").status_code == 404, "another's token"
    assert browser.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert program.get("/api/v1/me").status_code == 401


def test_token_of_somebody_locked_out_stops_working(house: House) -> None:
    program = house.program()
    house.browser(Role.ADMIN).patch(f"/api/v1/users/{house.ids[Role.AGENT]}", json={"active": False})
    assert program.get("/api/v1/me").status_code == 401


def test_no_reading_ever_returns_a_secret(house: House, case_id: int) -> None:
    admin = house.browser(Role.ADMIN)
    token = admin.post("/api/v1/tokens", json={"name": "mine"}).json()["token"]
    link = admin.post("/api/v1/users", json={"role": "agent"}).json()["path"].removeprefix("/welcome/")
    admin.post("/api/v1/brands/1/routes", json={"name": "On duty", "url": ROUTE})
    assert admin.post("/api/v1/trials", json={"model": "rules"}).is_success
    with house.store.unit_of_work() as work:
        watches.add(work, 1, "replay", {"path": "demo"}, house.clock())
    secrets = {
        token,
        link,
        admin.cookies["amends"],
        admin.headers[auth.CSRF_HEADER],
        "hush-hush",
        "secret-path",
        "$argon2",
    }
    secrets |= {auth.digest(token), auth.digest(admin.cookies["amends"])}
    refused = {}
    for path, operations in house.app.openapi()["paths"].items():
        if "get" in operations:
            answer = admin.get(re.sub(r"\{\w+_id\}", "1", path).replace("{slug}", "acme"))
            told = answer.text + str(answer.headers)
            assert not [one for one in secrets if one in told], path
            refused |= {path: answer.status_code} if answer.status_code != 200 else {}
    assert refused == {"/readyz": 503}, "it misses its relay; all others answer"
    for path in ("/", "/cases/1", "/outbox", "/ledger", "/people", "/settings/brand/1", "/aside"):
        told = admin.get(path, headers={"Accept": "text/html"}).text
        assert not [one for one in secrets - {admin.headers[auth.CSRF_HEADER]} if one in told], path
