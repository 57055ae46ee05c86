"""What other settings would have made of the last weeks, and what they would cost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import assessment
from monitor.domain.records import Kind, Verdict
from monitor.judging import simulating
from monitor.store import brands, cases, mentions, trials
from monitor.store.brands import BrandRow
from monitor.store.engine import Store
from responders import reviewing
from tests import builders
from tests.making import ToldJudge, post, verdict

Said = Sequence[tuple[str, float, str]]  # the name of a post, its probability and its language


def judge(store: Store, brand_id: int, now: datetime, said: Said) -> None:
    posts = {name: post(name, f"About the {name} kettle.", written_at=now) for name, _, _ in said}
    told = {posts[name].text: of(complaint, lang) for name, complaint, lang in said}
    with store.unit_of_work() as work:
        mentions.add(work, brand_id, list(posts.values()), now)
    assessment.assess_batch(store, ToldJudge(told), now)


def of(complaint: float, lang: str) -> Verdict:
    return replace(verdict(Kind.COMPLAINT if complaint >= 0.5 else Kind.NONE, lang=lang), complaint=complaint)


def brand_of(store: Store, brand_id: int) -> BrandRow:
    with store.reading() as work:
        return brands.get(work, brand_id)


def test_what_is_foretold_is_what_happens(sqlite_store: Store, now: datetime) -> None:
    said = [(f"{lang}{step}", step / 10, lang) for lang in ("en", "pl", "fa") for step in range(10)]
    changes = {"threshold": 0.7, "thresholds": {"pl": 0.2}}
    played = builders.house(sqlite_store, now).brand_id
    judge(sqlite_store, played, now, said)
    found = simulating.what_if(sqlite_store, played, changes, now)
    with sqlite_store.unit_of_work() as work:
        lived = brands.create(work, "orla", "Orla", now, settings=changes)
    judge(sqlite_store, lived, now, said)
    with sqlite_store.reading() as work:
        before = cases.desk_count(work, "complaints", brand_id=played)
        after = cases.desk_count(work, "complaints", brand_id=lived)
    assert (before, found.replay.cases, found.replay.posts_aside) == (15, 15, 15)
    assert before - found.replay.lost.total() + found.replay.gained.total() == after == 3 + 8 + 3
    assert sum(then for _, then in found.replay.load.values()) == after
    assert {one.mention.external_id for one in found.gained} == {"pl2", "pl3", "pl4"}
    assert {one.mention.external_id for one in found.lost} == {"en5", "en6", "fa5", "fa6"}


def test_the_operators_threshold_counts_where_the_brand_has_none(sqlite_store: Store, now: datetime) -> None:
    brand_id = builders.house(sqlite_store, now).brand_id
    judge(sqlite_store, brand_id, now, [("one", 0.6, "en")])
    assert simulating.what_if(sqlite_store, brand_id, {"threshold": 0.8}, now).replay.lost.total() == 1
    stricter = simulating.what_if(sqlite_store, brand_id, {"threshold": 0.8}, now, operator=0.7)
    assert stricter.replay.lost.total() == 0, "it was none by the settings as they are"


def test_what_lies_further_back_is_left_out(sqlite_store: Store, now: datetime) -> None:
    brand_id = builders.house(sqlite_store, now).brand_id
    judge(sqlite_store, brand_id, now - timedelta(days=20), [("one", 0.6, "en"), ("two", 0.1, "en")])
    month, week = (simulating.what_if(sqlite_store, brand_id, {"threshold": 0.8}, now, days=days) for days in (30, 7))
    assert (month.replay.cases, month.replay.posts_aside) == (1, 1)
    assert (week.replay.cases, week.replay.posts_aside) == (0, 0)


def test_nothing_is_changed_by_trying(sqlite_store: Store, now: datetime) -> None:
    brand_id = builders.house(sqlite_store, now).brand_id
    judge(sqlite_store, brand_id, now, [("one", 0.6, "en")])
    before = brand_of(sqlite_store, brand_id)
    simulating.what_if(sqlite_store, brand_id, {"threshold": 0.8, "minutes": [9, 8, 7, 6]}, now)
    assert brand_of(sqlite_store, brand_id) == before


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"threshold": None, "thresholds": None, "minutes": [1440, 240, 60, 15], "six_thousand": 6000}, {}),
        ({"thresholds": {}}, {}),
        ({"hours": None}, {}),
        ({"threshold": 0.4, "six_thousand": 6000}, {"threshold": 0.4}),
        ({"minutes": [9, 8, 7, 6]}, {"minutes": [9, 8, 7, 6]}),
    ],
)
def test_only_what_differs_is_a_change(
    sqlite_store: Store, now: datetime, given: dict[str, Any], left: dict[str, Any]
) -> None:
    brand = brand_of(sqlite_store, builders.house(sqlite_store, now).brand_id)
    assert simulating.what_changes(brand, given) == left


def test_a_default_is_gone_back_to(sqlite_store: Store, now: datetime) -> None:
    brand = brand_of(sqlite_store, builders.house(sqlite_store, now).brand_id)
    own = replace(brand, settings={"minutes": [9, 8, 7, 6], "threshold": 0.4})
    assert simulating.what_changes(own, {"minutes": [1440, 240, 60, 15]}) == {"minutes": None}
    assert simulating.what_changes(own, {"threshold": None}) == {"threshold": None}


def decided(store: Store, now: datetime, complaints: int, others: int) -> int:
    """Let people answer complaints at 0.9 and dismiss others at 0.6; return the brand."""
    house = builders.house(store, now)
    judge(store, house.brand_id, now, [(f"c{n}", 0.9, "en") for n in range(complaints)])
    judge(store, house.brand_id, now, [(f"o{n}", 0.6, "pl") for n in range(others)])
    with store.reading() as work:
        rows = list(cases.desk(work, "complaints", limit=200))
    for row in rows:
        if row.lang == "en":
            reviewing.answered_by_hand(store, house.lead, row.id, "https://x.example/1", now)
        else:
            reviewing.dismiss(store, house.lead, row.id, "not a complaint", now)
    return house.brand_id


def test_the_point_that_costs_least_is_found_in_peoples_decisions(sqlite_store: Store, now: datetime) -> None:
    brand_id = decided(sqlite_store, now, 30, 25)
    found = simulating.choices(sqlite_store, brand_id, {"threshold": 0.95}, now, set_model="rules")
    assert (found.all.decisions, found.all.complaints, found.figures) == (55, 30, ())
    assert found.all.now
    assert found.all.then
    assert found.all.cheapest
    assert (found.all.now.cost, found.all.then.cost, found.all.cheapest.cost) == (25, 150, 0)
    assert found.all.cheapest.threshold == 0.61
    assert [(one.lang, one.decisions, one.enough) for one in found.languages] == [("en", 30, False), ("pl", 25, False)]
    assert simulating.choices(sqlite_store, brand_id, {}, now + timedelta(days=91)).all.decisions == 0


def test_with_few_decisions_nothing_is_made_up(sqlite_store: Store, now: datetime, tmp_path: Path) -> None:
    brand_id = decided(sqlite_store, now, 20, 5)
    figures = {"en": {"rows": 900, "points": [[0.3, 0.8, 0.9], [0.6, 0.9, 0.7]]}}
    (tmp_path / "config.json").write_text(json.dumps({"amends": {"threshold": {"": 0.3}, "figures": figures}}))
    few = simulating.choices(sqlite_store, brand_id, {}, now, set_model=str(tmp_path))
    assert (few.all.decisions, few.all.now, few.all.cheapest) == (25, None, None)
    (figure,) = few.figures
    assert (figure.lang, figure.rows, figure.at(None), figure.at(0.55)) == ("en", 900, (0.3, 0.8, 0.9), (0.6, 0.9, 0.7))


def test_the_judges_own_point_is_that_of_the_one_that_took_over(
    sqlite_store: Store, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"amends": {"threshold": {"": 0.31}}}))
    brand_id = builders.house(sqlite_store, now).brand_id
    with sqlite_store.unit_of_work() as work:
        trials.change(work, trials.start(work, str(tmp_path), None, now, now) or 0, state="taken_over", taken_at=now)
    assert simulating.choices(sqlite_store, brand_id, {}, now, set_model="shipped").own == {"": 0.31}
    assert simulating.choices(sqlite_store, brand_id, {}, now, set_model="rules").own == {}


@pytest.mark.parametrize(
    "said", [None, "no json", "[]", '{"amends": 1}', '{"amends": {"threshold": {}, "figures": {"en": {}}}}', "{}"]
)
def test_a_model_that_says_nothing_of_itself_has_no_figures(tmp_path: Path, said: str | None) -> None:
    if said is not None:
        (tmp_path / "config.json").write_text(said)
    assert simulating.own_figures(str(tmp_path)) == ({}, ())


def test_the_shipped_model_says_where_it_decides() -> None:
    own, _ = simulating.own_figures("shipped")
    assert 0 < own[""] < 1
