import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from monitor.clients.reddit import RedditClient
from monitor.connectors.reddit import RedditConnector, factory
from monitor.domain.errors import BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Started
from monitor.simulated.reddit import CLIENT_ID, CLIENT_SECRET, SimulatedReddit
from monitor.simulated.server import Fault
from tests.contracts.stands.reddit import BRAND, Time

BACK = "http://127.0.0.1:1/accounts/back"
APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


class Desk:
    def __init__(self) -> None:
        self.time = Time()
        self.reddit = SimulatedReddit(clock=self.time).start()
        self.reddit.brand = BRAND
        self.connector = RedditConnector({"host": self.reddit.url, "site": self.reddit.url}, clock=self.time)

    def answer(self, started: Started, button: str = "Allow") -> dict[str, str]:
        """Do what a person does at Reddit's page, and return what the redirect carries."""
        page = requests.get(started.url, timeout=5)
        fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text))
        where = self.reddit.url + "/api/v1/authorize"
        sent = requests.post(where, data={**fields, "authorize": button}, allow_redirects=False, timeout=5)
        assert sent.headers["location"].startswith(BACK)
        return dict(parse_qsl(urlsplit(sent.headers["location"]).query))

    def begin(self, **given: str) -> Started:
        started = self.connector.begin({**APP, **given}, BACK, "state-1")
        assert isinstance(started, Started)
        return started

    def connect(self, **given: str) -> Login:
        started = self.begin(**given)
        return self.connector.finish(started.kept, self.answer(started))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.reddit.stop()


def test_the_form_asks_for_the_app_and_knows_the_host(desk: Desk) -> None:
    fields = {field.name: field for field in factory({"host": "https://oauth.reddit.com"}).fields}
    assert fields["host"].default == "https://oauth.reddit.com"
    assert fields["client_secret"].secret
    assert fields["password"].secret
    assert {name for name, field in fields.items() if field.required} == {"client_id", "client_secret", "host"}


# --- signing in


def test_a_person_lets_us_in_at_reddits_page(desk: Desk) -> None:
    login = desk.connect(no_reply_in="r/kettles")
    assert (login.platform, login.host, login.handle) == ("reddit", desk.reddit.url, BRAND)
    assert login.external_id == f"t2_{desk.reddit.world.user(BRAND).id}"
    assert login.secret["refresh_token"]
    assert set(login.secret["scope"].split()) == {"identity", "read", "submit", "edit", "history", "privatemessages"}
    assert login.options == {"site": desk.reddit.url, "no_reply_in": "r/kettles"}
    assert all(isinstance(value, str) for value in login.secret.values())


def test_the_secret_is_in_neither_the_address_nor_what_is_shown_of_the_sign_in(desk: Desk) -> None:
    started = desk.begin()
    assert CLIENT_SECRET not in started.url
    assert CLIENT_SECRET not in repr(started)
    assert CLIENT_SECRET not in repr(desk.connector.finish(started.kept, desk.answer(started)))
    assert "duration=permanent" in started.url


def test_a_person_who_declines_is_told_that_nothing_changed(desk: Desk) -> None:
    started = desk.begin()
    with pytest.raises(BadInput, match=r"access_denied.*Nothing was changed"):
        desk.connector.finish(started.kept, desk.answer(started, "Decline"))


@pytest.mark.parametrize("answer", [{"code": "x", "state": "another"}, {"state": "state-1"}, {}])
def test_what_does_not_belong_to_this_sign_in_is_not_used(desk: Desk, answer: dict[str, str]) -> None:
    kept = desk.begin().kept
    with pytest.raises(BadInput, match="begin again"):
        desk.connector.finish(kept, answer)
    assert desk.reddit.asked == []


def test_a_code_serves_once(desk: Desk) -> None:
    started = desk.begin()
    answer = desk.answer(started)
    desk.connector.finish(started.kept, answer)
    with pytest.raises(SourceRefused) as told:
        desk.connector.finish(started.kept, answer)
    assert told.value.remedy is Remedy.RECONNECT


def test_a_script_app_signs_in_with_a_password(desk: Desk) -> None:
    desk.reddit.passwords[BRAND] = "correct horse"
    login = desk.connector.begin({**APP, "username": BRAND, "password": "correct horse"}, BACK, "state-1")
    assert isinstance(login, Login)
    assert login.handle == BRAND
    assert desk.connector.check(login).can_reply
    with pytest.raises(SourceRefused) as told:
        desk.connector.begin({**APP, "username": BRAND, "password": "wrong"}, BACK, "state-1")
    assert told.value.remedy is Remedy.RECONNECT


@pytest.mark.parametrize("given", [{}, {"client_id": "x"}, {**APP, "username": BRAND}, {**APP, "password": "x"}])
def test_what_is_missing_is_named(desk: Desk, given: dict[str, str]) -> None:
    with pytest.raises(BadInput) as told:
        desk.connector.begin(given, BACK, "state-1")
    assert told.value.where in {"client_id", "username", "password"}


def test_reading_needs_no_account(desk: Desk) -> None:
    login = desk.connector.begin({**APP, "read_only": "yes"}, BACK, "state-1")
    assert isinstance(login, Login)
    assert login.handle == ""
    standing = desk.connector.check(login)
    assert (standing.can_read, standing.can_reply) == (True, False)
    assert "cannot reply" in standing.notes[0]


def test_a_wrong_secret_and_a_platform_in_trouble_are_told_apart(desk: Desk) -> None:
    with pytest.raises(SourceRefused) as told:
        desk.connector.begin({**APP, "client_secret": "wrong", "read_only": "yes"}, BACK, "s")
    assert told.value.remedy is Remedy.RECONNECT
    for fault in (Fault.LIMIT_BARE, Fault.AWAY, Fault.HTML, Fault.CUT):
        desk.reddit.faults.plan(fault)
        with pytest.raises(RetryLater):
            desk.connector.begin({**APP, "read_only": "yes"}, BACK, "s")


# --- what we may do


def test_a_check_says_who_we_are_what_we_may_and_what_is_left(desk: Desk) -> None:
    standing = desk.connector.check(desk.connect())
    assert (standing.handle, standing.can_read, standing.can_reply) == (BRAND, True, True)
    assert standing.notes[0] == "This account can read Reddit and may reply."
    assert any(re.fullmatch(r"998 calls left in the next 10 minutes\.", note) for note in standing.notes)
    assert standing.usage.quotas[0].remaining == 998


def test_a_missing_permission_is_told_in_words(desk: Desk) -> None:
    standing = desk.connector.check(desk.reddit.connect(BRAND, scope="identity read"))
    assert (standing.can_read, standing.can_reply) == (True, False)
    assert standing.notes[0].startswith("It may not reply:")


def test_what_hides_our_replies_is_told(desk: Desk) -> None:
    login = desk.connect()
    assert any("new or has little karma" in note for note in desk.connector.check(login).notes)
    desk.reddit.world.user(BRAND, is_suspended=True, has_verified_email=False)
    desk.time.move(40 * 86_400)
    fresh = desk.connector.refresh(login)
    standing = desk.connector.check(fresh)
    assert not standing.can_reply
    assert any("suspended" in note for note in standing.notes)
    assert any("not confirmed" in note for note in standing.notes)
    assert not any("karma" in note for note in standing.notes)


# --- keeping it alive, letting it go


def test_a_token_is_renewed_only_when_it_runs_out_within_minutes(desk: Desk) -> None:
    login = desk.connect()
    before = len(desk.reddit.asked)
    desk.time.move(3600 - 301)
    assert not desk.connector.runs_out(login, desk.time.date())
    assert len(desk.reddit.asked) == before
    desk.time.move(2)
    assert desk.connector.runs_out(login, desk.time.date())
    fresh = desk.connector.refresh(login)
    assert fresh.secret["access_token"] != login.secret["access_token"]
    assert fresh.secret["refresh_token"] == login.secret["refresh_token"]
    assert not desk.connector.runs_out(fresh, desk.time.date())
    desk.time.move(600)
    assert desk.connector.check(fresh).can_reply


def test_logins_by_password_and_of_the_app_alone_are_renewed_too(desk: Desk) -> None:
    desk.reddit.passwords[BRAND] = "correct horse"
    for given in ({"username": BRAND, "password": "correct horse"}, {"read_only": "yes"}):
        login = desk.connector.begin({**APP, **given}, BACK, "s")
        assert isinstance(login, Login)
        desk.time.move(3700)
        fresh = desk.connector.refresh(login)
        assert desk.connector.check(fresh).can_read


def test_a_login_taken_back_at_reddit_must_be_made_anew(desk: Desk) -> None:
    login = desk.connect()
    desk.connector.revoke(login)
    desk.time.move(3700)
    with pytest.raises(SourceRefused) as told:
        desk.connector.refresh(login)
    assert told.value.remedy is Remedy.RECONNECT


def test_letting_go_ends_every_token(desk: Desk) -> None:
    login = desk.connect()
    desk.connector.revoke(login)
    with pytest.raises(SourceRefused):
        desk.connector.check(login)
    lone = desk.reddit.connect(BRAND)
    lone = replace(lone, secret={**lone.secret, "refresh_token": ""})
    desk.connector.revoke(lone)
    with pytest.raises(SourceRefused):
        desk.connector.check(lone)


def test_trouble_while_renewing_passes(desk: Desk) -> None:
    login = desk.connect()
    desk.time.move(3500)
    desk.reddit.faults.plan(Fault.ERROR)
    with pytest.raises(RetryLater):
        desk.connector.refresh(login)
    assert not desk.connector.runs_out(desk.connector.refresh(login), desk.time.date())


def test_a_fresh_login_reads_with_one_call(desk: Desk) -> None:
    login = desk.connect()
    before = len(desk.reddit.asked)
    with RedditClient(login) as client:
        client.listing("/r/kettles/new")
    assert desk.reddit.asked[before:] == [("GET", "/r/kettles/new")]
