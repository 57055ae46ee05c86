"""What is the same for every request: headers, hosts, sizes, the log."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from monitor import logs
from monitor.domain.lifecycle import Role
from tests.api.conftest import House


def test_every_kind_of_response_is_guarded(house: House, case_id: int) -> None:
    browser = house.browser()
    answers = [
        browser.get("/"),
        browser.get(f"/api/v1/cases/{case_id}"),
        browser.get("/nothing/here", headers={"Accept": "text/html"}),
        house.client().get("/api/v1/cases"),
        house.client().get("/sign-in"),
        house.client(Host="evil.example").get("/"),
        house.client().post("/api/v1/mentions", content=b"x" * (6 << 20)),
        house.client().get("/healthz"),
        house.client().get("/static/icon.svg"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "strict-transport-security" not in answer.headers
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_https_is_remembered_by_browsers_only_where_there_is_https(start: Callable[..., House]) -> None:
    answer = start(public_url="https://testserver").client().get("/sign-in")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_private_pages_are_kept_by_no_cache_and_versioned_files_for_good(house: House) -> None:
    assert house.browser().get("/api/v1/cases").headers["cache-control"] == "no-store"
    assert "immutable" in house.client().get("/static/icon.svg?v=1").headers["cache-control"]
    assert house.client().get("/static/icon.svg").headers["cache-control"] == "no-cache"
    assert house.client().get("/static/no.svg?v=1").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["testserver", "localhost:8000", "127.0.0.1", "[::1]:8000", "192.168.1.20:8000"])
def test_own_names_and_bare_addresses_are_served(house: House, host: str) -> None:
    assert house.client(Host=host).get("/sign-in").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "localhost.evil.example", "[::1", ""])
def test_name_that_another_site_points_at_us_is_refused(house: House, host: str) -> None:
    assert house.client(Host=host).get("/sign-in").status_code == 400
    assert house.client(Host=host).get("/healthz").status_code == 200


def test_body_over_the_limit_is_refused_however_it_is_sent(house: House) -> None:
    program = house.program()
    big = b'{"text": "' + b"x" * (20 << 20) + b'"}'

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(big), 1 << 16):
            yield big[start : start + (1 << 16)]

    for content in (big, in_pieces()):
        answer = program.post("/api/v1/mentions", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 413
    form = house.client().post("/sign-in", content=big, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status_code == 413


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What the program writes to its log, as an operator would read it."""
    root, client = logging.getLogger(), logging.getLogger("httpx2")
    level, written = root.level, io.StringIO()
    logs.configure("json")
    client.setLevel(logging.WARNING)  # the test's own requests are not the program's log
    cast("logging.StreamHandler[io.StringIO]", root.handlers[0]).setStream(written)
    yield written.getvalue
    root.handlers = []  # pytest adds its own again for each phase of a test
    root.setLevel(level)
    client.setLevel(logging.NOTSET)


def test_log_says_who_asked_for_what_and_never_what_was_written(
    house: House, lines: Callable[[], str], case_id: int
) -> None:
    browser = house.browser()
    answer = browser.get("/api/v1/mentions", params={"search": "very private words"})
    browser.post(f"/api/v1/cases/{case_id}/check", json={"text": "other private words"})
    house.client().get("/welcome/a-secret-link")
    house.client().post("/sign-in", data={"email": "agent@acme.example", "password": "private password"})
    told = lines()
    assert "private" not in told
    assert "a-secret-link" not in told
    rows = [json.loads(line) for line in told.splitlines()]
    own = next(row for row in rows if row.get("request") == answer.headers["x-request-id"])
    assert (own["method"], own["path"], own["status"]) == ("GET", "/api/v1/mentions", 200)
    assert own["ms"] >= 0


def test_fault_of_ours_is_answered_without_inner_details(house: House, lines: Callable[[], str]) -> None:
    def fails() -> None:
        message = "inner detail"
        raise RuntimeError(message)

    house.app.add_api_route("/api/v1/fails", fails)
    answer = house.client().get("/api/v1/fails")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inner detail" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "inner detail" in lines(), "the operator can find it"


def test_answer_that_fits_no_shape_is_logged_without_a_customers_words(house: House, lines: Callable[[], str]) -> None:
    def mistaken() -> int:
        return "private words"  # type: ignore[return-value]

    house.app.add_api_route("/api/v1/mistaken", mistaken)
    answer = house.client().get("/api/v1/mistaken")
    assert answer.status_code == 500
    assert "private" not in lines() + answer.text
    assert "response" in lines()


def test_page_that_is_not_there_is_a_page_for_people_and_a_problem_for_programs(house: House) -> None:
    browser = house.browser(Role.AGENT)
    page = browser.get("/cases/999", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert browser.get("/api/v1/cases/999", headers={"Accept": "text/html"}).json()["status"] == 404


def test_stranger_is_sent_to_the_sign_in_and_back(house: House) -> None:
    answer = house.client(Accept="text/html").get("/outbox?state=sent")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Foutbox%3Fstate%3Dsent"
    form = house.client(Accept="text/html").post("/cases/7/approve", data={"revision": 1})
    assert form.headers["location"] == "/sign-in?next=%2Fcases%2F7"
    part = house.client(Accept="text/html", **{"HX-Request": "true"}).get("/outbox")
    assert part.status_code == 401
    assert part.headers["hx-redirect"] == "/sign-in"
