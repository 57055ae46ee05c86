"""An independent witness: the SDK that others wrote finds the simulated Bluesky to speak as documented."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.clients.bluesky import own_key
from monitor.simulated.bluesky import SimulatedBluesky
from monitor.simulated.server import Fault

POST = "app.bsky.feed.post"


@pytest.fixture
def platform() -> Iterator[SimulatedBluesky]:
    with SimulatedBluesky() as platform:
        platform.account("velacare", "abcd-efgh-ijkl-mnop", followers=40)
        yield platform


@pytest.fixture
def client(platform: SimulatedBluesky) -> Iterator[Any]:
    from atproto import Client

    client = Client(base_url=platform.url)
    me = client.login("velacare.bsky.social", "abcd-efgh-ijkl-mnop")
    assert (me.handle, me.followers_count) == ("velacare.bsky.social", 40)
    yield client
    client.request.close()


def test_it_signs_in_follows_the_server_of_the_did_document_and_renews(platform: SimulatedBluesky, client: Any) -> None:
    before = client.export_session_string()
    assert platform.url in before
    client._refresh_and_set_session()
    assert client.export_session_string() != before
    assert client.com.atproto.server.get_session().did == client.me.did


def test_it_searches_page_by_page(platform: SimulatedBluesky, client: Any) -> None:
    for number in range(30):
        platform.customer("ana", f"My Vela kettle broke, {number}", langs=["en", "pt"])
    first = client.app.bsky.feed.search_posts({"q": "vela", "limit": 25, "sort": "latest"})
    second = client.app.bsky.feed.search_posts({"q": "vela", "limit": 25, "cursor": first.cursor})
    texts = [one.record.text for one in (*first.posts, *second.posts)]
    assert texts == [f"My Vela kettle broke, {number}" for number in reversed(range(30))]
    assert second.cursor is None
    assert first.posts[0].record.langs == ["en", "pt"]
    assert first.posts[0].author.handle == "ana.bsky.social"


def test_it_lists_notifications_of_chosen_reasons(platform: SimulatedBluesky, client: Any) -> None:
    post = platform.customer("ana", "the lid broke", to="velacare")
    found = client.app.bsky.notification.list_notifications({"reasons": ["mention", "reply"], "limit": 10})
    assert [(one.uri, one.reason) for one in found.notifications] == [(platform.external_id(post), "mention")]
    (feature,) = found.notifications[0].record.facets[0].features
    assert feature.did == client.me.did
    assert not client.app.bsky.notification.list_notifications({"reasons": ["quote"]}).notifications


def test_it_gets_posts_and_finds_deleted_ones_left_out(platform: SimulatedBluesky, client: Any) -> None:
    from atproto.exceptions import BadRequestError

    there, gone = platform.customer("ana", "broken"), platform.customer("ben", "late")
    platform.world.delete(gone.id)
    uris = [platform.external_id(there), platform.external_id(gone)]
    assert [one.uri for one in client.get_posts(uris).posts] == uris[:1]
    assert client.get_post_thread(uris[0]).thread.post.record.text == "broken"
    with pytest.raises(BadRequestError) as told:
        client.get_post_thread(uris[1])
    assert told.value.response.content.error == "NotFound"


def test_it_puts_gets_and_deletes_a_record_under_a_key_of_its_own(platform: SimulatedBluesky, client: Any) -> None:
    from atproto import models
    from atproto.exceptions import BadRequestError

    parent = platform.customer("ana", "the lid broke", to="velacare")
    ref = models.create_strong_ref(client.get_posts([platform.external_id(parent)]).posts[0])
    record = models.AppBskyFeedPost.Record(
        text="Sorry.", created_at="2026-03-02T10:00:00.000Z", reply={"root": ref, "parent": ref}
    )
    key = own_key("k", datetime(2026, 3, 2, 10, tzinfo=UTC))
    put = {"repo": client.me.did, "collection": POST, "rkey": key, "record": record}
    first, second = (client.com.atproto.repo.put_record(put) for _ in range(2))
    assert (first.uri, first.cid) == (second.uri, second.cid)
    assert platform.standing("velacare") == [(platform.external_id(parent), "Sorry.")]
    where = {"repo": client.me.did, "collection": POST, "rkey": key}
    assert client.com.atproto.repo.get_record(where).value.reply.parent.cid == ref.cid
    client.com.atproto.repo.delete_record(where)
    with pytest.raises(BadRequestError) as told:
        client.com.atproto.repo.get_record(where)
    assert told.value.response.content.error == "RecordNotFound"


def test_it_understands_a_limit_and_a_token_that_ran_out(platform: SimulatedBluesky, client: Any) -> None:
    from atproto.exceptions import BadRequestError, RateLimitExceededError

    platform.faults.plan(Fault.EXPIRED)
    with pytest.raises(BadRequestError) as expired:
        client.app.bsky.feed.search_posts({"q": "vela"})
    assert expired.value.response.content.error == "ExpiredToken"
    platform.limits["all"] = (0, 300.0)
    with pytest.raises(RateLimitExceededError) as limited:
        client.app.bsky.feed.search_posts({"q": "vela"})
    assert limited.value.limit == 0
    assert limited.value.reset_at is not None
