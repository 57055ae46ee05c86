import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.clients.bluesky import POST, Bluesky, SignInExpired, own_key, pds_of, tid, when
from monitor.clients.bluesky_stream import events
from monitor.clients.faults import Denied, NoAnswer, NotReached, PlatformFault, Reason, Throttled
from monitor.domain.records import Login
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.server import Answer, Ask, Fault

NOW = 1_772_445_600.0


class Scripted(SimulatedBluesky):
    """Answers with what a test gives it, word for word."""

    said: Answer | None = None

    def answer(self, ask: Ask) -> Answer:
        return self.said or super().answer(ask)


@pytest.fixture
def platform() -> Iterator[Scripted]:
    with Scripted(clock=lambda: NOW) as platform:
        yield platform


@pytest.fixture
def api(platform: Scripted) -> Iterator[Bluesky]:
    with Bluesky.of(platform.connect("velacare")) as api:
        yield api


def test_what_is_left_is_read_and_writes_are_counted_by_themselves(platform: Scripted, api: Bluesky) -> None:
    platform.limits["all"] = (10, 300.0)
    api.posts(["at://did:plc:a/app.bsky.feed.post/3mg2yqtr6q72b"])
    with pytest.raises(Denied):
        api.put(platform.connect("velacare").external_id, "not-a-key", {})
    left = {one.bucket: (one.limit, one.remaining) for one in api.usage.quotas}
    assert left == {"all": (10, 9), "writes": (5000, 4998)}
    assert all(0 < one.resets_in <= 3600 for one in api.usage.quotas)


def test_the_time_to_wait_is_measured_by_the_servers_clock(platform: Scripted, api: Bluesky) -> None:
    platform.limits["all"] = (1, 300.0)
    api.resolve("velacare.bsky.social")
    with pytest.raises(Throttled) as told:
        api.resolve("velacare.bsky.social")
    assert 0 < told.value.after <= 300


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.LIMIT, Throttled),
        (Fault.LIMIT_BARE, Throttled),
        (Fault.ERROR, NoAnswer),
        (Fault.AWAY, NoAnswer),
        (Fault.HTML, NoAnswer),
        (Fault.CUT, NoAnswer),
        (Fault.LOST, NoAnswer),
        (Fault.EXPIRED, SignInExpired),
    ],
)
def test_every_fault_is_told_by_its_kind(
    platform: Scripted, api: Bluesky, fault: Fault, kind: type[PlatformFault]
) -> None:
    platform.faults.plan(fault)
    with pytest.raises(kind):
        api.profile("velacare.bsky.social")
    assert len(platform.asked) == 1, "a call was repeated"


def test_a_port_that_nobody_listens_on_is_not_reached(platform: Scripted) -> None:
    login = platform.connect("velacare")
    with SimulatedBluesky() as other:
        pass
    with Bluesky.of(Login("bluesky", other.url, secret=login.secret)) as api, pytest.raises(NotReached):
        api.profile("ana")


@pytest.mark.parametrize(
    ("status", "error", "message", "reason"),
    [
        (400, "ExpiredToken", "Token has expired", Reason.LOGIN),
        (400, "InvalidToken", "Bad token scope", Reason.LOGIN),
        (401, "AuthMissing", "Authentication Required", Reason.LOGIN),
        (400, "NotFound", "Post not found", Reason.GONE),
        (400, "RecordNotFound", "Could not locate record: at://x", Reason.GONE),
        (400, "InvalidRequest", "Could not locate record: at://x", Reason.GONE),
        (400, "InvalidRequest", "Profile not found", Reason.GONE),
        (400, "AccountTakedown", "Account has been suspended", Reason.HIDDEN),
        (400, "BlockedActor", "Requester has blocked actor", Reason.HIDDEN),
        (400, "InvalidRequest", "Error: uris must not have more than 25 elements", Reason.INVALID),
        (403, "Forbidden", "no", Reason.ACCESS),
    ],
)
def test_errors_have_names_and_most_of_them_are_400(
    platform: Scripted, api: Bluesky, status: int, error: str, message: str, reason: Reason
) -> None:
    platform.said = Answer({"error": error, "message": message}, status)
    with pytest.raises(Denied) as told:
        api.get("app.bsky.actor.getProfile", actor="ana")
    assert told.value.reason is reason
    assert str(told.value).endswith(".")
    assert isinstance(told.value, SignInExpired) is (error == "ExpiredToken")


@pytest.mark.parametrize("body", [{}, {"posts": None}, {"posts": "none"}, {"posts": [None, 7]}, {"new": [1]}])
def test_an_answer_with_nothing_usable_in_it_is_no_post(platform: Scripted, api: Bluesky, body: object) -> None:
    platform.said = Answer(body)
    assert api.posts(["at://did:plc:a/app.bsky.feed.post/3mg2yqtr6q72b"]) == []


@pytest.mark.parametrize("body", [[], "[1]", {"uri": "at://x"}, {"error": None}])
def test_half_an_answer_to_a_write_is_no_success(platform: Scripted, api: Bluesky, body: object) -> None:
    platform.said = Answer(body)
    with pytest.raises(NoAnswer):
        api.put("did:plc:a", "3mg2yqtr6q72b", {})


def test_a_record_that_is_not_there_is_none_and_only_then(platform: Scripted, api: Bluesky) -> None:
    post = platform.customer("ana", "broken")
    uri = platform.external_id(post)
    found = api.record(uri)
    assert found is not None
    assert found["value"]["text"] == "broken"
    platform.world.delete(post.id)
    assert api.record(uri) is None
    platform.said = Answer({"error": "NotFound", "message": "no such route"}, 404)
    with pytest.raises(Denied):
        api.record(uri)


def test_without_a_secret_it_reads_where_the_login_says_and_sends_no_token(platform: Scripted) -> None:
    platform.customer("ana", "My kettle broke")
    login = Login("bluesky", "https://nowhere.invalid", options={"read": platform.url})
    with Bluesky.of(login) as api:
        assert not api.signed_in
        assert len(api.get("app.bsky.feed.searchPosts", q="kettle")["posts"]) == 1


def test_a_redirect_is_not_followed(platform: Scripted, api: Bluesky) -> None:
    platform.said = Answer({}, 302, {"Location": "http://127.0.0.1:9/elsewhere"})
    with pytest.raises(NoAnswer):
        api.profile("ana")


# --- keys and times


@pytest.mark.parametrize(
    ("micros", "clock_id", "written"),
    [(0, 0, "2222222222222"), (1, 0, "2222222222322"), (0, 1, "2222222222223"), (2**53 - 1, 1023, "bzzzzzzzzzzzz")],
)
def test_a_tid_is_thirteen_letters_that_sort_by_time(micros: int, clock_id: int, written: str) -> None:
    assert tid(micros, clock_id) == written


def test_a_reply_has_a_key_of_its_own_that_is_the_same_on_every_try() -> None:
    at = datetime(2026, 3, 2, 10, 0, 0, 123_456, tzinfo=UTC)
    keys = [own_key(f"reply-{number}", at) for number in range(2000)]
    assert keys == [own_key(f"reply-{number}", at) for number in range(2000)]
    assert len(set(keys)) > 1990
    assert all(re.fullmatch("[234567abcdefghij][234567a-z]{12}", one) for one in keys)
    assert max(keys) < own_key("later", at + timedelta(milliseconds=1))


@pytest.mark.parametrize("written", [None, "", "yesterday", "0000-00-00T00:00:00Z", 7, "9999-12-31T23:59:59-23:59"])
def test_a_time_that_is_none_is_none(written: object) -> None:
    assert when(written) is None


def test_times_of_records_are_read_in_every_way_they_are_written() -> None:
    moment = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert when("2026-03-02T10:00:00.000Z") == when("2026-03-02T11:00:00+01:00") == when("2026-03-02T10:00") == moment


def test_the_server_of_a_did_document_is_found_among_its_services() -> None:
    service = [{"id": "#other", "serviceEndpoint": "https://a.example"}, {"id": "did:plc:a#atproto_pds"}, None]
    assert pds_of({"didDoc": {"service": [*service, {"id": "#atproto_pds", "serviceEndpoint": "https://b.example/"}]}})
    assert pds_of({"didDoc": {"service": service}}) == pds_of({"didDoc": None}) == pds_of({}) == ""


# --- the stream


def gulp(platform: SimulatedBluesky, cursor: float = NOW - 60) -> list[str]:
    read = events(platform.stream_url, int(cursor * 1_000_000), lasts_s=2.0, quiet_s=0.1)
    return [f"{one['commit']['operation']} {one['commit']['collection']}" for one in read]


def test_the_stream_tells_of_posts_and_deletions_and_ends_when_it_is_quiet(platform: Scripted) -> None:
    post = platform.customer("ana", "My kettle broke")
    platform.world.edit(post.id, "My kettle broke!")
    platform.world.delete(post.id)
    assert gulp(platform) == [f"{what} {POST}" for what in ("create", "update", "delete")]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.LIMIT, Throttled), (Fault.ERROR, NoAnswer), (Fault.AWAY, NoAnswer), (Fault.CUT, NoAnswer)],
)
def test_a_stream_that_does_not_open_is_told_by_its_kind(
    platform: Scripted, fault: Fault, kind: type[PlatformFault]
) -> None:
    platform.faults.plan(fault, "/subscribe")
    with pytest.raises(kind):
        gulp(platform)


def test_a_stream_at_another_address_is_denied_and_one_that_is_down_is_not_reached(platform: Scripted) -> None:
    with pytest.raises(Denied):
        list(events(f"{platform.stream_url}/elsewhere", 0, lasts_s=1, quiet_s=0.1))
    with pytest.raises(NotReached):
        list(events("ws://127.0.0.1:9", 0, lasts_s=1, quiet_s=0.1))
    with pytest.raises(Denied, match="no address of a stream"):
        list(events("pigeon://x", 0, lasts_s=1, quiet_s=0.1))
