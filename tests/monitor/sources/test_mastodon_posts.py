"""Posts of Mastodon in the documented shape, and in the shapes that servers send as well."""

from typing import Any

import pytest

from monitor.domain.records import Engagement, Login
from monitor.sources.mastodon_posts import original, ours_to_read, post_of

STATUS: dict[str, Any] = {
    "id": "1",
    "created_at": "2026-03-02T10:00:00.123Z",
    "content": "<p>Broken</p>",
    "account": {"id": "5", "acct": "ana", "url": "https://toot.example/@ana"},
}


def test_a_boost_is_the_post_that_was_boosted() -> None:
    boost = {**STATUS, "id": "2", "content": "", "reblog": {**STATUS, "reblogs_count": 7}}
    post = post_of(boost, "https://toot.example")
    assert post is not None
    assert (post.external_id, post.engagement.reposts) == ("1", 7)
    assert original(STATUS) is STATUS


def test_what_is_missing_stays_missing() -> None:
    null = dict.fromkeys(("reblog", "mentions", "language", "url", "replies_count", "media_attachments", "visibility"))
    account = {**STATUS["account"], "followers_count": -1, "fields": None, "note": None, "later": {"unknown": 1}}
    post = post_of({**STATUS, **null, "account": account, "spoiler_text": None}, "https://toot.example")
    assert post is not None
    assert post.engagement == Engagement()
    assert post.author.followers is None
    assert post.extra == {"host": "https://toot.example", "acct": "ana@toot.example", "mentions": []}


@pytest.mark.parametrize("change", [{"id": None}, {"account": None}, {"content": None}, {"account": {"acct": "ana"}}])
def test_what_is_no_post_is_passed_over(change: dict[str, object]) -> None:
    assert post_of({**STATUS, **change}, "https://toot.example") is None


def test_a_picture_without_words_is_read_by_its_description() -> None:
    shown = {
        **STATUS,
        "content": "",
        "media_attachments": [{"description": "A lid in two parts"}, {"description": None}],
    }
    post = post_of(shown, "https://toot.example")
    assert post is not None
    assert post.text == "A lid in two parts"


@pytest.mark.parametrize("written", ["", "yesterday", None])
def test_a_time_that_cannot_be_read_is_none(written: object) -> None:
    post = post_of({**STATUS, "created_at": written}, "https://toot.example")
    assert post is not None
    assert post.written_at is None


# --- what is ours to read


@pytest.fixture
def login() -> Login:
    host = "https://toot.example"
    return Login("mastodon", host, "vela_care@toot.example", f"{host}/@vela_care", options={"account_id": "1000"})


def test_what_is_for_followers_only_is_not_ours_although_we_may_see_it(login: Login) -> None:
    assert not ours_to_read({**STATUS, "visibility": "private"}, login)
    assert ours_to_read({**STATUS, "visibility": "private", "in_reply_to_account_id": "1000"}, login)


def test_those_who_do_not_want_to_be_found_are_not(login: Login) -> None:
    hidden = {"account": {"id": "9", "indexable": False}, "visibility": "public", "mentions": []}
    assert not ours_to_read(hidden, login, searched=True)
    assert ours_to_read(hidden, login)  # a hashtag is there to be found


def test_two_people_with_one_number_on_two_servers_stay_two() -> None:
    there = {**STATUS, "account": {"id": "5", "acct": "bo", "url": "https://second.example/@bo"}}
    first, second = post_of(STATUS, "https://toot.example"), post_of(there, "https://second.example")
    assert first is not None
    assert second is not None
    assert first.author.external_id == "https://toot.example/@ana"
    assert second.author.external_id == "https://second.example/@bo"


def test_a_namesake_of_ours_on_another_server_is_not_us(login: Login) -> None:
    namesake = [{"id": "77", "acct": "vela_care@other.example", "url": "https://other.example/@vela_care"}]
    ours = [{"id": "1000", "acct": "vela_care", "url": "https://toot.example/@vela_care"}]
    followers = {**STATUS, "visibility": "private"}
    assert not ours_to_read({**followers, "mentions": namesake}, login)
    assert ours_to_read({**followers, "mentions": ours}, login)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "soon", None])
def test_a_date_that_cannot_be_is_none(written: str | None) -> None:
    post = post_of({**STATUS, "created_at": written}, "https://toot.example")
    assert post is not None
    assert post.written_at is None


def test_an_author_at_no_address_is_at_home_on_the_server_that_was_asked() -> None:
    post = post_of({**STATUS, "account": {**STATUS["account"], "url": "http://["}}, "https://toot.example")
    assert post is not None
    assert post.extra["acct"] == "ana@toot.example"
