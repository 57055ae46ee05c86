"""Reading X: nothing lost, nothing paid for twice without need, and nothing said that X did not say."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.errors import Remedy, RetryLater, SourceRefused
from monitor.domain.records import Login, Page, Presence
from monitor.simulated.server import Answer, Fault
from tests.contracts.stands.x import OURS, Odd, Town

DAY = 86_400


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.platform.stop()


@pytest.fixture
def asked() -> Iterator[Odd]:
    with Odd() as made:
        yield made


def written(town: Town, asked: Odd, query: Mapping[str, object], **options: object) -> str:
    login = Login("x", asked.url, OURS, "1", {"bearer_token": "app"}, options)
    town.source.fetch(replace(town.watch(**query), login=login), "")
    return asked.query


def ids(pages: list[Page]) -> list[str]:
    return [post.external_id for page in pages for post in page.posts]


# --- what is asked


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"words": ["Vela"]}, "Vela -is:retweet"),
        ({"words": ["Vela", "late parcel"]}, '(Vela OR "late parcel") -is:retweet'),
        ({"words": ["@vela_care", "#vela", "$VLA"]}, '(@vela_care OR #vela OR "$VLA") -is:retweet'),
        ({"words": ['say "no"', "from:boss", "OR"]}, '("say  no" OR "from:boss" OR "OR") -is:retweet'),
        (
            {
                "words": ["vela"],
                "langs": ["de", "id", "he"],
                "without": ["job offer"],
                "without_authors": ["@vela_jobs"],
            },
            'vela (lang:de OR lang:in OR lang:iw) -is:retweet -"job offer" -from:vela_jobs',
        ),
        (
            {"kind": "conversation", "places": ["12345", "https://x.com/ana/status/678?s=20"]},
            "(conversation_id:12345 OR conversation_id:678) -is:retweet",
        ),
    ],
)
def test_a_watch_becomes_a_query_of_x(town: Town, asked: Odd, query: dict[str, object], expected: str) -> None:
    assert written(town, asked, query) == expected


def test_a_watch_that_is_too_long_for_x_is_refused_before_it_costs_anything(town: Town, asked: Odd) -> None:
    long = {"words": [f"a rather long name {n}" for n in range(40)]}
    with pytest.raises(SourceRefused, match=r"X takes 512.*two watches"):
        written(town, asked, long)
    assert asked.asked == []
    assert len(written(town, asked, long, tier="enterprise")) > 512


def test_a_thread_that_is_no_address_is_refused(town: Town) -> None:
    with pytest.raises(SourceRefused, match="not the address of a post"):
        town.source.fetch(town.watch(kind="conversation", places=["https://x.com/ana"]), "")


def test_mentions_need_an_account(town: Town) -> None:
    watch = replace(town.watch(), login=replace(town.login, external_id=""))
    with pytest.raises(SourceRefused) as caught:
        town.source.fetch(watch, "")
    assert caught.value.remedy is Remedy.RECONNECT


# --- what comes


def test_a_post_comes_with_what_the_desk_needs(town: Town) -> None:
    first = town.complaint("Where is my parcel?", "ana", followers=7000)
    quoted = town.platform.world.post(OURS, "New: parcels by bike.")
    town.complaint("Not mine. See vela.example/orders &lt;3", "ben", reply_to=first, quote_of=quoted, lang="in")
    post = town.posts(town.watch())[0]
    assert post.text == f"@{OURS} Not mine. See http://vela.example/orders &lt;3"
    assert (post.author.handle, post.author.followers, post.author.display_name) == ("ben", 120, "Ben")
    assert (post.thread, post.reply_to, post.lang) == (first.id, first.id, "id")
    assert post.written_at == town.now - timedelta(minutes=1)
    assert post.url.endswith(f"/ben/status/{post.external_id}")
    assert (post.engagement.likes, post.engagement.views) == (0, 1200)
    assert post.extra["mentions"] == [OURS]
    assert post.extra["quotes"] == [OURS]


def test_both_sets_of_names_that_x_uses_are_read(town: Town) -> None:
    long = "Where is my parcel? " * 20
    post = town.complaint(long)
    town.platform.repost("ben", post)
    edited = town.complaint("My parcel came, wet")
    town.platform.edit(edited.id, f"@{OURS} My parcel came, dry")
    town.move(60)
    before = town.posts(town.watch(words=["parcel"]))
    town.platform.new_names = True
    after = town.posts(town.watch(words=["parcel"]))
    assert before == after
    assert [one.external_id for one in after] == [edited.id, post.id]
    assert (after[1].engagement.reposts, after[1].text) == (1, f"@{OURS} {long}")


def test_a_repost_hands_over_the_original_once(town: Town) -> None:
    post = town.complaint("My parcel never came")
    place = town.pages(town.watch())[-1].cursor
    for who in ("ben", "eva"):
        town.platform.repost(who, post)
    town.move(60)
    (again,) = town.posts(town.watch(), place)
    assert (again.external_id, again.author.handle, again.engagement.reposts) == (post.id, post.author.handle, 2)


def test_an_edited_post_is_no_new_post(town: Town) -> None:
    post = town.complaint("My parcel never came")
    town.platform.edit(post.id, f"@{OURS} My parcel came at last, wet")
    (found,) = town.posts(town.watch())
    assert (found.external_id, found.text) == (post.id, f"@{OURS} My parcel came at last, wet")


def test_posts_of_our_own_are_handed_over(town: Town) -> None:
    town.platform.world.post(OURS, f"@{OURS} parcels are late this week.")
    town.move(60)
    (post,) = town.posts(town.watch(words=["parcels"]))
    assert post.author.external_id == town.login.external_id


def test_an_author_left_out_without_a_word_is_kept_and_one_named_as_gone_is_not(town: Town) -> None:
    kept = town.complaint("My parcel never came", "ana")
    town.complaint("Nor did mine", "ben")
    town.platform.world.user("ana", left_out="silently")
    town.platform.world.user("ben", left_out="named")
    (post,) = town.posts(town.watch())
    assert (post.external_id, post.author.handle, post.author.external_id) == (kept.id, "", kept.author.id)


def test_protected_posts_are_not_taken_even_where_we_may_see_them(town: Town, asked: Odd) -> None:
    post = {"id": "1", "text": "private", "author_id": "7"}
    users = [{"id": "7", "username": "ana", "protected": True}]
    asked.given = Answer({"data": [post], "includes": {"users": users}, "meta": {}})
    login = Login("x", asked.url, OURS, "1", {"access_token": "ours"})
    assert town.source.fetch(replace(town.watch(), login=login), "").posts == ()
    assert town.source.look_up(login, ["1"]).seen[0].presence is Presence.HIDDEN


def test_each_object_that_x_bills_is_counted(town: Town) -> None:
    for _ in range(3):
        town.complaint(who="ana")
    assert town.source.fetch(town.watch(), "").usage.billed == {"own_read": 3, "user_read": 1}
    assert town.source.fetch(town.watch(words=["parcel"]), "").usage.billed == {"post_read": 3, "user_read": 1}


# --- where a watch has come to


def test_a_walk_that_breaks_off_goes_on_and_posts_of_meanwhile_come_with_the_next(town: Town) -> None:
    place = town.pages(town.watch())[-1].cursor
    made = [town.complaint().id for _ in range(250)]
    first = town.source.fetch(town.watch(), place)
    town.platform.faults.plan(Fault.ERROR)
    with pytest.raises(RetryLater):
        town.source.fetch(town.watch(), first.cursor)
    late = town.complaint().id
    rest = town.pages(town.watch(), first.cursor)
    after = town.pages(town.watch(), rest[-1].cursor)
    assert sorted(ids([first, *rest])) == sorted(made)
    assert ids(after) == [late]


def test_a_burst_after_an_empty_beginning_comes_whole(town: Town) -> None:
    watch = town.watch(words=["parcel"])
    place = town.pages(watch)[-1].cursor
    made = [town.complaint().id for _ in range(450)]
    assert sorted(ids(town.pages(watch, place))) == sorted(made)


def test_the_first_look_back_is_a_few_pages_because_every_post_is_billed(town: Town) -> None:
    made = [town.complaint().id for _ in range(450)]
    pages = town.pages(town.watch(words=["parcel"]))
    assert sorted(ids(pages)) == sorted(made[-300:])
    assert town.source.fetch(town.watch(words=["parcel"]), pages[-1].cursor).posts == ()


def test_a_quiet_month_is_no_gap(town: Town) -> None:
    watch = town.watch(words=["parcel"])
    cursor = town.source.fetch(watch, "").cursor
    for _ in range(30):
        town.move(DAY)
        page = town.source.fetch(watch, cursor)
        assert (page.posts, page.missed) == ((), None)
        cursor = page.cursor
    late = town.complaint()
    assert ids(town.pages(watch, cursor)) == [late.id]


def test_after_nine_days_away_the_last_seven_come_and_the_rest_is_said_once(town: Town) -> None:
    watch = town.watch(words=["parcel"])
    town.complaint()
    place = town.pages(watch)[-1].cursor
    away = town.now
    town.complaint()
    town.move(3 * DAY)
    made = [town.complaint().id for _ in range(220)]
    town.move(6 * DAY)
    pages = town.pages(watch, place)
    assert sorted(ids(pages)) == sorted(made)
    (missed,) = [page.missed for page in pages if page.missed]
    assert missed.since is not None
    assert missed.until is not None
    assert missed.since < away < missed.until < town.now
    assert "seven days" in missed.why
    after = town.source.fetch(watch, pages[-1].cursor)
    assert (after.posts, after.missed) == ((), None)


def test_more_mentions_than_x_keeps_are_a_gap_that_is_said(town: Town) -> None:
    town.complaint()
    place = town.pages(town.watch())[-1].cursor
    made = [town.complaint().id for _ in range(830)]
    pages = town.pages(town.watch(), place)
    assert sorted(ids(pages)) == sorted(made[-800:])
    assert [page.missed is not None for page in pages] == [False] * 7 + [True]
    assert pages[-1].missed is not None
    assert "800" in pages[-1].missed.why


def test_a_page_that_x_no_longer_knows_begins_the_walk_again(town: Town) -> None:
    place = town.pages(town.watch())[-1].cursor
    made = [town.complaint().id for _ in range(150)]
    first = town.source.fetch(town.watch(), place)
    forgotten = first.cursor.replace('"next":"t-', '"next":"old-')
    assert forgotten != first.cursor
    assert sorted(ids(town.pages(town.watch(), forgotten))) == sorted(made)


@pytest.mark.parametrize("fault", [Fault.DUPLICATE_PAGE, Fault.MISSING_PAGE])
@pytest.mark.parametrize("kind", [{"kind": "mentions"}, {"kind": "search", "words": ["parcel"]}])
def test_pages_that_come_twice_or_empty_lose_nothing_and_end(town: Town, fault: Fault, kind: dict[str, object]) -> None:
    watch = town.watch(**kind)
    place = town.pages(watch)[-1].cursor
    made = [town.complaint().id for _ in range(230)]
    first = town.source.fetch(watch, place)
    town.platform.faults.plan(fault)
    found = [first]
    for _ in range(9):
        try:
            found.append(town.source.fetch(watch, found[-1].cursor))
        except RetryLater:
            continue
        if not found[-1].more:
            break
    assert sorted(ids(found)) == sorted(made)


# --- what became of posts


def test_looking_up_tells_there_gone_hidden_and_unknown_apart(town: Town) -> None:
    there, gone, hidden, suspended = [town.complaint(who=who) for who in ("ana", "ben", "eva", "ivo")]
    town.delete(gone.id)
    hidden.author.protected = True
    suspended.author.extra["suspended"] = True
    asked = [there.id, gone.id, hidden.id, suspended.id, "no number"]
    found = {one.external_id: one.presence for one in town.source.look_up(town.login, asked).seen}
    assert [found[one] for one in asked] == [
        Presence.THERE,
        Presence.GONE,
        Presence.HIDDEN,
        Presence.HIDDEN,
        Presence.UNKNOWN,
    ]


def test_what_x_does_not_mention_is_unknown_not_gone(town: Town, asked: Odd) -> None:
    about = {"resource_id": "2", "resource_type": "tweet", "parameter": "referenced_tweets.id"}
    error = {**about, "type": "https://api.x.com/2/problems/resource-not-found"}
    asked.given = Answer({"data": [{"id": "1", "text": "a"}], "errors": [error]})
    login = Login("x", asked.url, OURS, "1", {"bearer_token": "app"})
    found = {one.external_id: one.presence for one in town.source.look_up(login, ["1", "2"]).seen}
    assert found == {"1": Presence.THERE, "2": Presence.UNKNOWN}


def test_looking_an_edited_post_up_shows_its_newest_words_under_its_own_id(town: Town) -> None:
    post = town.complaint("My parcel never came")
    town.platform.edit(post.id, f"@{OURS} It came at last")
    town.platform.edit(post.id, f"@{OURS} It came at last, thank you")
    (seen,) = town.source.look_up(town.login, [post.id]).seen
    assert seen.post is not None
    assert (seen.post.external_id, seen.post.text) == (post.id, f"@{OURS} It came at last, thank you")


# --- refusals


def test_money_that_has_run_out_is_a_matter_for_a_person(town: Town) -> None:
    town.platform.credits = 0
    with pytest.raises(SourceRefused, match="paid") as caught:
        town.source.fetch(town.watch(), "")
    assert caught.value.remedy is Remedy.RAISE_CAP


def test_a_token_that_has_run_out_asks_for_a_new_sign_in(town: Town) -> None:
    watch = replace(town.watch(), login=town.platform.connect(OURS, lasts=60))
    town.source.fetch(watch, "")
    town.move(61)
    with pytest.raises(SourceRefused) as caught:
        town.source.fetch(watch, "")
    assert caught.value.remedy is Remedy.RECONNECT


def test_a_hundred_thousand_posts_do_not_slow_a_poll_down(town: Town) -> None:
    for number in range(100_000):
        town.platform.world.post(f"somebody_{number % 50}", "Nothing to see here.")
    town.complaint()
    for watch in (town.watch(), town.watch(words=["parcel"])):
        place = town.pages(watch)[-1].cursor
        late = town.complaint()
        began = time.process_time()
        page = town.source.fetch(watch, place)
        assert time.process_time() - began < 0.5
        assert ids([page]) == [late.id]
