"""Accounts and watches through the JSON API: what is shown, what is set, and that no secret comes out."""

from collections.abc import Iterator

import pytest

from monitor.domain.lifecycle import Role
from monitor.logins import lock
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.store import accounts
from tests.api.conftest import House


@pytest.fixture
def platform(house: House) -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon(clock=lambda: house.clock().timestamp()) as found:
        yield found


@pytest.fixture
def account(house: House, platform: SimulatedMastodon) -> int:
    login = platform.connect("vela_care")
    brand = house.brand()
    with house.store.unit_of_work() as work:
        return accounts.add(
            work,
            brand,
            "mastodon",
            login.handle,
            "mastodon",
            house.clock(),
            secret=lock(login, house.app.state.vault),
            host=login.host,
            external_id=login.external_id,
            options=dict(login.options),
        )


def test_accounts_are_listed_checked_and_never_show_what_they_sign_in_with(
    house: House, platform: SimulatedMastodon, account: int
) -> None:
    lead = house.program(Role.LEAD)
    (shown,) = [one for one in lead.get("/api/v1/accounts?brand=acme").json() if one["connected"]]
    assert (shown["id"], shown["standing"], shown["options"]) == (account, None, {})
    checked = lead.post(f"/api/v1/accounts/{account}/check")
    assert checked.status_code == 200
    assert checked.json()["can_reply"]
    after = lead.get(f"/api/v1/accounts/{account}").json()
    assert after["standing"]["can_reply"]
    assert after["checked_at"]
    token = next(iter(platform.sign_ins.tokens))
    assert token not in str(after) + checked.text + str(shown)
    assert "secret" not in str(after)
    assert lead.get("/api/v1/accounts/99").status_code == 404


def test_a_refusal_of_the_platform_is_a_problem_that_says_what_to_do(
    house: House, platform: SimulatedMastodon, account: int
) -> None:
    platform.sign_ins.tokens.clear()
    refused = house.browser(Role.LEAD).post(f"/api/v1/accounts/{account}/check")
    assert refused.status_code == 424
    assert "does not accept this sign-in" in refused.json()["detail"]
    platform.stop()
    away = house.browser(Role.LEAD).post(f"/api/v1/accounts/{account}/check")
    assert away.status_code == 503
    assert int(away.headers["retry-after"]) >= 1


def test_questions_and_the_cap_are_answered_piece_by_piece(house: House, account: int) -> None:
    lead, at = house.browser(Role.LEAD), f"/api/v1/accounts/{account}"
    assert lead.patch(at, json={"options": {"visibility": "public"}}).json()["options"] == {"visibility": "public"}
    assert lead.patch(at, json={"cap": 12.5}).json()["cap"] == 12.5
    kept = lead.patch(at, json={}).json()
    assert (kept["cap"], kept["options"]) == (12.5, {"visibility": "public"})
    assert lead.patch(at, json={"cap": None}).json()["cap"] is None
    for wrong in ({"options": {"visibility": "secret"}}, {"options": {"tier": "x"}}, {"cap": -1}, {"secret": "x"}):
        assert lead.patch(at, json=wrong).status_code == 422, wrong


def test_only_leads_and_admins_check_and_set(house: House, account: int) -> None:
    for role in (Role.OBSERVER, Role.AGENT, Role.PR_LEAD):
        client = house.browser(role)
        assert client.post(f"/api/v1/accounts/{account}/check").status_code == 403
        assert client.patch(f"/api/v1/accounts/{account}", json={}).status_code == 403
        assert (
            client.post("/api/v1/watches/preview", json={"brand_id": 1, "source": "x", "query": {}}).status_code == 403
        )
        assert client.patch("/api/v1/watches/1", json={}).status_code == 403


def test_a_watch_is_tried_added_and_changed(house: House, platform: SimulatedMastodon, account: int) -> None:
    lead = house.browser(Role.LEAD)
    platform.customer("ana", "The lid broke #velakettles", language="en")
    query = {"kind": "hashtag", "places": ["velakettles"]}
    body = {"brand_id": 1, "source": "mastodon", "query": query, "account_id": account}
    told = lead.post("/api/v1/watches/preview", json=body).json()
    assert (told["count"], told["langs"], told["posts"][0]["author"]) == (1, {"en": 1}, "ana")
    assert lead.get("/api/v1/watches").json() == []
    added = lead.post("/api/v1/watches", json={**body, "name": "Kettles"})
    assert added.status_code == 201, added.text
    at = f"/api/v1/watches/{added.json()['id']}"
    changed = lead.patch(at, json={"every_s": 90, "paused": True}).json()
    assert (changed["every_s"], changed["paused"], changed["name"], changed["query"]) == (90, True, "Kettles", query)
    moved = lead.patch(at, json={"query": {"kind": "mentions"}, "paused": False}).json()
    assert (moved["query"], moved["account_id"], moved["paused"]) == ({"kind": "mentions"}, account, False)
    lacking = lead.patch(at, json={"account_id": None})
    assert lacking.status_code == 422
    assert lacking.json()["errors"][0]["field"] == "account"
    assert lead.patch("/api/v1/watches/99", json={"paused": True}).status_code == 404


def test_the_kinds_of_watches_are_described(house: House) -> None:
    kinds = house.browser().get("/api/v1/watches/kinds").json()
    assert {one["source"] for one in kinds} == {"x", "reddit", "mastodon", "bluesky", "hackernews", "feed"}


def test_no_watch_is_turned_onto_a_file_of_the_server(house: House) -> None:
    lead, brand = house.browser(Role.ADMIN), house.brand()
    made = lead.post("/api/v1/watches", json={"brand_id": brand, "source": "replay", "query": {"path": "demo"}}).json()
    at = f"/api/v1/watches/{made['id']}"
    assert lead.patch(at, json={"query": {"path": "/etc/passwd"}}).status_code == 422
    body = {"brand_id": brand, "source": "replay", "query": {"path": "/etc/passwd"}}
    assert lead.post("/api/v1/watches/preview", json=body).status_code == 422


def test_the_posts_of_a_look_are_kept_nowhere_not_even_for_a_key(
    house: House, platform: SimulatedMastodon, account: int
) -> None:
    platform.customer("ana", "The lid broke #velakettles")
    query = {"kind": "hashtag", "places": ["velakettles"]}
    body = {"brand_id": 1, "source": "mastodon", "query": query, "account_id": account}
    keyed = house.browser(Role.LEAD).post("/api/v1/watches/preview", json=body, headers={"Idempotency-Key": "one"})
    assert keyed.status_code == 422
    with house.store.reading() as work:
        kept = work.exec_driver_sql("SELECT body FROM written_once").scalars().all()
    assert "The lid broke" not in str(kept)
