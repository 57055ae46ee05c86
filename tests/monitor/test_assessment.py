"""Judging and triage on real databases: every mention ends somewhere, once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.assessment import assess_batch, open_by_hand
from monitor.domain.errors import Conflict, NotAllowed, RetryLater
from monitor.domain.lifecycle import Action, Actor, CaseState, Role
from monitor.domain.records import Engagement, Flag, Kind, Severity, Verdict
from monitor.intake import add_posts
from monitor.store import accounts, alerts, brands, cases, ledger, mentions, users
from monitor.store.cases import CaseRow
from monitor.store.engine import Store
from tests.making import ToldJudge, ago, post, verdict

THANKS = verdict(Kind.THANKS)
NOTHING = verdict(Kind.NONE)


@pytest.fixture
def brand(store: Store, now: datetime) -> int:
    with store.unit_of_work() as work:
        brand_id = brands.create(work, "vela", "Vela", now)
        accounts.add(work, brand_id, "x", "vela", "dryrun", now)
    return brand_id


@pytest.fixture
def agent(store: Store, now: datetime) -> Actor:
    with store.unit_of_work() as work:
        return Actor.person(users.add(work, "ann@example.com", "Ann", "-", Role.AGENT, now), Role.AGENT, "Ann")


def judged(store: Store, now: datetime, says: dict[str, Verdict] | None = None) -> int:
    return assess_batch(store, ToldJudge(says or {}), now)


def the_case(store: Store, case_id: int = 1) -> CaseRow:
    with store.reading() as work:
        return cases.get(work, case_id)


def take(store: Store, case_id: int, action: Action, now: datetime, actor: Actor | None = None) -> None:
    with store.unit_of_work() as work:
        cases.transition(work, case_id, action, actor or Actor.worker("test"), now)


def test_each_kind_of_post_ends_where_it_belongs(store: Store, brand: int, now: datetime) -> None:
    says = {"Thank you!": THANKS, "When do you open?": verdict(Kind.QUESTION), "Nice weather": NOTHING}
    posts = [post(str(n), text) for n, text in enumerate([*says, "It broke."])]
    posts.append(post("old", "It broke long ago.", written_at=ago(now, hours=72)))
    add_posts(store, brand, posts, now)
    assert judged(store, now, says) == 5
    with store.reading() as work:
        assert [row.text for row in cases.desk(work, "complaints")] == ["It broke."]
        assert {row.kind for row in cases.desk(work, "others")} == {"question", "thanks"}
        stock = ledger.take_stock(work)
        lying = {row.text: row.aside for row in mentions.set_aside(work, brand_id=None, place=None)}
    assert lying == {"Nice weather": "not_complaint", "It broke long ago.": "history"}
    assert (stock.open, stock.not_a_complaint, stock.history, stock.balanced) == (3, 1, 1, True)


def test_the_same_post_twice_is_one_mention(store: Store, brand: int, now: datetime) -> None:
    first = add_posts(store, brand, [post("1"), post("1"), post("2")], now)
    again = add_posts(store, brand, [post("2"), post("3")], now)
    assert (len(first.new), first.known) == (2, 1)
    assert (len(again.new), again.known) == (1, 1)


def test_a_post_seen_again_keeps_its_words_and_takes_the_new_figures(store: Store, brand: int, now: datetime) -> None:
    seen = replace(post("1", "It broke."), engagement=Engagement(likes=1, views=10))
    again = replace(post("1", "It works!"), engagement=Engagement(likes=900))
    add_posts(store, brand, [seen], now)
    add_posts(store, brand, [again], now)
    with store.reading() as work:
        row = mentions.get_many(work, [1])[0]
    assert (row.text, row.likes, row.views) == ("It broke.", 900, 10)


def test_two_customers_in_one_thread_get_a_case_each(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1", thread="t"), post("2", thread="t")], now)
    judged(store, now)
    with store.reading() as work:
        assert len(cases.desk(work, "complaints")) == 2


def test_a_second_post_of_the_same_customer_joins_and_only_raises_the_urgency(
    store: Store, brand: int, now: datetime
) -> None:
    add_posts(store, brand, [post("1", "It broke.", author="kim")], now)
    judged(store, now)
    before = the_case(store)
    later = now + timedelta(hours=2)
    add_posts(store, brand, [post("2", "It cut my hand!", author="kim")], later)
    judged(store, later, {"It cut my hand!": verdict(severity=Severity.ACCUSATION, flags=[Flag.SAFETY])})
    after = the_case(store)
    assert before.reply_by is not None
    assert after.reply_by is not None
    assert (after.tier, after.delicate, after.latest_mention_id) == (3, True, 2)
    assert after.reply_by < before.reply_by
    with store.reading() as work:
        assert alerts.of_case(work, after.id) is not None


def test_the_reply_goes_to_the_newest_post_however_the_file_was_sorted(store: Store, brand: int, now: datetime) -> None:
    newest = post("2", "Still nothing!", author="kim", written_at=ago(now, minutes=5))
    add_posts(store, brand, [newest, post("1", author="kim", written_at=ago(now, minutes=50))], now)
    judged(store, now)
    case = the_case(store)
    assert (case.latest_mention_id, case.clock_at) == (1, ago(now, minutes=50)), "and they wait since the oldest"


def test_an_answered_customer_in_new_danger_is_paged_for_again(
    store: Store, brand: int, now: datetime, agent: Actor
) -> None:
    danger = verdict(flags=[Flag.SAFETY])
    for day, text in enumerate(["It cut my hand!", "Now it burns!"]):
        moment = now + timedelta(days=day)
        add_posts(store, brand, [post(text, text, author="kim", thread="t")], moment)
        judged(store, moment, {text: danger})
        with store.unit_of_work() as work:
            (page,) = alerts.claim_due(work, moment)
            assert [told.case_id for told in alerts.told_by(work, page)] == [1]
            alerts.delivered(work, page, 99, moment)
        take(store, 1, Action.ANSWER_BY_HAND, moment, agent)


def test_a_page_that_waits_is_not_raised_twice(store: Store, brand: int, now: datetime, agent: Actor) -> None:
    for text in ("It cut my hand!", "Now it burns!"):
        add_posts(store, brand, [post(text, text, author="kim", thread="t")], now)
        judged(store, now, {text: verdict(flags=[Flag.SAFETY])})
        take(store, 1, Action.ANSWER_BY_HAND, now, agent)
    with store.unit_of_work() as work:
        (page,) = alerts.claim_due(work, now)
        assert len(alerts.told_by(work, page)) == 1


def test_a_day_later_the_same_customer_opens_a_new_case(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1", author="kim")], now)
    judged(store, now)
    later = now + timedelta(hours=25)
    add_posts(store, brand, [post("2", author="kim")], later)
    judged(store, later)
    assert the_case(store, 2).mention_id == 2


def test_history_never_pages_and_wants_no_draft(store: Store, brand: int, now: datetime) -> None:
    old = post("1", "It cut my hand!", written_at=ago(now, days=30))
    add_posts(store, brand, [old], now)
    judged(store, now, {old.text: verdict(severity=Severity.BLAME, flags=[Flag.SAFETY])})
    with store.reading() as work:
        assert not cases.undrafted(work)
        assert alerts.undelivered(work) == 0


def test_an_answered_customer_who_is_unhappy_again_is_back_on_the_desk(
    store: Store, brand: int, now: datetime, agent: Actor
) -> None:
    add_posts(store, brand, [post("1", thread="t", author="kim")], now)
    judged(store, now)
    take(store, 1, Action.ANSWER_BY_HAND, now, agent)
    add_posts(store, brand, [post("2", "Still broken.", thread="t", author="kim")], now + timedelta(days=3))
    judged(store, now + timedelta(days=3))
    again = the_case(store)
    assert (again.state, again.draft_wanted, again.latest_mention_id) == (CaseState.OPEN, True, 2)


def test_thanks_after_an_answer_leave_the_case_answered(store: Store, brand: int, now: datetime, agent: Actor) -> None:
    add_posts(store, brand, [post("1", thread="t", author="kim")], now)
    judged(store, now)
    take(store, 1, Action.ANSWER_BY_HAND, now, agent)
    add_posts(store, brand, [post("2", "Thank you!", thread="t", author="kim")], now)
    judged(store, now, {"Thank you!": THANKS})
    assert the_case(store).state is CaseState.REPLIED
    with store.reading() as work:
        assert ledger.take_stock(work).balanced


def test_the_brands_own_posts_open_no_case(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1", author="Vela")], now)
    judged(store, now)
    with store.reading() as work:
        assert ledger.take_stock(work).not_a_complaint == 1


def test_a_judge_that_is_down_loses_nothing(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1")], now)
    with pytest.raises(RetryLater):
        assess_batch(store, ToldJudge(down=True), now)
    assert judged(store, now) == 1


def test_a_judge_that_is_down_for_long_parks_nothing(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1")], now)
    for _ in range(2 * mentions.MAX_ATTEMPTS):
        with pytest.raises(RetryLater):
            assess_batch(store, ToldJudge(down=True), now)
    assert judged(store, now) == 1
    with store.reading() as work:
        assert len(cases.desk(work, "complaints")) == 1


def test_a_poison_post_is_parked_and_the_others_go_on(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1", "bad \ufffe"), post("2", "It broke.")], now)
    moment = now
    with pytest.raises(ZeroDivisionError):
        judged(store, moment)
    for _ in range(4):
        moment += mentions.CLAIM_FOR + timedelta(seconds=1)
        judged(store, moment)
    with store.reading() as work:
        assert [row.text for row in cases.desk(work, "complaints")] == ["It broke."]
        parked = mentions.set_aside(work, brand_id=None, place="parked")
        assert [row.text for row in parked] == ["bad \ufffe"]
        assert ledger.take_stock(work).balanced


def test_a_judge_that_is_killed_again_and_again_parks_nobody_but_the_culprit(
    store: Store, brand: int, now: datetime
) -> None:
    add_posts(store, brand, [post(str(n), f"It broke {n}.") for n in range(5)], now)
    moment = now
    for _ in range(6):  # claims, and never comes back
        with store.unit_of_work() as work:
            if not mentions.claim_waiting(work, 1, moment):
                break
        moment += mentions.CLAIM_FOR + timedelta(seconds=1)
    while judged(store, moment):
        moment += mentions.CLAIM_FOR + timedelta(seconds=1)
    with store.reading() as work:
        assert [row.text for row in mentions.set_aside(work, brand_id=None, place="parked")] == ["It broke 0."]
        assert len(cases.desk(work, "complaints")) == 4


def test_this_is_one_opens_a_case_whose_clock_starts_now(store: Store, brand: int, now: datetime, agent: Actor) -> None:
    add_posts(store, brand, [post("1", "Fine, I suppose.", written_at=ago(now, hours=40))], now)
    judged(store, now, {"Fine, I suppose.": NOTHING})
    case = the_case(store, open_by_hand(store, agent, 1, now))
    assert (case.kind, case.clock_at, case.draft_wanted) == (Kind.COMPLAINT, now, True)
    with pytest.raises(Conflict, match="in a case already"):
        open_by_hand(store, agent, 1, now)


def test_a_post_opened_by_hand_before_it_was_judged_stops_no_others(
    store: Store, brand: int, now: datetime, agent: Actor
) -> None:
    add_posts(store, brand, [post("1"), post("2")], now)
    open_by_hand(store, agent, 1, now)
    assert judged(store, now) == 2
    with store.reading() as work:
        assert len(cases.desk(work, "complaints")) == 2
        assert ledger.take_stock(work).balanced


def test_this_is_one_joins_an_answered_case_with_a_clock_that_starts_now(
    store: Store, brand: int, now: datetime, agent: Actor
) -> None:
    old = post("0", "It cracked, too.", author="kim", thread="t", written_at=ago(now, days=30))
    add_posts(store, brand, [post("1", author="kim", thread="t"), old], now)
    judged(store, now)
    take(store, 1, Action.ANSWER_BY_HAND, now, agent)
    case = the_case(store, open_by_hand(store, agent, 2, now))
    assert (case.id, case.state, case.clock_at, case.latest_mention_id) == (1, CaseState.OPEN, now, 2)


def test_an_observer_cannot_open_a_case(store: Store, brand: int, now: datetime) -> None:
    add_posts(store, brand, [post("1", "Fine.")], now)
    judged(store, now, {"Fine.": NOTHING})
    with pytest.raises(NotAllowed):
        open_by_hand(store, Actor.person(9, Role.OBSERVER), 1, now)


def test_a_brands_own_threshold_decides(store: Store, brand: int, now: datetime) -> None:
    with store.unit_of_work() as work:
        brands.change(work, brand, settings={"threshold": 0.95})
    add_posts(store, brand, [post("1", "It broke.")], now)
    judged(store, now)
    with store.reading() as work:
        assert ledger.take_stock(work).not_a_complaint == 1


@pytest.mark.parametrize(
    ("settings", "operator", "opens"),
    [
        ({"threshold": 0.95, "thresholds": {"en": 0.8}}, None, True),
        ({"threshold": 0.8, "thresholds": {"en": 0.95}}, None, False),
        ({"thresholds": {"pl": 0.95}}, None, True),
        ({"thresholds": {"pl": 0.95}}, 0.95, False),
        ({"thresholds": {"en": 0.8}}, 0.95, True),
    ],
)
def test_the_languages_threshold_wins_over_the_brands_and_that_over_the_operators(
    store: Store, brand: int, now: datetime, settings: dict[str, object], operator: float | None, *, opens: bool
) -> None:
    with store.unit_of_work() as work:
        brands.change(work, brand, settings=settings)
    add_posts(store, brand, [post("1", "It broke.")], now)
    assess_batch(store, ToldJudge(), now, threshold=operator)
    with store.reading() as work:
        assert (ledger.take_stock(work).open == 1) is opens


@pytest.mark.parametrize(
    ("handle", "external_id", "platform", "ours"),
    [
        ("VELA", "", "x", True),
        ("@vela", "", "x", True),
        ("renamed", "900", "x", True),
        ("renamed", "900", "mastodon", False),
        ("vela2", "901", "x", False),
    ],
)
def test_what_we_wrote_ourselves_opens_no_case(
    store: Store, brand: int, now: datetime, handle: str, external_id: str, platform: str, *, ours: bool
) -> None:
    with store.unit_of_work() as work:
        accounts.change(work, 1, external_id="900")
    one = post("1", platform=platform)
    author = replace(one.author, handle=handle, external_id=external_id or handle)
    (mention_id,) = add_posts(store, brand, [replace(one, author=author)], now).new
    judged(store, now)
    with store.reading() as work:
        assert (mentions.case_of(work, mention_id) is None) is ours
