"""Reading feeds: where an address must not lead, and what feeds look like in the open."""

from collections.abc import Callable, Iterator

import pytest
import requests

from monitor.clients.faults import Denied, NoAnswer, NotReached, Reason
from monitor.clients.feed import MOST_BYTES, Fetched, GuardedAdapter, _follow, entry_key, fetch, guard
from monitor.clients.http import Fenced
from monitor.simulated.feed import SimulatedFeed
from monitor.simulated.server import Answer, Ask

BEGAN = 1_772_445_600.0
RSS = "<rss version='2.0'><channel><title>Board</title><language>en-GB</language>{}</channel></rss>"
ITEM = "<item><guid>1</guid><title>The lid broke</title><link>https://board.example/1</link></item>"


class Canned(SimulatedFeed):
    """Answers every call with the same."""

    canned = Answer(b"")

    def answer(self, ask: Ask) -> Answer:
        return self.canned


@pytest.fixture
def platform() -> Iterator[SimulatedFeed]:
    with SimulatedFeed(clock=lambda: BEGAN) as platform:
        yield platform


@pytest.fixture
def read() -> Iterator[Callable[..., Fetched | None]]:
    with Canned() as platform:

        def read(body: str | bytes, status: int = 200, **heads: str) -> Fetched | None:
            plain = body.encode() if isinstance(body, str) else body
            named = {name.replace("_", "-"): value for name, value in heads.items()}
            platform.canned = Answer(plain, status, {"Content-Type": "application/rss+xml", **named})
            return fetch(platform.address(), private=True)

        yield read


# --- where an address must not lead


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/feed",
        "http://localhost:8000/feed",
        "http://2130706433/feed",
        "http://0.0.0.0/feed",
        "http://10.1.2.3/feed",
        "https://192.168.0.1/feed",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/feed",
        "http://224.0.0.1/feed",
        "http://240.0.0.1/feed",
        "http://[::1]/feed",
        "http://[fe80::1]/feed",
        "http://[fd00::1]/feed",
        "http://[::ffff:127.0.0.1]/feed",
        "http://[64:ff9b::7f00:1]/feed",
        "http://[2002:7f00:1::]/feed",
    ],
)
def test_addresses_of_this_machine_and_its_network_are_refused(address: str) -> None:
    with pytest.raises(Denied, match="feeds_private"):
        guard()(address)
    guard(private=True)(address)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://8.8.8.8/feed", "http://", "https://ana:pw@8.8.8.8/x"])
def test_only_open_web_addresses_are_read_whatever_is_allowed(address: str) -> None:
    with pytest.raises(Denied, match="http and https"):
        guard(private=True)(address)


@pytest.mark.parametrize("address", ["http://8.8.8.8/feed", "https://[2606:4700::1111]/feed"])
def test_addresses_of_the_open_internet_are_let_through(address: str) -> None:
    guard()(address)


def test_a_name_that_leads_nowhere_is_not_reached() -> None:
    with pytest.raises(NotReached):
        guard()("https://nowhere.invalid/feed")


def test_a_feed_on_loopback_is_not_even_asked_for(platform: SimulatedFeed) -> None:
    with pytest.raises(Denied):
        fetch(platform.address())
    assert platform.asked == []


def test_each_hop_of_a_redirect_is_guarded(platform: SimulatedFeed) -> None:
    first = f"{platform.url}/moved/forum.rss"

    def allowed(url: str) -> None:
        if url != first:
            guard()(url)

    with pytest.raises(Denied, match="feeds_private"):
        _follow(Fenced(allowed=allowed), first, {})
    assert platform.asked == [("GET", "/moved/forum.rss")]


def test_a_name_that_leads_inside_once_it_is_connected_is_cut_off_before_anything_is_sent(
    platform: SimulatedFeed,
) -> None:
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", GuardedAdapter())
    with pytest.raises(Denied, match="feeds_private"):
        session.get(platform.address())
    assert platform.asked == []


def test_a_redirect_out_of_the_web_is_refused(read: Callable[..., Fetched | None]) -> None:
    with pytest.raises(Denied, match="http and https"):
        read("", 302, Location="file:///etc/passwd")


def test_a_redirect_that_goes_round_in_circles_ends(read: Callable[..., Fetched | None]) -> None:
    with pytest.raises(NoAnswer, match="without end"):
        read("", 301, Location="/forum.rss")


def test_a_redirect_is_followed_and_entries_keep_the_key_of_the_given_address(platform: SimulatedFeed) -> None:
    post = platform.customer("ana", "The lid broke.")
    moved = f"{platform.url}/moved/forum.rss"
    found = fetch(moved, private=True)
    assert found is not None
    assert [one.key for one in found.entries] == [entry_key(moved, f"tag:feeds.example,2026:{post.id}")]


def test_a_feed_without_end_is_cut_off(read: Callable[..., Fetched | None]) -> None:
    with pytest.raises(NoAnswer, match="too long"):
        read(RSS.format(ITEM + " " * MOST_BYTES))


def test_an_answer_that_is_the_name_of_a_file_opens_no_file(
    read: Callable[..., Fetched | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("inside") / "feed.xml"
    secret.write_text(RSS.format(ITEM))
    with pytest.raises(NoAnswer, match="not a feed"):
        read(str(secret))


def test_a_feed_that_would_grow_without_bounds_does_not(read: Callable[..., Fetched | None]) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "lol">{levels}]>'
    found = read(bomb + RSS.format("<item><guid>1</guid><title>&e9;</title></item>"))
    assert found is not None
    assert len(found.entries[0].title) < 1000


# --- what is new


def test_an_unchanged_feed_is_not_sent_again(platform: SimulatedFeed) -> None:
    platform.customer("ana", "The lid broke.")
    first = fetch(platform.address(), private=True)
    assert first is not None
    for known in ({"etag": first.etag}, {"modified": first.modified}):
        assert fetch(platform.address(), private=True, **known) is None
    platform.customer("ben", "Mine too.")
    second = fetch(platform.address(), private=True, etag=first.etag)
    assert second is not None
    assert len(second.entries) == 2


def test_unchanged_is_no_answer_to_a_question_we_did_not_ask(read: Callable[..., Fetched | None]) -> None:
    with pytest.raises(NoAnswer):
        read("", 304)


@pytest.mark.parametrize(("status", "reason"), [(404, Reason.GONE), (410, Reason.GONE), (401, Reason.INVALID)])
def test_a_refusal_names_the_feed(read: Callable[..., Fetched | None], status: int, reason: Reason) -> None:
    with pytest.raises(Denied, match=r"The feed http://127\S+ cannot be read") as told:
        read("<html>no</html>", status)
    assert told.value.reason is reason


# --- what feeds look like


@pytest.mark.parametrize("body", ["", "<html><body>Please wait</body></html>", "{}", "plain words", b"\xff\xfe\x00"])
def test_what_is_not_a_feed_is_no_answer(read: Callable[..., Fetched | None], body: str | bytes) -> None:
    with pytest.raises(NoAnswer, match="not a feed"):
        read(body)


def test_an_empty_feed_is_a_feed(read: Callable[..., Fetched | None]) -> None:
    found = read(RSS.format(""))
    assert found is not None
    assert (found.entries, found.title, found.lang, found.whole) == ((), "Board", "en-gb", True)


def test_rss_and_atom_say_the_same(platform: SimulatedFeed) -> None:
    platform.customer("ana", 'The <lid> & the "handle" broke.', title="Vela & me")
    rss, atom = (fetch(platform.address(kind=kind), private=True) for kind in ("rss", "atom"))
    assert rss is not None
    assert atom is not None
    for one in (rss.entries[0], atom.entries[0]):
        assert (one.title, one.author, one.at) == ("Vela & me", "ana", BEGAN)
        assert one.text == 'The <lid> & the "handle" broke.'
        assert one.link == f"{platform.url}/posts/1"


@pytest.mark.parametrize(
    ("kind", "written", "said"),
    [
        ("text", "1 &lt; 2 lids &amp; counting", "1 < 2 lids & counting"),
        ("html", "1 &amp;lt; 2 lids&lt;br&gt;broke", "1 < 2 lids\nbroke"),
        ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml"><b>Two</b> lids</div>', "Two lids"),
    ],
)
def test_words_are_read_as_their_type_says(
    read: Callable[..., Fetched | None], kind: str, written: str, said: str
) -> None:
    entry = f'<entry><id>1</id><title>t</title><content type="{kind}">{written}</content></entry>'
    found = read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Board</title>{entry}</feed>')
    assert found is not None
    assert found.entries[0].text == said


def test_the_longer_of_summary_and_content_is_what_an_entry_says(read: Callable[..., Fetched | None]) -> None:
    parts = "<summary>The lid</summary><content type='html'>The lid &lt;i&gt;broke&lt;/i&gt; again.</content>"
    entry = f"<entry><id>1</id><title>t</title>{parts}</entry>"
    found = read(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Board</title>{entry}</feed>')
    assert found is not None
    assert found.entries[0].text == "The lid broke again."


def test_an_entry_without_an_id_goes_by_its_link_and_one_without_both_by_its_words(
    read: Callable[..., Fetched | None],
) -> None:
    linked, bare = "<link>https://board.example/1</link>", "<title>The lid broke</title>"
    first = read(RSS.format(f"<item>{bare}{linked}</item><item>{bare}</item>"))
    again = read(RSS.format(f"<item><title>Edited</title>{linked}</item><item>{bare}</item>"))
    assert first is not None
    assert again is not None
    assert [one.key for one in first.entries] == [one.key for one in again.entries]
    assert len({one.key for one in first.entries}) == 2


def test_a_date_that_is_none_is_missing_and_a_link_that_is_a_script_is_dropped(
    read: Callable[..., Fetched | None],
) -> None:
    odd = "<guid isPermaLink='false'>1</guid><pubDate>next Tuesday</pubDate><link>javascript:alert(1)</link>"
    found = read(RSS.format(f"<item>{odd}<title>The lid broke</title></item>"))
    assert found is not None
    assert (found.entries[0].at, found.entries[0].link) == (None, "")


def test_a_feed_that_broke_off_gives_what_it_has_and_is_not_called_whole(read: Callable[..., Fetched | None]) -> None:
    found = read(RSS.format(ITEM)[:-30])
    assert found is not None
    assert (len(found.entries), found.whole) == (1, False)


def test_letters_are_read_as_the_feed_writes_them(read: Callable[..., Fetched | None]) -> None:
    body = "<?xml version='1.0' encoding='iso-8859-1'?>" + RSS.format(ITEM.replace("lid", "Tür"))
    found = read(body.encode("latin-1"), Content_Type="text/plain")
    assert found is not None
    assert (found.entries[0].title, found.whole) == ("The Tür broke", True)
