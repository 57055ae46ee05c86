"""The client of X: one request a call, refusals told apart, secrets kept."""

import json
import logging
from collections.abc import Iterator

import pytest

from monitor.clients.faults import Denied, NoAnswer, NotReached, PlatformFault, Reason, Throttled
from monitor.clients.x import StalePlace, X, token
from monitor.domain.records import Login
from monitor.simulated.server import Answer, Fault, Simulated
from tests.contracts.stands.x import OURS, Odd, Town


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.platform.stop()


@pytest.fixture
def odd() -> Iterator[Odd]:
    with Odd() as made:
        yield made


def at(platform: Simulated) -> Login:
    return Login("x", platform.url, OURS, "1000", {"bearer_token": "app", "access_token": "token"})


def test_signed_requests_are_signed_for_the_host_they_go_to(town: Town) -> None:
    login = town.platform.connect(OURS, way="oauth1", app=False)
    post = town.complaint("The café's parcel (late & wet) 50% \u00fc")
    with X(login) as x:
        found = x.search('("late & wet" OR "50%") -is:retweet lang:en', "", "")
        made, _ = x.create("Sorry! We'll look: 100% & more (today)", post.id)
    assert [one["id"] for one in found.posts] == [post.id]
    assert town.platform.standing(OURS) == [(post.id, "Sorry! We'll look: 100% & more (today)")]
    assert made != post.id


def test_a_wrong_signature_is_a_sign_in_that_does_not_hold(town: Town) -> None:
    login = town.platform.connect(OURS, way="oauth1", app=False)
    forged = Login("x", login.host, OURS, login.external_id, {**login.secret, "access_token_secret": "guessed"})
    with X(forged) as x, pytest.raises(Denied) as caught:
        x.me()
    assert caught.value.reason is Reason.LOGIN


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CUT, Fault.ERROR, Fault.AWAY, Fault.HTML])
def test_a_write_that_gets_no_answer_is_sent_once(town: Town, fault: Fault) -> None:
    post = town.complaint()
    town.platform.faults.plan(fault, method="POST", times=5)
    with X(town.login) as x, pytest.raises(NoAnswer):
        x.create("We are sorry.", post.id)
    assert [method for method, _ in town.platform.asked].count("POST") == 1


def test_nothing_was_sent_where_nobody_listens(town: Town) -> None:
    town.platform.stop()
    with X(town.login) as x, pytest.raises(NotReached):
        x.create("We are sorry.", "1")
    town.platform = Town().platform


def test_too_many_calls_wait_by_the_clock_of_x(town: Town) -> None:
    town.platform.skew = 5000.0
    town.platform.faults.plan(Fault.LIMIT)
    with X(town.login) as x, pytest.raises(Throttled) as caught:
        x.me()
    assert 590 <= caught.value.after <= 610


def test_a_429_of_html_without_headers_is_asked_once(town: Town) -> None:
    town.platform.faults.plan(Fault.LIMIT_BARE, times=9)
    with X(town.login) as x, pytest.raises(Throttled) as caught:
        x.me()
    assert caught.value.after >= 1
    assert len(town.platform.asked) == 1


def test_calls_really_run_out_and_come_back(town: Town) -> None:
    town.platform.signin.limits["search"] = 2
    with X(town.login) as x:
        left = [x.search("parcel", "", "").usage.quotas[0].remaining for _ in range(2)]
        with pytest.raises(Throttled) as caught:
            x.search("parcel", "", "")
        town.move(caught.value.after + 1)
        x.search("parcel", "", "")
    assert left == [1, 0]


def test_a_day_of_posts_that_is_used_up_waits_for_the_day_not_for_the_quarter(odd: Odd) -> None:
    now = int(odd.clock())
    heads = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "80", "x-rate-limit-reset": str(now + 60)}
    heads |= {"x-user-limit-24hour-limit": "100", "x-user-limit-24hour-remaining": "0"}
    heads |= {"x-user-limit-24hour-reset": str(now + 40_000)}
    odd.given = Answer({"title": "Too Many Requests", "status": 429}, 429, heads)
    with X(at(odd)) as x, pytest.raises(Throttled) as caught:
        x.create("We are sorry.", "1")
    assert caught.value.after > 39_000


def test_a_cap_that_is_reached_is_about_money_not_about_waiting(town: Town) -> None:
    town.platform.read = town.platform.cap
    with X(town.login) as x, pytest.raises(Denied) as capped:
        x.search("parcel", "", "")
    town.platform.read, town.platform.credits = 0, 0
    with X(town.login) as x, pytest.raises(Denied) as unpaid:
        x.search("parcel", "", "")
    assert (capped.value.reason, unpaid.value.reason) == (Reason.CREDITS, Reason.CREDITS)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {}, NoAnswer),
        (200, [], NoAnswer),
        (200, {"data": None}, NoAnswer),
        (200, "<html>please wait</html>", NoAnswer),
        (403, ["no"], NoAnswer),
        (403, "<html>one moment, are you a robot</html>", NoAnswer),
        (403, {"errors": None, "title": None}, Denied),
        (400, {"errors": "bad"}, Denied),
        (404, "<html>gone</html>", Denied),
        (502, "<html>bad gateway</html>", NoAnswer),
        (302, "", NoAnswer),
    ],
)
def test_odd_answers_are_faults_of_the_platform(odd: Odd, status: int, body: object, kind: type[PlatformFault]) -> None:
    odd.given = Answer(body, status, {"Location": "http://elsewhere.invalid/"} if status == 302 else {})
    with X(at(odd)) as x:
        with pytest.raises(kind):
            x.search("parcel", "", "")
        with pytest.raises(kind):
            x.create("We are sorry.", "1")
        with pytest.raises(kind):
            x.posts(["1"])


def test_a_no_inside_a_200_is_a_no(odd: Odd) -> None:
    error = {"title": "Not Found Error", "type": "https://api.x.com/2/problems/resource-not-found", "detail": "no user"}
    odd.given = Answer({"data": None, "errors": [error]})
    with X(at(odd)) as x, pytest.raises(Denied) as caught:
        x.mentions("1", "", "")
    assert caught.value.reason is Reason.GONE


def test_posts_with_unknown_and_null_fields_are_read(odd: Odd) -> None:
    post = {
        "id": "5",
        "text": "late",
        "author_id": None,
        "entities": None,
        "public_metrics": None,
        "brand_new": {"a": 1},
    }
    odd.given = Answer({"data": [post, None, {"id": None}], "includes": None, "errors": None, "meta": None})
    with X(at(odd)) as x:
        assert [one["id"] for one in x.search("late", "", "").posts] == ["5"]


@pytest.mark.parametrize("name", ["since_id", "next_token"])
def test_a_place_that_x_no_longer_takes_is_told_apart(odd: Odd, name: str) -> None:
    error = {"parameters": {name: ["1"]}, "message": f"'{name}' must be something else"}
    odd.given = Answer({"errors": [error], "title": "Invalid Request"}, 400)
    with X(at(odd)) as x, pytest.raises(StalePlace) as caught:
        x.search("late", "1", "")
    assert caught.value.token == (name == "next_token")


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("You are not allowed to create a Tweet with duplicate content.", Reason.DUPLICATE),
        ("You attempted to reply to a Tweet that is deleted or not visible to you.", Reason.GONE),
        ("Reply to this conversation is not allowed because you have not been mentioned", Reason.LOCKED),
        ("Your Tweet text is too long.", Reason.TOO_LONG),
        ("You are not permitted to perform this action.", Reason.ACCESS),
    ],
)
def test_refused_replies_say_why(odd: Odd, detail: str, reason: Reason) -> None:
    odd.given = Answer({"title": "Forbidden", "detail": detail, "type": "about:blank", "status": 403}, 403)
    with X(at(odd)) as x, pytest.raises(Denied) as caught:
        x.create("We are sorry.", "1")
    assert caught.value.reason is reason


def test_a_reply_taken_without_an_id_may_be_there(odd: Odd) -> None:
    odd.given = Answer({"data": {"text": "We are sorry."}}, 201)
    with X(at(odd)) as x, pytest.raises(NoAnswer):
        x.create("We are sorry.", "1")


def test_an_app_token_alone_cannot_speak_for_an_account(town: Town) -> None:
    login = Login("x", town.platform.url, secret={"bearer_token": "app-token"})
    with X(login) as x:
        assert x.search("parcel", "", "").posts == ()
        with pytest.raises(Denied) as caught:
            x.me()
    assert caught.value.reason is Reason.LOGIN


def test_no_token_and_no_post_reaches_a_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    signed = town.platform.connect(OURS, way="oauth1", app=False)
    post = town.complaint("a very private sentence")
    for login in (town.login, signed):
        with X(login) as x:
            x.posts([post.id], ours=True)
            x.me()
    secrets = [*town.login.secret.values(), *signed.secret.values(), "private sentence"]
    written = json.dumps([record.getMessage() for record in caplog.records])
    assert [one for one in secrets if one in written and one != "demo-app"] == []


@pytest.mark.parametrize("key", ["line\nbreak", "\u043a\u043b\u044e\u0447"])
def test_a_key_that_cannot_be_one_is_refused_without_being_repeated(town: Town, key: str) -> None:
    login = Login("x", town.platform.url, OURS, "1000", {"access_token": key})
    with X(login) as x, pytest.raises(Denied) as caught:
        x.me()
    assert caught.value.reason is Reason.LOGIN
    assert key not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_address_that_is_none_is_refused() -> None:
    with X(Login("x", "somewhere", OURS, "1000", {"access_token": "t"})) as x, pytest.raises(Denied):
        x.me()


def test_a_refused_refresh_is_a_sign_in_that_does_not_hold(town: Town) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "never given", "client_id": "demo-app"}
    with pytest.raises(Denied) as caught:
        token(town.platform.url, form)
    assert caught.value.reason is Reason.LOGIN
