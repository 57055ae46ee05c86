from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.connectors import load
from monitor.connectors.bluesky import BlueskyConnector
from monitor.domain.errors import BadInput, Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.server import Fault

NOW, OURS = 1_772_445_600.0, 5_000.0  # the platform's clock is nowhere near ours
PASSWORD = "abcd-efgh-ijkl-mnop"


@pytest.fixture
def platform() -> Iterator[SimulatedBluesky]:
    with SimulatedBluesky(clock=lambda: NOW) as platform:
        platform.account("velacare", PASSWORD)
        yield platform


@pytest.fixture
def connector(platform: SimulatedBluesky) -> BlueskyConnector:
    return BlueskyConnector(defaults(platform), clock=lambda: OURS)


def defaults(platform: SimulatedBluesky, hosts: str = "*.host.bsky.network") -> dict[str, str]:
    return {"host": platform.url, "read": platform.url, "stream": platform.stream_url, "hosts": hosts}


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def given(**changed: str) -> dict[str, str]:
    return {"host": "", "handle": "@VelaCare.bsky.social ", "password": PASSWORD, **changed}


def signed_in(connector: BlueskyConnector, **changed: str) -> Login:
    login = connector.begin(given(**changed), "https://desk.example/back", "state")
    assert isinstance(login, Login)
    return login


def test_the_form_asks_for_an_app_password_and_proposes_the_server(platform: SimulatedBluesky) -> None:
    fields = {one.name: one for one in load("bluesky", defaults(platform)).fields}
    assert list(fields) == ["host", "handle", "password"]
    assert fields["host"].default == platform.url
    assert fields["password"].secret
    assert "xxxx-xxxx-xxxx-xxxx" in fields["password"].help
    assert load("bluesky", {}).fields[0].default == "https://bsky.social"


def test_a_handle_and_an_app_password_become_a_login_at_once(
    platform: SimulatedBluesky, connector: BlueskyConnector
) -> None:
    login = signed_in(connector)
    assert (login.host, login.handle) == (platform.url, "velacare.bsky.social")
    assert login.external_id.startswith("did:plc:")
    assert login.options == {"read": platform.url, "stream": platform.stream_url, "hosts": "*.host.bsky.network"}
    assert PASSWORD not in login.secret.values(), "the password itself is not kept"
    assert float(login.secret["expires_at"]) == OURS + 7200  # the server's two hours, on our clock


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"password": "wrong"}, "password"),
        ({"handle": "nobody.bsky.social"}, "password"),
        ({"password": " "}, "password"),
        ({"handle": ""}, "handle"),
        ({"host": "http://bsky.example"}, "host"),
        ({"host": "ftp://127.0.0.1"}, "host"),
        ({"host": "[::1"}, "host"),
    ],
)
def test_an_answer_that_cannot_be_used_names_its_field(
    connector: BlueskyConnector, changed: dict[str, str], where: str
) -> None:
    with pytest.raises(BadInput) as told:
        signed_in(connector, **changed)
    assert told.value.where == where
    assert PASSWORD not in str(told.value)


def test_nobody_is_sent_back(connector: BlueskyConnector) -> None:
    with pytest.raises(BadInput):
        connector.finish({}, {"code": "1"})


@pytest.mark.parametrize(
    ("pds", "hosts", "followed"),
    [
        ("http://shiitake.host.bsky.network", "bsky.social, *.host.bsky.network", True),
        ("http://evil.example", "*.host.bsky.network", False),
        ("http://host.bsky.network.evil.example", "*.host.bsky.network", False),
        ("https://shiitake.host.bsky.network", "*.host.bsky.network", False),  # another scheme than ours
        ("http://shiitake.host.bsky.network", "", False),
        ("http://[", "*", False),
        ("", "*", True),
    ],
)
def test_a_sign_in_leads_to_another_server_only_where_a_person_allowed_it(
    platform: SimulatedBluesky, pds: str, hosts: str, *, followed: bool
) -> None:
    platform.sessions.pds = pds
    login = signed_in(BlueskyConnector(defaults(platform, hosts)))
    assert login.host == (pds or platform.url if followed else platform.url)


def test_a_login_runs_out_by_our_clock_and_is_renewed_without_a_new_sign_in(
    platform: SimulatedBluesky, connector: BlueskyConnector
) -> None:
    login = signed_in(connector)
    assert not connector.runs_out(login, at(OURS))
    assert not connector.runs_out(login, at(OURS + 7200 - 400))
    assert connector.runs_out(login, at(OURS + 7200 - 200))
    fresh = connector.refresh(login)
    assert fresh.secret["access"] != login.secret["access"]
    assert fresh.secret["refresh"] != login.secret["refresh"]
    assert connector.check(fresh).can_reply
    sessions = [path for _, path in platform.asked if path.endswith("createSession")]
    assert len(sessions) == 1, "sessions are few a day"


def test_a_renewal_whose_answer_was_lost_is_asked_for_again(
    platform: SimulatedBluesky, connector: BlueskyConnector
) -> None:
    login = signed_in(connector)
    platform.faults.plan(Fault.LOST)
    with pytest.raises(RetryLater):
        connector.refresh(login)
    assert connector.check(connector.refresh(login)).can_read


def test_a_session_that_was_ended_must_be_connected_again(connector: BlueskyConnector) -> None:
    login = signed_in(connector)
    connector.revoke(login)
    with pytest.raises(SourceRefused) as told:
        connector.refresh(login)
    assert told.value.remedy is Remedy.RECONNECT
    connector.revoke(login)  # it has ended: that is what was wanted


@pytest.mark.parametrize(
    ("account", "options", "word"),
    [
        ({}, {}, "Can reply"),
        ({"status": "deactivated"}, {}, "deactivated"),
        ({"labels": ["bot"]}, {"automated": True}, "Can reply"),
        ({}, {"automated": True}, '"bot"'),
    ],
)
def test_a_check_says_in_sentences_what_may_be_done(
    platform: SimulatedBluesky,
    connector: BlueskyConnector,
    account: dict[str, Any],
    options: dict[str, Any],
    word: str,
) -> None:
    login = signed_in(connector)
    platform.world.users["velacare.bsky.social"].extra.update(account)
    standing = connector.check(replace(login, options={**login.options, **options}))
    assert standing.can_read
    assert standing.can_reply is ("status" not in account)
    assert any(word in note for note in standing.notes)
    assert all(note.endswith(".") for note in standing.notes)
    assert any("bot" in note for note in standing.notes) is (options != {} and not account)
    assert standing.usage.quotas


def test_a_main_password_is_accepted_and_advised_against(
    platform: SimulatedBluesky, connector: BlueskyConnector
) -> None:
    platform.account("velacare", "correct horse battery staple")
    platform.sessions.main_passwords.add("velacare.bsky.social")
    login = signed_in(connector, password="correct horse battery staple")
    assert any("app password" in note for note in connector.check(login).notes)


def test_without_a_secret_everybodys_posts_can_be_read_and_nothing_is_asked(
    platform: SimulatedBluesky, connector: BlueskyConnector
) -> None:
    standing = connector.check(Login("bluesky", platform.url))
    assert (standing.can_read, standing.can_reply, platform.asked) == (True, False, [])
    nobody = Login("bluesky", platform.url)
    assert not connector.runs_out(nobody, at(OURS))
    assert connector.refresh(nobody) == nobody
    connector.revoke(nobody)
    assert platform.asked == []


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR, Fault.LIMIT, Fault.LIMIT_BARE, Fault.HTML, Fault.LOST])
def test_a_passing_fault_asks_for_another_try(
    platform: SimulatedBluesky, connector: BlueskyConnector, fault: Fault
) -> None:
    platform.faults.plan(fault)
    with pytest.raises(RetryLater):
        signed_in(connector)


def test_a_suspended_account_is_refused(platform: SimulatedBluesky, connector: BlueskyConnector) -> None:
    platform.account("velacare", PASSWORD, status="takendown")
    with pytest.raises(SourceRefused, match="suspended"):
        signed_in(connector)
