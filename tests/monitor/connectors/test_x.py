"""Connecting an account of X: the sign-in there, pasted keys, and tokens that run out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from monitor.clients.x import X
from monitor.connectors.x import XConnector
from monitor.domain.errors import BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Started
from monitor.simulated.server import Fault
from monitor.simulated.x_signin import TOKEN_S
from tests.contracts.stands.x import OURS, Town

BACK = "http://127.0.0.1:8400/connect/x"
KEYS = ("api_key", "api_secret", "access_token", "access_token_secret")


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.platform.stop()


@pytest.fixture
def connector(town: Town) -> XConnector:
    return XConnector({"host": town.platform.url, "site": town.platform.url}, town.time)


def at_the_browser(started: Started, allow: str = "yes") -> dict[str, str]:
    """Open the page of X, press a button, and return the query of where it leads."""
    page = requests.get(started.url, timeout=5)
    assert "Authorize app" in page.text
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)">', page.text.split("<button")[0]))
    where = urlsplit(started.url)
    pressed = requests.post(
        f"{where.scheme}://{where.netloc}/i/oauth2/authorize",
        data={**form, "allow": allow},
        allow_redirects=False,
        timeout=5,
    )
    assert pressed.headers["Location"].startswith(BACK)
    return dict(parse_qsl(urlsplit(pressed.headers["Location"]).query))


def begun(connector: XConnector, **given: str) -> Started:
    started = connector.begin({"client_id": "demo-app", **given}, BACK, "state-1")
    assert isinstance(started, Started)
    return started


def signed_in(connector: XConnector, **given: str) -> Login:
    started = begun(connector, **given)
    return connector.finish(started.kept, at_the_browser(started))


def test_a_sign_in_at_x_makes_a_login_that_knows_who_it_is(town: Town, connector: XConnector) -> None:
    login = signed_in(connector, bearer_token=" app-token ")
    assert (login.handle, login.external_id) == (OURS, town.login.external_id)
    assert login.secret["bearer_token"] == "app-token"
    assert "offline.access" in login.secret["scope"]
    with X(login) as x:
        assert x.me()[0]["username"] == OURS


def test_an_address_without_its_beginning_is_completed(connector: XConnector) -> None:
    assert begun(connector, host="api.x.example").kept["host"] == "https://api.x.example"


def test_a_confidential_app_proves_itself_with_its_secret(town: Town, connector: XConnector) -> None:
    town.platform.signin.apps["demo-app"] = "s3cret"
    assert signed_in(connector, client_secret="s3cret").handle == OURS
    with pytest.raises(SourceRefused):
        signed_in(connector, client_secret="wrong")


def test_a_code_is_worth_nothing_without_the_proof_of_the_one_who_began(connector: XConnector) -> None:
    started = begun(connector)
    answer = at_the_browser(started)
    with pytest.raises(SourceRefused) as caught:
        connector.finish({**started.kept, "verifier": "guessed"}, answer)
    assert caught.value.remedy is Remedy.RECONNECT


def test_a_cancelled_sign_in_is_said_in_plain_words(connector: XConnector) -> None:
    started = begun(connector)
    with pytest.raises(SourceRefused, match="cancelled"):
        connector.finish(started.kept, at_the_browser(started, allow="no"))


def test_an_answer_to_another_sign_in_is_not_taken(connector: XConnector) -> None:
    started = begun(connector)
    with pytest.raises(BadInput, match="begin again"):
        connector.finish(started.kept, {**at_the_browser(started), "state": "state-2"})


def test_what_is_kept_of_a_sign_in_stays_out_of_its_description(connector: XConnector) -> None:
    assert begun(connector).kept["verifier"] not in repr(begun(connector))


def test_pasted_keys_are_a_login_at_once(town: Town, connector: XConnector) -> None:
    keys = town.platform.connect(OURS, way="oauth1").secret
    login = connector.begin({name: keys[name] for name in KEYS}, BACK, "state-1")
    assert isinstance(login, Login)
    assert (login.handle, login.external_id) == (OURS, town.login.external_id)
    assert not connector.runs_out(login, town.now + timedelta(days=900))
    assert connector.refresh(login) == login


def test_half_of_the_keys_are_not_enough(connector: XConnector) -> None:
    with pytest.raises(BadInput, match="all four"):
        connector.begin({"api_key": "a", "api_secret": "b", "access_token": " "}, BACK, "state-1")


def test_wrong_keys_are_refused_when_they_are_pasted(connector: XConnector) -> None:
    with pytest.raises(SourceRefused) as caught:
        connector.begin(dict.fromkeys(KEYS, "guessed"), BACK, "state-1")
    assert caught.value.remedy is Remedy.RECONNECT


def test_a_token_is_renewed_in_time_and_the_old_refresh_token_is_spent(town: Town, connector: XConnector) -> None:
    login = signed_in(connector)
    assert not connector.runs_out(login, town.now)
    town.move(TOKEN_S - 200)
    assert connector.runs_out(login, town.now)
    fresh = connector.refresh(login)
    assert not connector.runs_out(fresh, town.now)
    assert fresh.secret["refresh_token"] != login.secret["refresh_token"]
    town.move(300)
    assert connector.check(fresh).can_read
    with pytest.raises(SourceRefused) as caught:
        connector.refresh(login)
    assert caught.value.remedy is Remedy.RECONNECT


def test_x_away_during_a_renewal_is_no_reason_to_sign_in_anew(town: Town, connector: XConnector) -> None:
    login = signed_in(connector)
    town.move(TOKEN_S)
    town.platform.faults.plan(Fault.AWAY)
    with pytest.raises(RetryLater):
        connector.refresh(login)
    assert not connector.runs_out(connector.refresh(login), town.now)


def test_a_sign_in_without_a_refresh_token_ends(town: Town, connector: XConnector) -> None:
    login = signed_in(connector)
    bare = replace(login, secret={name: value for name, value in login.secret.items() if name != "refresh_token"})
    town.move(TOKEN_S)
    with pytest.raises(SourceRefused, match="connect the account again"):
        connector.refresh(bare)


def test_a_check_says_what_may_be_done_and_what_is_left(town: Town, connector: XConnector) -> None:
    town.platform.cap, town.platform.read = 20_000, 5_800
    standing = connector.check(town.login)
    assert (standing.handle, standing.can_read, standing.can_reply) == (OURS, True, True)
    assert "14,200 reads left this month." in standing.notes
    assert any("mention or quote @vela_care" in note for note in standing.notes)


def test_without_the_approval_of_x_nothing_may_be_replied(town: Town, connector: XConnector) -> None:
    standing = connector.check(replace(town.login, options={"site": town.platform.url}))
    assert not standing.can_reply
    assert any("approve" in note and "settings of this account" in note for note in standing.notes)


def test_keys_that_may_only_read_are_told_so(town: Town, connector: XConnector) -> None:
    login = town.platform.connect(OURS, way="oauth1")
    town.platform.signin.keys[login.secret["access_token"]].level = "read"
    standing = connector.check(login)
    assert not standing.can_reply
    assert any("Read and write" in note for note in standing.notes)


def test_a_sign_in_without_the_right_to_post_is_told_so(town: Town, connector: XConnector) -> None:
    standing = connector.check(town.platform.connect(OURS, scopes="tweet.read users.read"))
    assert not standing.can_reply
    assert any("Connect it again" in note for note in standing.notes)


def test_a_broken_app_token_is_told_and_an_allowance_that_cannot_be_asked_is_not(
    town: Town, connector: XConnector
) -> None:
    broken = replace(town.login, secret={**town.login.secret, "bearer_token": "old"})
    assert any("paste a new one" in note for note in connector.check(broken).notes)
    town.platform.faults.plan(Fault.ERROR, "/2/usage/*")
    standing = connector.check(town.login)
    assert standing.can_read
    assert not any("left" in note for note in standing.notes)


def test_letting_go_gives_the_tokens_back_and_may_be_done_twice(town: Town, connector: XConnector) -> None:
    login = signed_in(connector)
    connector.revoke(login)
    with pytest.raises(SourceRefused):
        connector.check(login)
    connector.revoke(login)


def test_the_form_asks_for_the_address_first_and_hides_what_is_secret(town: Town, connector: XConnector) -> None:
    fields = connector.fields
    assert (fields[0].name, fields[0].default) == ("host", town.platform.url)
    assert {one.name for one in fields if one.secret} == {"client_secret", "bearer_token", *KEYS}
