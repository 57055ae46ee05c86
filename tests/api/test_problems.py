"""Errors, keys and pages: what every route of the JSON API has in common."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from monitor.domain.lifecycle import Role
from tests.api.conftest import House

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", "/api/v1/cases/999", None, 404),
        ("GET", "/api/v1/cases/abc", None, 422),
        ("GET", "/api/v1/cases/0", None, 422),
        ("GET", f"/api/v1/cases/{2**63}", None, 422),
        ("GET", "/api/v1/cases?tab=other", None, 422),
        ("GET", "/api/v1/cases?limit=0", None, 422),
        ("GET", "/api/v1/cases?after=; drop table", None, 422),
        ("GET", "/api/v1/cases?brand=nobody", None, 404),
        ("GET", f"/api/v1/mentions?before={2**64}", None, 422),
        ("DELETE", "/api/v1/cases", None, 405),
        ("POST", "/api/v1/mentions", '{"text": ', 400),
        ("POST", "/api/v1/mentions", b'{"text": "\xff"}', 400),
        ("POST", "/api/v1/mentions", "[" * 100_000, 400),
        ("POST", "/api/v1/mentions", "", 422),
        ("POST", "/api/v1/cases/1/save", '{"text": "Hello", "based_on": "0"}', 422),
        ("POST", "/api/v1/cases/1/save", '{"text": "Hello", "based_on": 0, "more": 1}', 422),
        ("POST", "/api/v1/cases/1/save", '{"text": "\\ud800", "based_on": 0}', 422),
        ("POST", "/api/v1/cases/1/dismiss", '{"reason": ""}', 422),
    ],
)
def test_every_error_is_a_problem_document(
    house: House, case_id: int, method: str, path: str, body: str | None, status: int
) -> None:
    answer = house.program().request(method, path, content=body, headers=JSON)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"]
    assert problem["instance"] == path.partition("?")[0]


def test_error_names_the_field_and_never_repeats_the_value(house: House) -> None:
    brand = house.brand()
    admin = house.browser(Role.ADMIN)
    answer = admin.post(f"/api/v1/brands/{brand}/routes", json={"name": "x", "url": ["https://secret@host"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.url"
    assert "secret" not in answer.text


def test_error_in_json_says_where(house: House) -> None:
    answer = house.program().post("/api/v1/mentions", content='{"text": "a", oops}', headers=JSON)
    assert "at character 14" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_body_of_another_type_is_refused(house: House, kind: str) -> None:
    answer = house.program().post("/api/v1/mentions", content='{"text": "a"}', headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_stranger_and_wrong_token_get_401(house: House) -> None:
    for client in (
        house.client(),
        house.client(Authorization="Bearer amends_x"),
        house.client(Authorization="Basic eA=="),
    ):
        answer = client.get("/api/v1/cases")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_wrong_token_is_not_saved_by_a_session(house: House) -> None:
    client = house.browser(Role.ADMIN)
    client.headers["Authorization"] = "Bearer amends_revoked"
    assert client.get("/api/v1/users").status_code == 401


# --- Idempotency-Key -------------------------------------------------------------------------------------------------


def test_same_key_gives_the_same_answer_and_is_done_once(house: House) -> None:
    program, key = house.program(), {"Idempotency-Key": "first"}
    body = {"text": "Where is my parcel?", "id": "1"}
    first = program.post("/api/v1/mentions", json=body, headers=key)
    again = program.post("/api/v1/mentions", json=body, headers=key)
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json() == {"new": 1, "known": 0, "ids": [1]}
    assert again.headers["idempotency-replayed"] == "true"
    assert program.post("/api/v1/mentions", json=body).json()["known"] == 1


def test_same_key_for_something_else_is_refused(house: House) -> None:
    program, key = house.program(), {"Idempotency-Key": "first"}
    program.post("/api/v1/mentions", json={"text": "One"}, headers=key)
    other = program.post("/api/v1/mentions", json={"text": "Two"}, headers=key)
    assert other.status_code == 422
    assert program.post("/api/v1/mentions?as_live=1", json={"text": "One"}, headers=key).status_code == 422


def test_keys_of_two_people_are_two_keys(house: House) -> None:
    key = {"Idempotency-Key": "first"}
    house.program().post("/api/v1/mentions", json={"text": "One"}, headers=key)
    assert house.program(Role.LEAD).post("/api/v1/mentions", json={"text": "Two"}, headers=key).json()["new"] == 1


def test_refusal_is_repeated_too(house: House) -> None:
    program, key = house.program(), {"Idempotency-Key": "first"}
    first = program.post("/api/v1/cases/9/undo", headers=key)
    assert first.status_code == 404
    house.says(house.brand(), "You lost it.")
    again = program.post("/api/v1/cases/9/undo", headers=key)
    assert again.status_code == 404
    assert again.content == first.content
    assert again.headers["content-type"] == "application/problem+json"


def test_request_under_way_is_not_done_a_second_time(house: House) -> None:
    import hashlib

    from monitor.store import users

    body = b'{"text":"One"}'
    digest = hashlib.sha256(b"POST /api/v1/mentions?\n" + body).hexdigest()
    with house.store.unit_of_work() as work:
        users.first_time(work, house.ids[Role.AGENT], "first", digest, house.clock())
    answer = house.program().post("/api/v1/mentions", content=body, headers={**JSON, "Idempotency-Key": "first"})
    assert answer.status_code == 409
    assert "no answer yet" in answer.json()["detail"]
    assert house.program().get("/api/v1/ledger").json()["mentions"] == 0


def test_answer_with_a_secret_is_not_kept_for_a_key(house: House) -> None:
    answer = house.browser().post("/api/v1/tokens", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 422
    assert house.browser().get("/api/v1/tokens").json() == []


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_unusable_key_is_refused(house: House, key: str) -> None:
    answer = house.program().post("/api/v1/mentions", json={"text": "One"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


# --- pages -----------------------------------------------------------------------------------------------------------


def test_queue_comes_in_pages_without_a_gap_or_a_repeat(house: House) -> None:
    house.says(house.brand(), *(f"You lost parcel {number}." for number in range(7)))
    program, seen = house.program(), []
    after: str | None = ""
    for _ in range(4):
        page = program.get("/api/v1/cases", params={"limit": 2, "after": after}).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
    assert after is None
    assert sorted(seen) == list(range(1, 8))


def test_page_that_is_just_full_is_the_last(house: House) -> None:
    house.says(house.brand(), "You lost it.", "You lost that.")
    assert house.program().get("/api/v1/cases?limit=2").json()["next"] is None


def test_what_lies_aside_comes_in_pages(house: House) -> None:
    house.says(house.brand(), *(f"Lovely day {number}." for number in range(3)))
    first = house.program().get("/api/v1/mentions?limit=2").json()
    second = house.program().get("/api/v1/mentions", params={"limit": 2, "before": first["next"]}).json()
    assert [one["id"] for one in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next"] is None


# --- who may what ------------------------------------------------------------------------------------------------------


def _writes(house: House) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, operations in house.app.openapi()["paths"].items()
        for method in operations
        if method != "get"
    ]


def _filled(path: str) -> str:
    for name in ("case_id", "mention_id", "brand_id", "route_id", "watch_id", "user_id", "token_id"):
        path = path.replace(f"{{{name}}}", "1")
    return path


_BODY = {
    "save": {"text": "a", "based_on": 0},
    "approve": {"revision": 1},
    "reject": {"reason": "a"},
    "dismiss": {"reason": "a"},
    "withdraw": {"reason": "a"},
    "escalate": {"question": "a"},
    "owner-answer": {"answer": "a"},
    "answered-by-hand": {"link": "https://a.example/1"},
    "resolve": {"outcome": "silent"},
    "check": {"text": "a"},
    "mentions": {"text": "a"},
    "watches": {"brand_id": 1, "source": "replay", "query": {"path": "demo"}},
    "routes": {"name": "a", "url": "json://localhost/"},
    "users": {"role": "agent"},
    "tokens": {"name": "a"},
}


def _ask(client: TestClient, method: str, path: str) -> int:
    body = _BODY.get(path.rpartition("/")[2], {})
    return client.request(method, _filled(path), json=body).status_code


def test_observer_reads_everything_and_writes_nothing(house: House, case_id: int) -> None:
    observer = house.browser(Role.OBSERVER)
    for path in (
        "/cases",
        "/cases/1",
        "/mentions",
        "/outbox",
        "/ledger",
        "/brands",
        "/watches",
        "/brands/1/routes",
        "/me",
    ):
        assert observer.get(f"/api/v1{path}").status_code == 200, path
    own = {"/api/v1/tokens", "/api/v1/tokens/{token_id}"}
    answers = {one: _ask(observer, *one) for one in _writes(house) if one[1] not in own}
    assert len(answers) > 20
    assert set(answers.values()) == {403}


def test_stranger_reads_and_writes_nothing(house: House, case_id: int) -> None:
    open_to_all = {"/healthz", "/readyz"}
    for path, operations in house.app.openapi()["paths"].items():
        for method in operations:
            if path not in open_to_all:
                assert _ask(house.client(), method.upper(), path) == 401, (method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/cases/{case_id}/approve"),
        ("POST", "/api/v1/cases/{case_id}/reject"),
        ("POST", "/api/v1/tokens"),
        ("POST", "/api/v1/users"),
        ("PATCH", "/api/v1/users/{user_id}"),
    ],
)
def test_token_even_of_an_admin_cannot_do_what_takes_a_person(
    house: House, case_id: int, method: str, path: str
) -> None:
    answer = house.program(Role.ADMIN).request(method, _filled(path), json=_BODY.get(path.rpartition("/")[2], {}))
    assert answer.status_code == 403
    assert "a person has to" in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.PR_LEAD])
def test_settings_of_the_house_are_for_leads(house: House, case_id: int, role: Role) -> None:
    browser = house.browser(role)
    assert _ask(browser, "PATCH", "/api/v1/brands/{brand_id}") == 403
    assert _ask(browser, "POST", "/api/v1/watches") == 403
    assert _ask(browser, "POST", "/api/v1/users") == 403
    assert browser.get("/api/v1/users").status_code == 403


def test_over_https_a_plain_cookie_is_nobody(start: Callable[..., House]) -> None:
    house = start(public_url="https://testserver")
    client = house.browser()
    value = client.cookies["__Host-amends"]
    client.cookies.clear()
    client.cookies.set("amends", value)
    assert client.get("/api/v1/me").status_code == 401
