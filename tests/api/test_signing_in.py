from collections.abc import Callable
from datetime import datetime

import pytest

from api import auth, passwords
from monitor.domain.errors import BadInput, NotFound
from monitor.domain.lifecycle import Role
from monitor.store import users
from monitor.store.engine import Store
from tests.api.conftest import PASSWORD, House


def _try(house: House, email: str = "agent@acme.example", password: str = PASSWORD) -> tuple[int, str]:
    form = {"email": email, "password": password}
    answer = house.client().post("/sign-in", data=form)
    return answer.status_code, answer.text


def test_right_password_opens_a_session_that_ends_with_sign_out(house: House) -> None:
    client = house.client()
    answer = client.post("/sign-in", data={"email": " Agent@ACME.example ", "password": PASSWORD})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/api/v1/me").json()["role"] == "agent"
    assert client.get("/api/v1/me").json()["via"] == "session"
    with house.store.reading() as work:
        found = users.session_of(work, auth.digest(client.cookies["amends"]), house.clock())
    assert found
    kept = client.cookies["amends"]
    client.post("/sign-out", data={"csrf_token": found[1]})
    client.cookies.set("amends", kept)
    assert client.get("/api/v1/me").status_code == 401


def test_wrong_password_and_unknown_person_look_alike(house: House) -> None:
    wrong = _try(house, password="something else")
    unknown = _try(house, email="nobody@acme.example")
    assert wrong[0] == unknown[0] == 401
    assert wrong[1].replace("agent@", "") == unknown[1].replace("nobody@", "")


def test_unknown_person_costs_a_guesser_as_much_work(house: House) -> None:
    assert not passwords.matches(PASSWORD, None)
    assert passwords._HASHER.verify(passwords._nobodys(), b"nobody has this password")


def test_guessing_gets_slower_and_waiting_helps(house: House) -> None:
    for _ in range(passwords.FREE_TRIES):
        assert _try(house, password="a wrong guess")[0] == 401
    assert _try(house)[0] == 429, "even the right password waits now"
    house.clock.forward(seconds=3)
    assert _try(house, password="a wrong guess")[0] == 401
    house.clock.forward(seconds=3)
    assert _try(house)[0] == 429, "the wait has grown"
    house.clock.forward(seconds=3)
    assert _try(house)[0] == 303
    assert _try(house, password="a wrong guess")[0] == 401, "a right password starts the count anew"


def test_guessing_at_one_address_leaves_colleagues_alone(house: House) -> None:
    for _ in range(passwords.FREE_TRIES + 1):
        _try(house, password="a wrong guess")
    assert _try(house, email="lead@acme.example")[0] == 303


def test_session_ends_by_itself_and_when_the_person_is_locked_out(house: House) -> None:
    client = house.browser()
    house.clock.forward(days=13)
    assert client.get("/api/v1/me").status_code == 200
    house.clock.forward(days=2)
    assert client.get("/api/v1/me").status_code == 401
    again = house.browser()
    house.browser(Role.ADMIN).patch(f"/api/v1/users/{house.ids[Role.AGENT]}", json={"active": False})
    assert again.get("/api/v1/me").status_code == 401
    assert _try(house)[0] == 401


def test_only_digests_of_secrets_are_stored(house: House) -> None:
    token = house.browser().post("/api/v1/tokens", json={"name": "mine"}).json()["token"]
    session = house.browser().cookies["amends"]
    link = auth.invite(house.store, Role.AGENT, house.clock())
    with house.store.reading() as work:
        connection = work.connection.driver_connection
        assert connection
        dump = "\n".join(connection.iterdump())
    assert dump.count("INSERT") > 10
    for secret in (token, session, link.rpartition("/")[2], PASSWORD):
        assert secret not in dump


def test_over_https_the_cookie_is_bound_to_this_host(start: Callable[..., House]) -> None:
    house = start(public_url="https://testserver")
    answer = house.client().post("/sign-in", data={"email": "agent@acme.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-amends=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


def test_weaker_hash_is_renewed_at_sign_in(house: House) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with house.store.unit_of_work() as work:
        users.change(work, house.ids[Role.AGENT], password=weak)
    assert _try(house)[0] == 303
    with house.store.reading() as work:
        renewed = users.get(work, house.ids[Role.AGENT]).password
    assert renewed != weak
    assert not passwords.outdated(renewed)
    assert _try(house)[0] == 303


# --- links ---------------------------------------------------------------------------------------------------------


def test_first_link_makes_the_first_admin_and_only_the_newest_works(sqlite_store: Store, now: datetime) -> None:
    older = auth.first_link(sqlite_store, now)
    newer = auth.first_link(sqlite_store, now)
    assert older
    assert newer
    with pytest.raises(NotFound):
        auth.accept(sqlite_store, older.removeprefix("/welcome/"), "a@b.example", "Ada", PASSWORD, now)
    auth.accept(sqlite_store, newer.removeprefix("/welcome/"), "a@b.example", "Ada", PASSWORD, now)
    with sqlite_store.reading() as work:
        admin = users.by_email(work, "a@b.example")
    assert admin
    assert admin.role is Role.ADMIN
    assert auth.first_link(sqlite_store, now) is None


def test_link_works_once_and_for_a_day(house: House) -> None:
    secret = auth.invite(house.store, Role.LEAD, house.clock()).removeprefix("/welcome/")
    late = auth.invite(house.store, Role.LEAD, house.clock()).removeprefix("/welcome/")
    value = auth.accept(house.store, secret, "new@acme.example", "New", PASSWORD, house.clock())
    client = house.client()
    client.cookies.set("amends", value)
    assert client.get("/api/v1/me").json()["role"] == "lead"
    with pytest.raises(NotFound):
        auth.accept(house.store, secret, "other@acme.example", "Other", PASSWORD, house.clock())
    house.clock.forward(hours=25)
    with pytest.raises(NotFound):
        auth.accept(house.store, late, "other@acme.example", "Other", PASSWORD, house.clock())


@pytest.mark.parametrize(
    ("email", "name", "password", "where"),
    [
        ("new@acme.example", "New", "short", "password"),
        ("new@acme.example", "  ", PASSWORD, "name"),
        ("not an address", "New", PASSWORD, "email"),
        ("agent@acme.example", "New", PASSWORD, "email"),
    ],
)
def test_link_still_works_after_a_mistake(house: House, email: str, name: str, password: str, where: str) -> None:
    secret = auth.invite(house.store, Role.AGENT, house.clock()).removeprefix("/welcome/")
    with pytest.raises(BadInput) as mistake:
        auth.accept(house.store, secret, email, name, password, house.clock())
    assert mistake.value.where == where
    assert auth.accept(house.store, secret, "new@acme.example", "New", PASSWORD, house.clock())


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"])
def test_after_sign_in_nobody_is_sent_elsewhere(elsewhere: str) -> None:
    assert auth.safe_next(elsewhere) == "/"
    assert auth.safe_next("/cases/7?x=1") == "/cases/7?x=1"


# --- forms that come from elsewhere ----------------------------------------------------------------------------------


def test_write_without_the_csrf_secret_is_refused(house: House, case_id: int) -> None:
    client = house.browser()
    del client.headers[auth.CSRF_HEADER]
    answer = client.post(f"/api/v1/cases/{case_id}/claim")
    assert answer.status_code == 403
    assert "Load the page again" in answer.json()["detail"]
    assert client.get(f"/api/v1/cases/{case_id}").status_code == 200
    client.headers[auth.CSRF_HEADER] = "another session's"
    assert client.post(f"/api/v1/cases/{case_id}/claim").status_code == 403


def test_form_field_carries_the_csrf_secret_too(house: House) -> None:
    client = house.browser()
    secret = client.headers.pop(auth.CSRF_HEADER)
    assert client.post("/theme", data={"theme": "dark", "csrf_token": "wrong"}).status_code == 403
    assert client.post("/theme", data={"theme": "dark", "csrf_token": secret}).status_code == 303


def test_form_of_another_site_is_refused_even_at_the_sign_in(house: House) -> None:
    form = {"email": "agent@acme.example", "password": PASSWORD}
    answer = house.client().post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
