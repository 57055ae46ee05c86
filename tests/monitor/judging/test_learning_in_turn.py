"""Brands learn one after the other: who holds one up holds up no other, and what a person chose meanwhile stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.domain.errors import BadInput
from monitor.judging import teaching
from monitor.ports import Classifier
from monitor.store import layers
from monitor.store.engine import Store, take_lease
from tests.monitor.judging.test_teaching import FANS, NO, PARCELS, RULES, Dying, Killed, Team, assembled


@pytest.fixture
def both(store: Store, now: datetime) -> tuple[Team, Team]:
    """Two brands with enough to learn from, the one that is asked first before the other."""
    first = assembled(store, now)
    second = replace(first, brand=first.rival, rival=first.brand)
    for team in (first, second):
        team.corrects(FANS[:40], NO)
    return first, second


def learns(team: Team, judge: Classifier = RULES, **later: float) -> bool:
    return teaching.learn_next(team.store, judge, team.now + timedelta(**later))


def test_brands_that_are_due_learn_one_after_the_other(both: tuple[Team, Team]) -> None:
    first, second = both
    assert learns(first), "another one is due"
    assert (len(first.layers()), len(second.layers())) == (1, 0)
    assert not learns(first)
    assert len(second.layers()) == 1


def test_while_somebody_is_at_the_first_the_second_learns_and_nobody_is_sent_for_in_vain(
    both: tuple[Team, Team],
) -> None:
    first, second = both
    with first.store.unit_of_work() as work:
        take_lease(work, f"learn:{first.brand}", "somebody", first.now, first.now + timedelta(minutes=6))
    assert not learns(first)
    assert (first.layers(), len(second.layers())) == ({}, 1)
    assert not learns(first), "only the first is due, and it is held"


def test_a_brand_on_which_the_judge_fails_is_told_why_and_the_next_has_its_turn(both: tuple[Team, Team]) -> None:
    first, second = both

    class Refuses(Dying):
        def features(self, texts: Sequence[str]) -> Any:
            message = "This judge cannot be taught."
            raise BadInput(message)

    assert learns(first, Refuses(99))
    with first.store.reading() as work:
        (row,) = layers.all_of(work, first.brand)
    assert (row.state, row.reason) == ("refused", "This judge cannot be taught.")
    assert first.due() == [second.brand]


def test_a_brand_that_brings_the_worker_down_is_tried_again_later_each_time(both: tuple[Team, Team]) -> None:
    first, second = both
    with pytest.raises(Killed):
        learns(first, Dying(0))
    learns(first)
    assert (first.layers(), len(second.layers())) == ({}, 1)
    with pytest.raises(Killed):
        learns(first, Dying(0), minutes=7)
    assert not learns(first, Dying(0), minutes=18), "twice as long as before"
    with pytest.raises(Killed):
        learns(first, Dying(0), minutes=20)
    learns(first, hours=2)
    assert (len(first.layers()), first.due()) == (1, []), "and once it goes well it is done"


def test_who_goes_back_to_the_judge_alone_while_a_layer_is_learned_is_not_overruled(
    store: Store, now: datetime
) -> None:
    team = assembled(store, now)
    team.reads(PARCELS[:30])
    team.corrects(FANS[:60], NO)
    team.learns()
    assert team.layers() == {1: "in_use"}
    team.corrects(PARCELS[30:], {"severity": 3})

    class Watched(Dying):
        def features(self, texts: Sequence[str]) -> Any:
            teaching.use(team.store, team.lead, team.brand, None, team.now)
            return RULES.features(texts)

    row = team.learns(Watched(99))
    assert row is not None
    assert team.layers() == {1: "retired", 2: "refused"}
    assert "somebody chose which layer is used" in row.reason
