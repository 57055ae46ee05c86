"""How a Mastodon account is connected, at the simulated server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from monitor.clients.mastodon import SCOPES, MastodonClient
from monitor.connectors.mastodon import MastodonConnector, factory, server_of
from monitor.domain.errors import BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login
from monitor.ports import Started
from monitor.simulated.mastodon import SimulatedMastodon
from monitor.simulated.server import Fault

BACK = "http://127.0.0.1:8000/accounts/back"


@pytest.fixture
def server() -> Iterator[SimulatedMastodon]:
    with SimulatedMastodon(clock=lambda: 1_772_445_600.0) as server:
        server.world.user("vela_care")
        yield server


@pytest.fixture
def connector(server: SimulatedMastodon) -> MastodonConnector:
    return factory({"host": server.url})


def begin(connector: MastodonConnector) -> Started:
    started = connector.begin({"host": ""}, BACK, "state-1")
    assert isinstance(started, Started)
    return started


def decide(started: Started, allow: str = "yes") -> dict[str, str]:
    """Let the person decide on the server's page, and return what the redirect brings back."""
    page = requests.get(started.url, timeout=5)
    assert "would like permission" in page.text
    address = urlsplit(started.url)
    form = dict(parse_qsl(address.query)) | {"account": "vela_care", "allow": allow}
    done = requests.post(f"{address.scheme}://{address.netloc}/oauth/authorize", form, allow_redirects=False, timeout=5)
    assert done.headers["location"].startswith(BACK)
    return dict(parse_qsl(urlsplit(done.headers["location"]).query))


def connect(connector: MastodonConnector) -> Login:
    started = begin(connector)
    return connector.finish(started.kept, decide(started))


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" Mastodon.Social. ", "https://mastodon.social"),
        ("https://chaos.social/@me", "https://chaos.social"),
        ("chaos.social/about?lang=de", "https://chaos.social"),
        ("@me@chaos.social", "https://chaos.social"),
        ("me@chaos.social", "https://chaos.social"),
        ("http://chaos.social", "https://chaos.social"),  # a token does not travel in the open
        ("toot.example:8443", "https://toot.example:8443"),
        ("münchen.social", "https://xn--mnchen-3ya.social"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_a_server_is_understood_however_people_write_it(given: str, host: str) -> None:
    assert server_of(given) == host


@pytest.mark.parametrize(
    "given", ["", "@me", "mastodon", "ftp://a.example", "a b.example", "javascript:1", "[", "http://["]
)
def test_what_is_no_server_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(BadInput, match=r"mastodon\.social") as told:
        server_of(given)
    assert told.value.where == "host"


def test_signing_in_ends_with_a_login_that_reads_and_replies(
    server: SimulatedMastodon, connector: MastodonConnector
) -> None:
    server.max_characters = 640
    login = connect(connector)
    assert (login.handle, login.host) == ("vela_care@toot.example", server.url)
    assert login.external_id == f"{server.url}/@vela_care"  # a number would be somebody else's on the next server
    assert login.options["account_id"] == server.world.users["vela_care"].id
    assert login.options["max_characters"] == 640
    assert set(str(login.options["scopes"]).split()) == set(SCOPES.split())
    standing = connector.check(login)
    assert (standing.can_read, standing.can_reply, standing.handle) == (True, True, login.handle)
    assert any("640 characters" in note for note in standing.notes)
    assert standing.usage.quotas
    assert not connector.runs_out(login, datetime.max.replace(tzinfo=UTC))
    assert connector.refresh(login) == login


def test_what_is_secret_does_not_show(connector: MastodonConnector) -> None:
    started = begin(connector)
    login = connector.finish(started.kept, decide(started))
    assert "verifier" not in repr(started)
    assert login.secret["token"] not in repr(login)
    assert all(isinstance(value, str) for value in login.secret.values())


def test_a_code_is_worth_nothing_without_the_verifier(connector: MastodonConnector) -> None:
    started = begin(connector)
    stolen = {**started.kept, "verifier": "a guess"}
    with pytest.raises(BadInput, match="Begin again"):
        connector.finish(stolen, decide(started))


def test_a_code_is_taken_once(connector: MastodonConnector) -> None:
    started = begin(connector)
    answer = decide(started)
    connector.finish(started.kept, answer)
    with pytest.raises(BadInput, match="used"):
        connector.finish(started.kept, answer)


def test_a_person_may_say_no(connector: MastodonConnector) -> None:
    started = begin(connector)
    with pytest.raises(SourceRefused, match="called off"):
        connector.finish(started.kept, decide(started, allow="no"))


@pytest.mark.parametrize("answer", [{}, {"code": ""}, {"code": "x", "state": "of somebody else"}])
def test_an_answer_to_another_sign_in_is_refused(connector: MastodonConnector, answer: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="begin again"):
        connector.finish(begin(connector).kept, answer)


def test_a_token_can_be_pasted_and_says_what_it_may(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    token = server.connect("vela_care", scopes="read").secret["token"]
    login = connector.begin({"host": server.url, "token": f" {token} "}, BACK, "s")
    assert isinstance(login, Login)
    assert login.options["scopes"] == "read"
    standing = connector.check(login)
    assert (standing.can_read, standing.can_reply) == (True, False)
    assert any("may not reply" in note for note in standing.notes)


def test_a_token_that_is_not_taken_is_told_at_once(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    with pytest.raises(SourceRefused) as told:
        connector.begin({"host": server.url, "token": "made up"}, BACK, "s")
    assert told.value.remedy is Remedy.RECONNECT


def test_a_server_that_is_not_mastodon_is_told_apart(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    server.instances = ()
    with pytest.raises(SourceRefused, match="does not look like a Mastodon server"):
        connector.begin({"host": server.url}, BACK, "s")
    assert server.sign_ins.apps == {}


@pytest.mark.parametrize("fault", [Fault.AWAY, Fault.HTML, Fault.LIMIT, Fault.CUT])
def test_a_server_that_has_trouble_is_asked_again_later(
    server: SimulatedMastodon, connector: MastodonConnector, fault: Fault
) -> None:
    server.faults.plan(fault)
    with pytest.raises(RetryLater):
        connector.begin({"host": server.url}, BACK, "s")


def notes(connector: MastodonConnector, login: Login) -> str:
    return "\n".join(connector.check(login).notes)


def test_the_notes_say_what_binds_us(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    login = server.connect("vela_care")
    told = notes(connector, login)
    assert "2 rules" in told
    assert "Bots may mention only those who mentioned them first." in told
    assert "Be kind." not in told
    assert "does not say that the account is automated" in told
    server.connect("vela_care", bot=True)
    assert "automated. That" not in notes(connector, login)


def test_an_account_that_moderators_stopped_may_not_reply(
    server: SimulatedMastodon, connector: MastodonConnector
) -> None:
    standing = connector.check(server.connect("vela_care", suspended=True))
    assert not standing.can_reply
    assert any("moderators" in note for note in standing.notes)


def test_letting_go_ends_the_token_and_doing_so_twice_is_fine(
    server: SimulatedMastodon, connector: MastodonConnector
) -> None:
    login = connect(connector)
    connector.revoke(login)
    connector.revoke(login)
    with pytest.raises(SourceRefused) as told:
        connector.check(login)
    assert told.value.remedy is Remedy.RECONNECT


def test_a_pasted_token_is_left_where_it_was_made(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    login = server.connect("vela_care")
    connector.revoke(replace(login, secret={"token": login.secret["token"]}))
    assert server.asked == []


def test_the_form_asks_for_the_server_first_and_proposes_one() -> None:
    host, token = factory({"host": "https://toot.example"}).fields
    assert (host.name, host.default, host.required) == ("host", "https://toot.example", True)
    assert (token.name, token.secret, token.required) == ("token", True, False)


def test_no_more_is_asked_for_than_is_used(server: SimulatedMastodon, connector: MastodonConnector) -> None:
    login = connect(connector)
    client = MastodonClient(login.host, login.secret["token"])
    post: Any = server.customer("ana", "it broke", to="vela_care")
    assert client.mentions()
    assert client.search("broke")
    made = client.post("@ana Sorry.", reply_to=post.id, visibility="unlisted", language="en", key="1")
    assert client.posted_by(str(login.options["account_id"]))
    client.delete(made["id"])
    assert "follow" not in SCOPES
    assert "write " not in f"{SCOPES} "
