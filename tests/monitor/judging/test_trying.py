"""Another judge reads old posts beside the one in use, with a diff, before it takes over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from monitor import assessment, forgetting
from monitor.domain.errors import BadInput, Conflict, RetryLater
from monitor.domain.records import Flag, Kind, Severity, Verdict
from monitor.judging import comparing, trying
from monitor.ports import Classifier
from monitor.store import brands, mentions
from monitor.store import tables as t
from monitor.store.engine import Store
from tests import builders
from tests.builders import House
from tests.making import ToldJudge, ago, post, verdict
from tests.monitor.judging.trials import TINY, Held, Other, begin, diff_of, newest, run, says, tried
from tests.workers.test_relay import Clock

# --- reading ---------------------------------------------------------------------------------------------------


def test_a_trial_reads_every_judged_post_once_and_counts_what_would_change(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, *(f"kettle {n}" for n in range(70)))
    other = Other({f"kettle {n}": verdict(Kind.NONE) for n in range(5)})
    one = tried(store, house, now, other)
    assert (one.state, one.done, one.total, one.changed) == ("ready", 70, 70, 5)
    assert sorted(other.read) == sorted(f"kettle {n}" for n in range(70))
    assert one.version == "other-1"


def test_what_would_change_is_told_by_kind(store: Store, house: House, now: datetime) -> None:
    quiet = ToldJudge({"b": verdict(Kind.NONE)})
    says(store, house, now, "a", "b", "c", "d", "e", "f", judge=quiet)
    other = Other(
        {
            "a": verdict(Kind.NONE),
            "c": verdict(severity=Severity.BLAME),
            "d": verdict(lang="pl"),
            "e": verdict(flags=[Flag.LEGAL]),
        }
    )
    found = diff_of(store, tried(store, house, now, other))
    assert found.changed == 5
    assert found.by_kind == {"becomes": 1, "no_longer": 1, "severity": 1, "language": 1, "flags": 1}


def test_both_judges_are_held_to_the_brands_own_threshold(store: Store, house: House, now: datetime) -> None:
    with store.unit_of_work() as work:
        brands.change(work, house.brand_id, settings={"threshold": 0.95})
    says(store, house, now, "a")  # 0.9: a complaint to the judge, none to this brand
    found = diff_of(store, tried(store, house, now, Other({"a": verdict(Kind.NONE)})))
    assert found.changed == 0


def test_posts_before_the_day_it_begins_with_are_left_out(store: Store, house: House, now: datetime) -> None:
    says(store, house, ago(now, days=40), "long ago")
    says(store, house, now, "today")
    other = Other()
    assert tried(store, house, now, other).total == 1
    assert other.read == ["today"]


def test_posts_that_wait_to_be_judged_go_first(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    with store.unit_of_work() as work:
        mentions.add(work, house.brand_id, [post("new", "just now")], now)
    other = Other()
    run(store, other, now)
    assert other.read == []
    assessment.assess_batch(store, ToldJudge(), now)
    run(store, other, now)
    assert newest(store).state == "ready"


def test_a_worker_that_dies_in_the_middle_is_made_up_for(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, *(f"kettle {n}" for n in range(100)))
    begin(store, house, now)

    class Killed(BaseException):
        """What no handler catches."""

    class Dying(Other):
        def assess(
            self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[object] = ()
        ) -> list[Verdict]:
            if len(self.read) >= 64:
                raise Killed
            return super().assess(texts, hints)

    dying = Dying()
    with pytest.raises(Killed):
        run(store, dying, now)
    assert newest(store).done == 64
    other = Other()
    run(store, other, now, holder="another")
    assert newest(store).done == 64, "the dead one's lease has not lapsed"
    run(store, other, now + timedelta(minutes=2), holder="another")
    assert (newest(store).state, newest(store).done) == ("ready", 100)
    assert len(other.read) == 36


def test_a_model_that_brings_the_worker_down_again_and_again_is_given_up(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    for life in range(4):  # each life loads it anew, and ends before a post was read
        assert newest(store).state == "running"
        trying.step(store, Held(Other, slow=1), f"life {life}", lambda at=now + timedelta(minutes=2 * life): at)
    assert newest(store).state == "failed"
    assert "ended 3 times" in newest(store).error


def test_while_one_loads_or_holds_the_model_no_other_loads_it_too(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    clock, mine, theirs = Clock(now), Held(Other, slow=99), Held(Other)
    trying.step(store, mine, "me", clock)
    for _ in range(10):
        clock.at += timedelta(seconds=40)
        assert mine.keep(), "nobody sends for me, but I still load"
        trying.step(store, theirs, "another", clock)
    assert (theirs.loads, newest(store).attempts) == ([], 1)
    clock.at += timedelta(minutes=2)  # I am gone
    run(store, theirs, clock.at, holder="another")
    assert newest(store).state == "ready"
    assert not mine.keep()


def test_a_trial_that_is_dropped_while_its_last_batch_is_read_stays_dropped(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a")
    one = begin(store, house, now)

    class Dropping(Held):
        def take(self) -> Classifier | None:
            if newest(store).done == 1:
                trying.drop(store, house.lead, one.id, now)
            return super().take()

    run(store, Dropping(Other), now)
    assert newest(store).state == "dropped"


def test_a_model_that_takes_long_to_load_is_waited_for(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    loader = Held(Other, slow=5)
    for _ in range(5):
        assert trying.step(store, loader, "me", lambda: now) == 0
    run(store, loader, now)
    assert (newest(store).state, loader.loads) == ("ready", [TINY])
    assert not loader.model, "and let go of when it is done"


def test_a_model_that_cannot_be_loaded_fails_the_trial_in_plain_words(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a")
    begin(store, house, now)

    def load() -> Classifier:
        message = "There is no config.json in tiny."
        raise BadInput(message)

    run(store, Held(load), now)
    assert (newest(store).state, newest(store).error) == ("failed", "There is no config.json in tiny.")
    begin(store, house, now, "another")  # and another can be tried


def test_one_bad_post_is_passed_over_and_a_judge_that_answers_nothing_fails(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a", "poison", "c")
    one = tried(store, house, now, Other(chokes_on="poison"))
    assert (one.state, one.done, one.changed) == ("ready", 3, 0)
    two = tried(store, house, now, Other(chokes_on=""), "mute")
    assert two.state == "failed"
    assert "none of the first 3 posts" in two.error


def test_a_judge_that_cannot_be_reached_is_tried_again_later(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    with pytest.raises(RetryLater):
        run(store, Other(down=True), now)
    assert newest(store).state == "running"


def test_one_trial_at_a_time(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    begin(store, house, now)
    with pytest.raises(Conflict, match="tiny is running"):
        begin(store, house, now, "another")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 1001, "shipped"])
def test_names_that_cannot_be_tried_are_refused(sqlite_store: Store, now: datetime, name: str) -> None:
    with pytest.raises(BadInput):
        begin(sqlite_store, builders.house(sqlite_store, now), now, name)


@pytest.mark.parametrize("name", ["/etc", "../model", "~/model", "models", "owner/name/more", "rules,/etc", "a/b,"])
def test_a_folder_of_the_server_is_named_only_from_there(sqlite_store: Store, now: datetime, name: str) -> None:
    house = builders.house(sqlite_store, now)
    with pytest.raises(BadInput, match="amends trial start FOLDER"):
        begin(sqlite_store, house, now, name, folders=False)
    assert begin(sqlite_store, house, now, "owner/name:2, rules", folders=False).model == "owner/name:2, rules"


def test_a_dropped_trial_stops_and_its_verdicts_go(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, *(f"kettle {n}" for n in range(70)))
    one = begin(store, house, now)
    trying.step(store, Held(Other), "me", lambda: now)
    trying.drop(store, house.lead, one.id, now)
    loader = Held(Other, model=TINY)
    run(store, loader, now)
    assert (newest(store).state, newest(store).done, loader.model) == ("dropped", 32, "")
    assert diff_of(store, one).changed == 0


def test_an_edited_or_deleted_post_takes_what_a_trial_made_of_it_along(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a", "b")
    one = tried(store, house, now, Other({"a": verdict(Kind.NONE)}))
    with store.unit_of_work() as work:
        forgetting.forget(work, house.brand_id, "x", ["0-0"], now)
    assert diff_of(store, one).changed == 0


# --- the difference -----------------------------------------------------------------------------------------------


def test_examples_show_text_both_verdicts_and_what_people_decided(store: Store, house: House, now: datetime) -> None:
    first, second, _ = says(store, house, now, "a", "b", "c")
    correct(store, house, first, now, is_complaint=True)
    answer = builders.case_of(store, second)
    builders.write(store, house, answer.id, now)
    builders.approve(store, house, answer.id, now)
    builders.sent(store, answer.id, now, "reply-1")
    one = tried(store, house, now, Other({text: verdict(Kind.NONE) for text in "abc"}))
    with store.reading() as work:
        found = comparing.examples(work, one)
    assert [(each.text, each.old_is_complaint, each.is_complaint, each.decided) for each in found] == [
        ("c", True, False, None),
        ("b", True, False, True),
        ("a", True, False, True),
    ]
    assert {each.old_version for each in found} == {"told-1"}


def test_answers_that_change_are_shown_before_other_changes_and_each_kind_by_itself(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, *"abcd")
    other = Other({"a": verdict(Kind.NONE), "b": verdict(lang="pl"), "c": verdict(lang="fa")})
    one = tried(store, house, now, other)
    with store.reading() as work:
        assert [each.text for each in comparing.examples(work, one)] == ["a", "c", "b"]
        assert [each.text for each in comparing.examples(work, one, limit=2)] == ["a", "c"]
        (page,) = comparing.examples(work, one, "language", limit=1)
        rest = comparing.examples(work, one, "language", before=page.mention_id)
        assert [page.text, *(each.text for each in rest)] == ["c", "b"]
        with pytest.raises(BadInput, match="becomes, no_longer"):
            comparing.examples(work, one, "colour")


def correct(store: Store, house: House, mention_id: int, now: datetime, *, is_complaint: bool) -> None:
    row = {"brand_id": house.brand_id, "mention_id": mention_id, "judged_by": "told-1", "given_in": "queue"}
    with store.unit_of_work() as work:
        work.execute(t.correction.insert().values(**row, is_complaint=int(is_complaint), created_at=now))


def test_whom_people_agree_with_is_counted_with_its_interval(store: Store, house: House, now: datetime) -> None:
    ids = says(store, house, now, *"abcdefgh")
    for n, mention_id in enumerate(ids[:6]):  # a to d: none; e and f: complaints
        correct(store, house, mention_id, now, is_complaint=n >= 4)
    other = Other({text: verdict(Kind.NONE) for text in "abcf"})
    found = diff_of(store, tried(store, house, now, other)).agreement
    assert (found.posts, found.complaints, found.others) == (6, 2, 4)
    assert found.old is not None
    assert found.new is not None
    assert (found.old.value, found.new.value) == (pytest.approx(2 / 6), pytest.approx(4 / 6))
    assert found.new.low < 4 / 6 < found.new.high
    assert (found.only_old, found.only_new) == (1, 3)
    assert found.new_found is not None
    assert found.new_raised is not None
    assert (found.new_found.value, found.new_raised.value) == (0.5, 0.25)


def test_a_correction_taken_back_says_nothing(store: Store, house: House, now: datetime) -> None:
    (only,) = says(store, house, now, "a")
    correct(store, house, only, now, is_complaint=False)
    with store.unit_of_work() as work:
        work.execute(t.correction.update().values(undone_at=now))
    assert diff_of(store, tried(store, house, now, Other())).agreement.posts == 0
