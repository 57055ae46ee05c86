import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from praw.config import Config
from praw.exceptions import RedditAPIException
from prawcore.exceptions import PrawcoreException

from monitor.clients.faults import Denied, NoAnswer, NotReached, PlatformFault, Reason, Throttled
from monitor.clients.reddit import RedditClient, _tame, presence
from monitor.clients.reddit_sign_in import SignIn, shown_to_others
from monitor.domain.records import Login, Presence, Quota
from monitor.simulated.reddit import CLIENT_ID, CLIENT_SECRET, SimulatedReddit
from monitor.simulated.server import Answer, Fault
from tests.monitor.clients.reddit_script import ScriptedReddit, comment, listing

QUICK_S = 0.3


@pytest.fixture
def reddit() -> Iterator[SimulatedReddit]:
    with SimulatedReddit() as platform:
        yield platform


@pytest.fixture
def login(reddit: SimulatedReddit) -> Login:
    return reddit.connect("vela_care")


@pytest.fixture
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps is found out."""

    def sleep(seconds: float) -> None:
        pytest.fail(f"something slept for {seconds} seconds")

    monkeypatch.setattr(time, "sleep", sleep)


def posts(platform: SimulatedReddit) -> list[str]:
    return [path for method, path in platform.asked if method == "POST"]


def told(
    *answers: Answer, do: Callable[[RedditClient], object] = lambda client: client.listing("/r/kettles/new")
) -> Any:
    """Return what a call did on these answers: the fault, or what it returned."""
    with ScriptedReddit(*answers) as platform, RedditClient(platform.login) as client:
        try:
            return do(client)
        except PlatformFault as fault:
            return fault


# --- one call is one request


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.AWAY, Fault.CUT, Fault.LOST, Fault.SLOW, Fault.HTML])
@pytest.mark.parametrize("write", ["reply", "edit", "delete"])
def test_a_write_that_meets_a_fault_goes_out_once(
    reddit: SimulatedReddit, login: Login, fault: Fault, write: str
) -> None:
    post = reddit.external_id(reddit.customer("ana", "The lid broke."))
    with RedditClient(login) as patient, RedditClient(login, read_s=QUICK_S) as client:
        ours = patient.reply(post, "Sorry, Ana.")["name"]
        before = len(posts(reddit))
        reddit.faults.plan(fault, method="POST")
        calls: dict[str, Callable[[], object]] = {
            "reply": lambda: client.reply(post, "Sorry."),
            "edit": lambda: client.edit(ours, "Sorry."),
            "delete": lambda: client.delete(ours),
        }
        with pytest.raises(NoAnswer):
            calls[write]()
        assert len(posts(reddit)) == before + 1


def test_a_platform_that_is_down_has_not_seen_the_write() -> None:
    with SimulatedReddit() as reddit:
        login = reddit.connect("vela_care")
    with RedditClient(login) as client, pytest.raises(NotReached):
        client.reply("t3_1", "Sorry.")


@pytest.mark.usefixtures("awake")
@pytest.mark.parametrize(("between", "after"), [(0.8, 0.8), (4.0, 4.0), (600.0, 600.0)])
def test_too_many_comments_are_neither_slept_over_nor_posted_again(between: float, after: float) -> None:
    with SimulatedReddit(clock=lambda: 1_772_445_600.0) as reddit:
        reddit.rules.between_comments_s = between
        post = reddit.external_id(reddit.customer("ana", "The lid broke."))
        with RedditClient(reddit.connect("vela_care")) as client:
            client.reply(post, "Sorry, Ana.")
            with pytest.raises(Throttled) as told:
                client.reply(post, "Sorry again.")
        assert told.value.after == pytest.approx(after)
        assert len(posts(reddit)) == 2


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.AWAY, Fault.CUT, Fault.LOST])
def test_praw_by_itself_tries_once_too(reddit: SimulatedReddit, login: Login, fault: Fault) -> None:
    post = reddit.world.post("ana", "The lid broke.", place="kettles")
    reddit.faults.plan(fault, method="POST")
    with requests.Session() as bare, pytest.raises(PrawcoreException):
        _tame(login, bare).submission(post.id).reply("Sorry, Ana.")
    assert len(posts(reddit)) == 1


@pytest.mark.usefixtures("awake")
def test_praw_by_itself_does_not_wait_and_post_again(reddit: SimulatedReddit, login: Login) -> None:
    reddit.rules.between_comments_s = 0.9
    post = reddit.world.post("ana", "The lid broke.", place="kettles")
    reddit.world.post("vela_care", "Sorry, Ana.", reply_to=post)
    with requests.Session() as bare, pytest.raises(RedditAPIException, match="milliseconds"):
        _tame(login, bare).submission(post.id).reply("Sorry again.")
    assert len(posts(reddit)) == 1


@pytest.mark.usefixtures("awake")
def test_calls_are_not_spread_out_and_the_last_one_is_refused_at_once(reddit: SimulatedReddit, login: Login) -> None:
    reddit.rules.calls = 3
    with RedditClient(login) as client:
        for _ in range(3):
            client.listing("/r/kettles/new")
        with pytest.raises(Throttled) as told:
            client.listing("/r/kettles/new")
    assert 1 <= told.value.after <= 600


def test_a_page_costs_one_call_because_the_token_is_there(reddit: SimulatedReddit, login: Login) -> None:
    with RedditClient(login) as client:
        assert client.listing("/r/kettles/new").things == ()
    assert reddit.asked == [("GET", "/r/kettles/new")]


def test_a_login_without_a_token_is_refused_before_any_call() -> None:
    with pytest.raises(Denied) as told:
        RedditClient(Login("reddit", "http://127.0.0.1:9"))
    assert told.value.reason is Reason.LOGIN


def test_an_address_that_is_none_is_told_as_not_reached() -> None:
    login = Login("reddit", "nowhere", secret={"access_token": "token"})
    with RedditClient(login) as client, pytest.raises(NotReached):
        client.me()


def test_settings_lying_about_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reddit: SimulatedReddit, login: Login
) -> None:
    planted = (
        "[DEFAULT]\noauth_url=http://127.0.0.1:9\nreddit_url=http://127.0.0.1:9\ncomment_kind=t9\nsubmission_kind=t8\n"
    )
    for folder in (tmp_path, tmp_path / "home"):
        folder.mkdir(exist_ok=True)
        (folder / "praw.ini").write_text(planted)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("praw_site", "planted")
    monkeypatch.setenv("praw_client_secret", "planted")
    monkeypatch.setattr(Config, "CONFIG", None)  # as in a process that has not used PRAW yet
    post = reddit.external_id(reddit.customer("ana", "The lid broke."))
    with RedditClient(login) as client:
        assert client.reply(post, "Sorry, Ana.")["name"].startswith("t1_")
    assert reddit.standing("vela_care") == [(post, "Sorry, Ana.")]


def test_it_says_who_calls() -> None:
    with ScriptedReddit(listing()) as platform, RedditClient(platform.login) as client:
        client.listing("/r/kettles/new")
        assert "amends" in platform.asks[0].headers["user-agent"]
        assert "u/vela_care" in platform.asks[0].headers["user-agent"]


# --- what an answer means


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("THREAD_LOCKED", Reason.LOCKED),
        ("TOO_OLD", Reason.LOCKED),
        ("DELETED_COMMENT", Reason.GONE),
        ("TOO_LONG", Reason.TOO_LONG),
        ("BANNED_FROM_SUBREDDIT", Reason.ACCESS),
        ("USER_REQUIRED", Reason.LOGIN),
        ("A_NEW_ONE", Reason.INVALID),
    ],
)
def test_errors_inside_a_good_answer_are_refusals(code: str, reason: Reason) -> None:
    answer = Answer({"json": {"errors": [[code, "that is how it is", "parent"]]}})
    fault = told(answer, do=lambda client: client.reply("t3_1", "Sorry."))
    assert isinstance(fault, Denied)
    assert fault.reason is reason
    assert "that is how it is" in str(fault)


def test_too_long_with_a_400_says_so() -> None:
    body = {
        "fields": ["text"],
        "explanation": "this is too long (max: 10000)",
        "message": "Bad Request",
        "reason": "TOO_LONG",
    }
    assert told(Answer(body, 400), do=lambda client: client.reply("t1_1", "x")).reason is Reason.TOO_LONG


HTML = "<!DOCTYPE html><html><body>whoa there, pardner</body></html>"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(HTML, 429), Throttled),
        (Answer(HTML, 429, {"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT"}), Throttled),
        (Answer({"message": "Too Many Requests", "error": 429}, 429, {"x-ratelimit-reset": "44"}), Throttled),
        (Answer(HTML, 401), Denied),
        (Answer(HTML, 403, {"www-authenticate": "Bearer"}), Denied),
        (Answer({"message": "Forbidden", "error": 403}, 403, {"www-authenticate": 'Bearer error="a_new_one"'}), Denied),
        (Answer(HTML, 404), Denied),
        (Answer(HTML, 415), Denied),
        (Answer(["odd"], 400), Denied),
        (Answer({"fields": [], "reason": None}, 400), Denied),
        (Answer("", 302), Denied),
        (Answer("", 302, {"Location": "https://www.reddit.com/login/"}), Denied),
        (Answer(HTML, 503), NoAnswer),
        (Answer(HTML), NoAnswer),
        (Answer([]), NoAnswer),
        (Answer({"kind": "Listing", "data": None}), NoAnswer),
        (Answer({"kind": "Listing", "data": {"children": [None]}}), NoAnswer),
        (Answer(b"", 204), NoAnswer),
        (Answer({"json": {"errors": [["SOMETHING_IS_BROKEN", "it broke", None]]}}), NoAnswer),
        (Answer({"json": {"errors": [["RATELIMIT", "take a break for a while", "ratelimit"]]}}), Throttled),
        (Answer({"json": {"errors": ["THREAD_LOCKED"]}}), Denied),
    ],
)
def test_every_answer_becomes_one_of_our_faults(answer: Answer, expected: type[PlatformFault]) -> None:
    fault = told(answer)
    assert type(fault) is expected
    assert str(fault).endswith(".")


@pytest.mark.parametrize(
    ("reason", "status", "expected"),
    [("private", 403, Reason.HIDDEN), ("quarantined", 403, Reason.HIDDEN), ("banned", 404, Reason.GONE)],
)
def test_a_shut_subreddit_is_told_from_a_login_that_may_not(reason: str, status: int, expected: Reason) -> None:
    fault = told(Answer({"reason": reason, "message": "Forbidden", "error": status}, status))
    assert (fault.reason, fault.status) == (expected, status)


def test_a_missing_permission_and_a_dead_token_ask_for_a_new_sign_in(reddit: SimulatedReddit, login: Login) -> None:
    for told_by in (reddit.connect("vela_care", scope="read"), login):
        if told_by is login:
            reddit.tokens.clear()
        with RedditClient(told_by) as client, pytest.raises(Denied) as told:
            client.me()
        assert told.value.reason is Reason.LOGIN


def test_odd_figures_in_the_headers_do_not_turn_a_good_write_bad() -> None:
    good = Answer(
        {"json": {"errors": None, "data": {"things": [{"kind": "t1", "data": {"id": "c9", "body": "Sorry."}}]}}}
    )
    good.headers = {"x-ratelimit-remaining": "95.0", "x-ratelimit-used": "5.5", "x-ratelimit-reset": "soon"}
    made = told(good, do=lambda client: client.reply("t1_c1", "Sorry."))
    assert made == {"name": "t1_c9", "permalink": "", "body": "Sorry."}


def test_a_reply_that_is_taken_and_not_shown_is_unclear(reddit: SimulatedReddit, login: Login) -> None:
    reddit.rules.swallows = True
    post = reddit.external_id(reddit.customer("ana", "The lid broke."))
    with RedditClient(login) as client, pytest.raises(NoAnswer, match="filter"):
        client.reply(post, "Sorry, Ana.")
    assert len(posts(reddit)) == 1


def test_unknown_fields_and_null_ones_are_survived() -> None:
    odd = comment(author=None, score=None, author_fullname=None, a_new_field={"x": [1]}, edited=None)
    found = told(listing(odd, {"name": None}, comment("t1_c2")))
    assert [one["name"] for one in found.things] == ["t1_c1", "t1_c2"]


def test_what_is_left_is_read_from_the_headers() -> None:
    answer = listing()
    answer.headers = {"x-ratelimit-remaining": "95.0", "x-ratelimit-used": "5", "x-ratelimit-reset": "300"}
    assert told(answer).usage.quotas == (Quota("all", 100, 95, 300.0),)
    assert told(listing()).usage.quotas == ()


# --- what others see


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Presence.THERE),
        ({"author": "[deleted]"}, Presence.THERE),
        ({"body": "[deleted]", "author": "[deleted]"}, Presence.GONE),
        ({"body": "[removed]", "author": "[deleted]"}, Presence.HIDDEN),
        ({"body": "[ Removed by Reddit ]"}, Presence.HIDDEN),
        ({"body": None, "title": "A link", "selftext": "", "removed_by_category": "moderator"}, Presence.HIDDEN),
        ({"body": None, "title": "A link", "selftext": "", "removed_by_category": "deleted"}, Presence.GONE),
        ({"body": None, "title": "[deleted by user]", "selftext": ""}, Presence.GONE),
        ({"quarantine": True}, Presence.HIDDEN),
        ({"subreddit_type": "private"}, Presence.HIDDEN),
        ({"removed": True}, Presence.HIDDEN),
    ],
)
def test_deleted_is_told_from_removed_and_from_a_lost_account(fields: dict[str, Any], expected: Presence) -> None:
    assert presence(comment(**fields)) is expected


def test_a_shadow_removal_is_seen_by_looking_as_nobody(reddit: SimulatedReddit, login: Login) -> None:
    post = reddit.external_id(reddit.customer("ana", "The lid broke."))
    with RedditClient(login) as client:
        ours = client.reply(post, "Sorry, Ana.")["name"]
        assert shown_to_others(login, ours)
        reddit.find(ours).extra["shadowed"] = True
        assert client.info([ours]).things
    assert not shown_to_others(login, ours)


def test_taking_a_token_back_ends_it(reddit: SimulatedReddit, login: Login) -> None:
    SignIn(CLIENT_ID, CLIENT_SECRET, site=reddit.url).revoke(login.secret["refresh_token"], "refresh_token")
    with RedditClient(login) as client, pytest.raises(Denied):
        client.me()


def test_an_empty_answer_to_taking_a_token_back_is_a_yes() -> None:
    with ScriptedReddit(Answer(b"", 204)) as platform:
        SignIn("app", "secret", site=platform.url).revoke("token", "access_token")
        assert platform.asks[0].one("token") == "token"


def test_no_hint_makes_us_wait_longer_than_a_day() -> None:
    fault = told(Answer({"json": {"errors": [["RATELIMIT", f"try again in {'9' * 400} hours", "ratelimit"]]}}))
    assert isinstance(fault, Throttled)
    assert fault.after == 86_400
