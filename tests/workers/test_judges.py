"""Which judge a worker process holds: it follows what people chose, and lets a trial's go."""

import signal
import time
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from monitor import intake
from monitor.domain.errors import BadInput
from monitor.judging import trying
from monitor.ports import Classifier
from monitor.settings import Settings
from monitor.store import mentions, trials
from monitor.store import tables as t
from monitor.store.engine import Store
from monitor.store.trials import TrialRow
from tests import builders
from tests.api.running.instance import wait_for
from tests.making import ToldJudge, post
from tests.workers.conftest import Crew
from tests.workers.test_relay import Clock
from workers.judges import Judges, OnTrial
from workers.relay import nudges
from workers.resources import Resources

TINY = Path(__file__).parents[1] / "monitor" / "classifiers" / "tiny"
MINUTE = timedelta(minutes=1)


class Shelf:
    """Where judges are loaded from: it remembers which were, and may lack some."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.loaded: list[str] = []
        self.missing: set[str] = set()
        self.alive: weakref.WeakSet[ToldJudge] = weakref.WeakSet()
        self.most = 0

    def load(self, model: str) -> Classifier:
        self.asked.append(model)
        if model in self.missing:
            message = f"There is no model in {model}."
            raise BadInput(message)
        self.loaded.append(model)
        judge = Judge(version=model)
        self.alive.add(judge)
        self.most = max(self.most, len(self.alive))
        return judge


class Judge(ToldJudge):
    __hash__ = object.__hash__

    def features(self, texts: object) -> None:
        """Not asked for here."""


def takes_over(store: Store, now: datetime, model: str) -> None:
    with store.unit_of_work() as work:
        one = trials.start(work, model, None, now, now)
        assert one
        trials.change(work, one, state="taken_over", taken_at=now)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_judge_is_loaded_once_and_another_as_soon_as_it_took_over(
    sqlite_store: Store, now: datetime, shelf: Shelf
) -> None:
    judges = Judges(sqlite_store, shelf.load, "shipped", Clock(now))
    assert [judges.in_use().version for _ in range(3)] == ["shipped"] * 3
    takes_over(sqlite_store, now, "other")
    assert [judges.in_use().version for _ in range(3)] == ["other"] * 3
    assert shelf.loaded == ["shipped", "other"]
    assert shelf.most == 1, "the old one goes before the new one comes"


def test_what_the_operator_set_is_kept_to(sqlite_store: Store, now: datetime, shelf: Shelf) -> None:
    takes_over(sqlite_store, now, "other")
    assert Judges(sqlite_store, shelf.load, "rules", Clock(now)).in_use().version == "rules"


def test_while_the_chosen_judge_cannot_be_loaded_the_operators_judges(
    sqlite_store: Store, now: datetime, shelf: Shelf
) -> None:
    clock = Clock(now)
    judges = Judges(sqlite_store, shelf.load, "shipped", clock)
    takes_over(sqlite_store, now, "other")
    shelf.missing = {"other"}
    assert [judges.in_use().version for _ in range(3)] == ["shipped"] * 3
    assert shelf.loaded == ["shipped"], "and it is not tried again at every batch"
    shelf.missing = set()
    clock.at += 2 * MINUTE
    assert judges.in_use().version == "other"


def test_a_judge_that_stays_broken_is_tried_ever_less_often_until_it_comes(
    sqlite_store: Store, now: datetime, shelf: Shelf
) -> None:
    clock = Clock(now)
    judges = Judges(sqlite_store, shelf.load, "shipped", clock)
    takes_over(sqlite_store, now, "other")
    shelf.missing = {"other"}
    for _ in range(180):
        assert judges.in_use().version == "shipped"
        clock.at += MINUTE
    assert shelf.asked.count("other") == 8
    shelf.missing = set()
    clock.at += timedelta(hours=1)
    assert judges.in_use().version == "other"


def test_where_the_operators_own_choice_is_missing_it_is_said(sqlite_store: Store, now: datetime, shelf: Shelf) -> None:
    shelf.missing = {"/models/ours"}
    with pytest.raises(BadInput, match="/models/ours"):
        Judges(sqlite_store, shelf.load, "/models/ours", Clock(now)).in_use()


def test_a_trials_judge_is_loaded_beside_the_work_and_let_go_of(shelf: Shelf) -> None:
    may_load = Event()

    def slowly(model: str) -> Classifier:
        assert may_load.wait(30)
        return shelf.load(model)

    held = OnTrial(slowly)
    held.begin("other", keeps)
    assert held.begun("other")
    assert not held.begun("another")
    assert held.take() is None, "still loading"
    may_load.set()
    wait_for(lambda: held.take() is not None, why="for the judge")
    held.free()
    assert not held.begun("other")
    wait_for(lambda: not shelf.alive, why="for its memory")


def test_it_is_told_that_a_trials_judge_is_still_wanted_until_it_is_let_go_of(shelf: Shelf) -> None:
    told: list[int] = []

    def keep() -> bool:
        told.append(1)
        if len(told) == 1:
            message = "the database is away"
            raise ConnectionError(message)
        return True

    held = OnTrial(shelf.load, keep_every=0.01)
    held.begin("other", keep)
    wait_for(lambda: len(told) > 3, why="for its being kept, over a break")
    held.free()
    time.sleep(0.1)
    so_far = len(told)
    time.sleep(0.1)
    assert len(told) == so_far


def keeps() -> bool:
    return True


def test_what_went_wrong_with_a_trials_judge_comes_out_where_it_is_asked_for(shelf: Shelf) -> None:
    shelf.missing = {"other"}
    held = OnTrial(shelf.load)
    held.begin("other", keeps)
    with pytest.raises(BadInput, match="other"):
        held.take()


def test_news_of_a_trial_wake_the_worker(sqlite_store: Store, now: datetime) -> None:
    from monitor.store import events

    house = builders.house(sqlite_store, now)
    trying.start(sqlite_store, house.lead, "other/one", now, now, set_model="shipped")
    with sqlite_store.reading() as work:
        assert nudges(events.unprocessed(work, 10)) == ["try_judge"]


@pytest.fixture
def worker(sqlite_store: Store, tmp_path: Path) -> Iterator[Resources]:
    mine = Resources(Settings(data=tmp_path))
    yield mine
    mine.store.close()


def test_a_real_model_reads_takes_over_and_judges_what_comes(worker: Resources, now: datetime) -> None:
    house = builders.house(worker.store, now)
    settled(worker.store, house.brand_id, now, "awful broken lamp", "a lovely lamp, thanks")
    since = now - MINUTE
    trying.start(worker.store, house.lead, str(TINY), since, now, set_model="shipped", folders=True)
    wait_for(lambda: not _goes_on(worker, now) and newest(worker.store).state == "ready", why="for the trial")
    one = newest(worker.store)
    assert (one.done, one.version.startswith("tiny-")) == (2, True)
    assert not worker.on_trial.begun(str(TINY)), "its memory is given back"
    trying.take_over(worker.store, house.lead, one.id, now, set_model="shipped")
    assert worker.classifier.version == one.version


def _goes_on(mine: Resources, now: datetime) -> int:
    return trying.step(mine.store, mine.on_trial, mine.name, lambda: now)


def newest(store: Store) -> TrialRow:
    with store.reading() as work:
        return trials.all_of(work, 1)[0]


def settled(store: Store, brand_id: int, now: datetime, *texts: str) -> None:
    """Store posts that a judge has read."""
    posts = [post(f"p{number}", text, written_at=now) for number, text in enumerate(texts)]
    new = intake.add_posts(store, brand_id, posts, now).new
    judge = ToldJudge()
    with store.unit_of_work() as work:
        mentions.record_verdicts(work, dict(zip(new, judge.assess(texts), strict=True)), now)
        mentions.settle(work, dict.fromkeys(new, "not_complaint"), now)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_worker_that_is_killed_while_it_reads_is_made_up_for(crew: Crew, sqlite_store: Store) -> None:
    now = datetime.now(UTC)
    house = builders.house(sqlite_store, now)
    settled(sqlite_store, house.brand_id, now, *(f"awful broken lamp {number}" for number in range(4000)))
    crew.start("worker", "--queues", "assess", "--pool", "solo", "--sole")
    crew.start("worker", "--queues", "housekeeping", "--pool", "solo")
    crew.start("beat")
    trying.start(sqlite_store, house.lead, str(TINY), now - MINUTE, now, set_model="rules", folders=True)
    wait_for(lambda: newest(sqlite_store).done > 100, why="for the first batches")
    crew.running[0].send_signal(signal.SIGKILL)
    crew.running[0].wait()
    reached = newest(sqlite_store).done
    assert reached < 4000, "too quick for this test"
    crew.start("worker", "--queues", "assess", "--pool", "solo", "--sole")
    wait_for(lambda: newest(sqlite_store).state != "running", why="for the rest")
    one = newest(sqlite_store)
    assert (one.state, one.done, one.error) == ("ready", 4000, "")
    with sqlite_store.reading() as work:
        assert work.execute(select(func.count()).select_from(t.trial_verdict)).scalar_one() == 4000
    assert not [line for line in crew.log("worker").splitlines() if '"level": "error"' in line]
