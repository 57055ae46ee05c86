"""A judge that was tried takes over, and gives way again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from monitor.domain.errors import Conflict, NotFound
from monitor.domain.records import Kind, Verdict
from monitor.judging import trying
from monitor.store import events, trials
from monitor.store import tables as t
from monitor.store.engine import Store
from tests import builders
from tests.builders import House
from tests.making import ToldJudge, verdict
from tests.monitor.judging.trials import TINY, Other, begin, diff_of, in_use, newest, run, says, tried, versions

# --- taking over ---------------------------------------------------------------------------------------------------


def test_taking_over_changes_who_judges_and_what_history_says_and_no_case(
    store: Store, house: House, now: datetime
) -> None:
    quiet = ToldJudge({"b": verdict(Kind.NONE)})
    first, second = says(store, house, now, "a", "b", judge=quiet)
    before = [builders.case_of(store, first), counts(store)]
    one = tried(store, house, now, Other({"a": verdict(Kind.NONE)}))
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    assert in_use(store) == TINY
    run(store, Other(), now)
    assert [versions(store, each) for each in (first, second)] == [["told-1", "other-1"]] * 2
    assert [builders.case_of(store, first), counts(store)] == before
    assert newest(store).copied_at == now


def counts(store: Store) -> list[int]:
    """Return how many cases, pages and alerts there are."""
    with store.reading() as work:
        return [work.execute(select(func.count()).select_from(one)).scalar_one() for one in (t.case, t.page, t.alert)]


def test_going_back_gives_history_its_old_verdicts_and_keeps_the_trial(
    store: Store, house: House, now: datetime
) -> None:
    (only,) = says(store, house, now, "a")
    one = tried(store, house, now, Other({"a": verdict(Kind.NONE)}))
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    run(store, Other(), now)
    (later,) = says(store, house, now, "judged by the new one", judge=Other())
    assert trying.go_back(store, house.lead, now) is None
    assert in_use(store) == "shipped"
    assert versions(store, only) == ["told-1"]
    assert versions(store, later) == ["other-1"], "its own verdicts stay"
    assert diff_of(store, one).changed == 1
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    run(store, Other(), now)
    assert versions(store, only) == ["told-1", "other-1"], "and it can take over again"


def test_going_back_from_the_second_leads_to_the_first(store: Store, house: House, now: datetime) -> None:
    (only,) = says(store, house, now, "a")
    minute = timedelta(minutes=1)
    for n, name in enumerate(("one", "two")):
        judge = ToldJudge(version=f"{name}-1", says={"a": replace(verdict(), version=f"{name}-1")})
        trying.take_over(store, house.lead, tried(store, house, now, judge, name).id, now + n * minute, set_model="")
        run(store, judge, now + n * minute)
    assert versions(store, only) == ["told-1", "two-1"]
    back = trying.go_back(store, house.lead, now + 2 * minute)
    run(store, Other(), now + 2 * minute)
    assert (back.model if back else "", in_use(store), versions(store, only)) == ("one", "one", ["told-1", "one-1"])
    assert trying.go_back(store, house.lead, now + 3 * minute) is None
    assert (in_use(store), versions(store, only)) == ("shipped", ["told-1"])
    with pytest.raises(Conflict, match="nothing to go back to"):
        trying.go_back(store, house.lead, now)


def test_the_judge_that_ships_takes_over_again_by_a_trial_and_history_says_what_it_says(
    store: Store, house: House, now: datetime
) -> None:
    before, other = says(store, house, now, "a", "b"), ToldJudge(version="other-1", says=by("other-1", *"abc"))
    trying.take_over(store, house.lead, tried(store, house, now, other).id, now, set_model="shipped")
    run(store, other, now)
    (between,) = says(store, house, now, "c", judge=other)
    assert [versions(store, each)[-1] for each in (*before, between)] == ["other-1"] * 3
    shipped = tried(store, house, now, ToldJudge(), "shipped")
    trying.take_over(store, house.lead, shipped.id, now, set_model="shipped")
    run(store, ToldJudge(), now)
    assert [versions(store, each)[-1] for each in (*before, between)] == ["told-1"] * 3


def by(version: str, *texts: str) -> dict[str, Verdict]:
    return {text: replace(verdict(), version=version) for text in texts}


def ready(store: Store, house: House, now: datetime, *models: str) -> list[int]:
    """Return trials that have read everything."""
    return [tried(store, house, now, Other(), model).id for model in models]


def at_once(*doing: Callable[[], object]) -> list[object]:
    """Let people decide at the same time; return what each got, or how each was refused."""
    together = Barrier(len(doing))

    def decide(one: Callable[[], object]) -> object:
        together.wait(10)
        try:
            return one()
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(len(doing)) as people:
        return list(people.map(decide, doing))


def states(store: Store) -> list[str]:
    with store.reading() as work:
        return sorted(each.state for each in trials.all_of(work))


def test_two_that_take_over_at_once_leave_one_in_use(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    ids = ready(store, house, now, "one", "two")
    for _ in range(5):
        at_once(*(partial(trying.take_over, store, house.lead, each, now, set_model="shipped") for each in ids))
        assert states(store) == ["ready", "taken_over"]
        while states(store) != ["ready", "ready"]:
            trying.go_back(store, house.lead, now)


def test_who_drops_and_who_lets_it_take_over_at_once_are_not_both_obeyed(
    store: Store, house: House, now: datetime
) -> None:
    says(store, house, now, "a")
    for _ in range(5):
        (one,) = ready(store, house, now, TINY)
        told = at_once(
            partial(trying.take_over, store, house.lead, one, now, set_model="shipped"),
            partial(trying.drop, store, house.lead, one, now),
        )
        assert sum(isinstance(each, Conflict) for each in told) == 1
        assert (newest(store).state, verdicts(store, one)) in {("taken_over", 1), ("dropped", 0)}
        if newest(store).state == "taken_over":
            trying.go_back(store, house.lead, now)
            trying.drop(store, house.lead, one, now)


def verdicts(store: Store, trial_id: int) -> int:
    """Return how many verdicts of a trial are kept."""
    kept = select(func.count()).select_from(t.trial_verdict).where(t.trial_verdict.c.trial_id == trial_id)
    with store.reading() as work:
        return int(work.execute(kept).scalar_one())


def test_copying_goes_on_where_a_dead_worker_stopped(store: Store, house: House, now: datetime) -> None:
    ids = says(store, house, now, *(f"kettle {n}" for n in range(40)))
    one = tried(store, house, now, Other())
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    with store.unit_of_work() as work:
        taken = trials.get(work, one.id)
        assert trials.copy_next(work, taken, 10, now) == 10
    with store.unit_of_work() as work:
        assert trials.copy_next(work, taken, 10, now) == 0, "another one did these"
    run(store, Other(), now)
    assert all(versions(store, each) == ["told-1", "other-1"] for each in ids)


def test_what_is_not_ready_cannot_take_over(store: Store, house: House, now: datetime) -> None:
    says(store, house, now, "a")
    one = begin(store, house, now)
    with pytest.raises(Conflict, match="still reading"):
        trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    run(store, Other(), now)
    with pytest.raises(Conflict, match="AMENDS_MODEL is set to rules"):
        trying.take_over(store, house.lead, one.id, now, set_model="rules")
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    with pytest.raises(Conflict, match="Go back"):
        trying.drop(store, house.lead, one.id, now)
    assert in_use(store, "rules") == "rules", "what the operator names wins"
    with pytest.raises(NotFound):
        trying.drop(store, house.lead, 4711, now)


def test_every_brands_trail_says_who_changed_the_judge(store: Store, house: House, now: datetime) -> None:
    builders.house(store, now, slug="other")
    says(store, house, now, "a")
    one = tried(store, house, now, Other())
    trying.take_over(store, house.lead, one.id, now, set_model="shipped")
    assert [(each.brand_id, each.who, each.data["did"]) for each in told(store)] == [
        (brand_id, "Maria", did)
        for did in ("started", "took over")
        for brand_id in (house.brand_id, house.brand_id + 1)
    ]


def told(store: Store) -> list[events.EventRow]:
    with store.reading() as work:
        return [one for one in events.unprocessed(work, 100) if one.kind == "trial"]
