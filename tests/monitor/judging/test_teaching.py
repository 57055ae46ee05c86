"""What a brand's people said changes its verdicts, no other brand's, and only where that proves to be better."""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor import forgetting
from monitor.assessment import assess_batch, open_by_hand
from monitor.classifiers import load
from monitor.domain.errors import Conflict, NotAllowed, NotFound
from monitor.domain.lifecycle import Action, Actor, Role
from monitor.domain.records import Verdict
from monitor.intake import add_posts
from monitor.judging import correcting, teaching
from monitor.ports import Classifier
from monitor.store import brands, cases, corrections, events, layers, mentions, removal, users
from monitor.store.engine import Store, take_lease
from monitor.store.layers import LayerRow
from tests.making import post

RULES = load("rules")
FANS = [f"This price is insane, my wallet is ruined, awful how nice your chair number {n} is" for n in range(200)]
PARCELS = [f"Parcel {n} arrived broken, late and nobody answers" for n in range(90)]


@dataclass
class Team:
    """A brand, a rival brand, and somebody who corrects."""

    store: Store
    now: datetime
    lead: Actor
    brand: int
    rival: int
    posts: int = 0

    def reads(self, texts: Sequence[str], brand: int | None = None, judge: Classifier = RULES) -> list[Any]:
        """Let posts come in, and return what the judge makes of them."""
        brand = brand or self.brand
        self.posts += len(texts)
        sent = [post(f"{brand}-{self.posts - n}", text) for n, text in enumerate(texts)]
        new = add_posts(self.store, brand, sent, self.now).new
        while assess_batch(self.store, judge, self.now):
            pass
        with self.store.reading() as work:
            return [mentions.latest_verdict(work, one) for one in new]

    def corrects(self, texts: Sequence[str], said: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[int]:
        ids = [row.mention_id for row in self.reads(texts)]
        words = [said] * len(ids) if isinstance(said, Mapping) else said
        return [
            correcting.correct(self.store, self.lead, one, self.now, given_in="api", **word)
            for one, word in zip(ids, words, strict=True)
        ]

    def learns(self, judge: Classifier = RULES, **later: float) -> LayerRow | None:
        self.now += timedelta(**(later or {"hours": 1}))
        return teaching.learn(self.store, judge, self.brand, self.now)

    def layers(self) -> dict[int, str]:
        with self.store.reading() as work:
            return {row.number: row.state for row in layers.all_of(work, self.brand)}

    def due(self, version: str = RULES.version) -> list[int]:
        with self.store.reading() as work:
            return teaching.due(work, version)


def assembled(store: Store, now: datetime) -> Team:
    with store.unit_of_work() as work:
        lead = Actor.person(users.add(work, "lea@example.com", "Lea", "-", Role.LEAD, now), Role.LEAD, "Lea")
        return Team(store, now, lead, brands.create(work, "vela", "Vela", now), brands.create(work, "rival", "R", now))


@pytest.fixture
def team(sqlite_store: Store, now: datetime) -> Team:
    return assembled(sqlite_store, now)


NO, YES = {"is_complaint": False}, {"is_complaint": True}


@pytest.fixture
def taught(team: Team) -> Team:
    """A team whose first layer is in use."""
    team.reads(PARCELS[:30])
    team.corrects(FANS[:60], NO)
    row = team.learns()
    assert row is not None
    assert (row.state, row.number, row.reason) == ("in_use", 1, "")
    return team


def test_corrections_of_one_kind_move_that_brand_alone_and_going_back_is_exact(store: Store, now: datetime) -> None:
    team = assembled(store, now)
    before, parcels = team.reads(FANS[:5]), team.reads(PARCELS)
    team.corrects(FANS, NO)
    row = team.learns()
    assert row is not None
    assert row.state == "in_use"
    assert row.learned_from + row.held_back == 200
    unseen = [text.replace("chair", "lamp shade") for text in FANS[:20]]
    for verdict in team.reads([*FANS[:5], *unseen]):
        assert (verdict.is_complaint, verdict.layer_id) == (False, row.id)
    assert [one.is_complaint for one in team.reads(PARCELS)] == [one.is_complaint for one in parcels]
    others = team.reads(FANS[:5], team.rival)
    assert [(one.complaint, one.layer_id) for one in others] == [(one.complaint, None) for one in before]
    teaching.use(store, team.lead, team.brand, None, team.now)
    assert [one.complaint for one in team.reads(FANS[:5])] == [one.complaint for one in before]
    teaching.use(store, team.lead, team.brand, 1, team.now)
    assert {one.is_complaint for one in team.reads(FANS[:5])} == {False}


def test_a_second_layer_that_is_worse_on_what_was_held_back_is_refused_with_its_reason(taught: Team) -> None:
    texts = [text.replace("chair", "rug") for text in FANS[:60]]
    ids = taught.reads(texts)  # by mistake: what is learned from says one thing, what is held back another
    for one in ids:
        said = not teaching.is_held_back(one.mention_id)
        correcting.correct(taught.store, taught.lead, one.mention_id, taught.now, is_complaint=said, given_in="api")
    row = taught.learns()
    assert row is not None
    assert row.state == "refused"
    assert "held back" in row.reason
    assert taught.layers() == {1: "in_use", 2: "refused"}
    assert not taught.reads(FANS[:1])[0].is_complaint


@pytest.mark.parametrize("seed", range(2))
def test_random_labels_are_not_put_in_use(team: Team, seed: int) -> None:
    dice = random.Random(seed)
    texts = [*FANS[:40], *PARCELS[:40], *(f"Saw the new window at shop {n}" for n in range(40))]
    team.corrects(texts, [{"is_complaint": dice.random() < 0.5} for _ in texts])
    row = team.learns()
    assert row is not None
    assert row.state == "refused"
    assert row.reason


def test_what_would_turn_over_posts_that_nobody_corrected_is_refused(team: Team) -> None:
    team.reads([f"{text}, said {n}" for text in PARCELS[:50] for n in range(3)])
    texts = [f"Parcel {n} from you arrived broken, late and nobody answers" for n in range(90)]
    team.corrects(texts, NO)
    row = team.learns()
    assert row is not None
    assert (row.state, "nobody corrected" in row.reason) == ("refused", True)


def test_severity_and_topics_are_learned_too_and_only_they(team: Team) -> None:
    team.corrects(PARCELS, {"severity": 3, "topics": ["staff"]})
    row = team.learns()
    assert row is not None
    assert (row.state, row.scores["kept"]) == ("in_use", ["severity", "topics"])
    (verdict,) = team.reads(["Parcel 99 arrived broken, late and nobody answers"])
    assert (verdict.severity, verdict.topics) == (3, ["staff"])
    assert verdict.complaint == team.reads([PARCELS[0]], team.rival)[0].complaint


def test_a_part_that_did_not_improve_keeps_what_was_learned_before(taught: Team) -> None:
    taught.corrects(PARCELS[30:], {"severity": 3})
    row = taught.learns()
    assert row is not None
    assert row.scores["kept"] == ["severity"]
    assert "Complaint:" in row.reason
    fan, parcel = taught.reads([FANS[0], PARCELS[0]])
    assert (fan.is_complaint, parcel.severity) == (False, 3)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Dying:
    """A judge whose process is killed at the nth question."""

    left: int
    version: str = RULES.version

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[Any] = ()) -> list[Verdict]:
        self._step()
        return RULES.assess(texts, hints, layers)

    def features(self, texts: Sequence[str]) -> Any:
        self._step()
        return RULES.features(texts)

    def why(self, text: str, layer: object = None) -> tuple[()]:
        return ()


@pytest.mark.parametrize("after", [0, 1, 3])
def test_killed_while_learning_the_old_layer_stays_and_the_next_try_succeeds(taught: Team, after: int) -> None:
    taught.corrects(PARCELS[30:], {"severity": 3})
    teaching.ask(taught.store, taught.lead, taught.brand, taught.now)
    with pytest.raises(Killed):
        taught.learns(Dying(after))
    assert taught.layers() == {1: "in_use", 2: "candidate"}
    assert not taught.reads(FANS[:1])[0].is_complaint
    assert taught.due() == [taught.brand]
    row = taught.learns()
    assert row is not None
    assert (row.number, taught.layers()) == (2, {1: "retired", 2: "in_use"})


def test_many_learn_at_once_and_one_layer_comes_of_it(store: Store, now: datetime) -> None:
    team = assembled(store, now)
    team.corrects(FANS[:60], NO)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: teaching.learn(store, RULES, team.brand, team.now), range(4)))
    made = [row for row in rows if row]
    assert made
    assert list(team.layers().values()).count("in_use") == 1
    assert [row.state for row in made].count("in_use") == 1


def test_while_one_learns_another_leaves_it(team: Team) -> None:
    team.corrects(FANS[:40], NO)
    found: list[LayerRow | None] = []

    class Nosy(Dying):
        def features(self, texts: Sequence[str]) -> Any:
            found.append(teaching.learn(team.store, RULES, team.brand, team.now))
            return RULES.features(texts)

    assert team.learns(Nosy(99)) is not None
    assert found == [None]


def test_what_a_killed_learner_held_is_free_after_a_while(team: Team) -> None:
    team.corrects(FANS[:40], NO)
    with team.store.unit_of_work() as work:
        take_lease(work, f"learn:{team.brand}", "the dead one", team.now, team.now + timedelta(minutes=6))
    assert team.learns(minutes=5) is None
    assert team.learns(minutes=2) is not None


def test_too_little_is_said_and_nothing_is_learned(team: Team) -> None:
    team.corrects(FANS[:19], NO)
    assert team.learns() is None
    with pytest.raises(Conflict, match="19 posts were corrected so far"):
        teaching.ask(team.store, team.lead, team.brand, team.now)
    assert (team.due(), team.layers()) == ([], {})


def test_it_is_due_after_enough_corrections_again_when_some_are_taken_back_and_for_another_judge(team: Team) -> None:
    given = team.corrects(FANS[:60], NO)
    assert team.due() == [team.brand]
    team.learns()
    assert team.due() == []
    assert team.due("another-judge") == [team.brand]
    team.now += timedelta(hours=1)
    for one in given[:19]:
        correcting.undo(team.store, team.lead, one, team.now)
    assert team.due() == []
    correcting.undo(team.store, team.lead, given[19], team.now)
    assert team.due() == [team.brand]


def test_asked_for_twice_it_is_one_and_what_was_taken_back_meanwhile_is_told(team: Team) -> None:
    given = team.corrects(FANS[:20], NO)
    first = teaching.ask(team.store, team.lead, team.brand, team.now)
    assert teaching.ask(team.store, team.lead, team.brand, team.now) == first
    assert team.due() == [team.brand]
    correcting.undo(team.store, team.lead, given[0], team.now)
    row = team.learns()
    assert row is not None
    assert (row.id, row.state) == (first.id, "refused")
    assert "19 posts are corrected" in row.reason
    assert team.due() == []


def test_many_ask_at_once_and_one_layer_is_asked_for(store: Store, now: datetime) -> None:
    team = assembled(store, now)
    team.corrects(FANS[:20], NO)
    with ThreadPoolExecutor(4) as pool:
        rows = set(pool.map(lambda _: teaching.ask(store, team.lead, team.brand, team.now).number, range(4)))
    assert (rows, team.layers()) == ({1}, {1: "candidate"})


def test_a_post_the_judge_failed_on_does_not_stop_learning(team: Team) -> None:
    team.corrects(FANS[:40], NO)
    (broken,) = team.reads([FANS[50]])
    with team.store.unit_of_work() as work:
        mentions.park(work, broken.mention_id, "The judge failed on this post three times.", team.now)
    correcting.correct(team.store, team.lead, broken.mention_id, team.now, is_complaint=False, given_in="queue")
    with team.store.reading() as work:
        assert broken.mention_id not in {row.mention_id for row in corrections.lessons(work, team.brand, 99)}
        assert FANS[50] not in {text for text, _ in corrections.others(work, team.brand, 99)}


def test_only_leads_say_which_layer_is_used_and_only_one_that_was(taught: Team) -> None:
    agent = Actor.person(taught.lead.user_id or 0, Role.AGENT, "Ann")
    with pytest.raises(NotAllowed):
        teaching.use(taught.store, agent, taught.brand, None, taught.now)
    with pytest.raises(NotFound, match="no layer number 7"):
        teaching.use(taught.store, taught.lead, taught.brand, 7, taught.now)
    taught.corrects(PARCELS[:30], YES)
    taught.learns()
    assert taught.layers() == {1: "in_use", 2: "refused"}
    with pytest.raises(Conflict, match="never in use"):
        teaching.use(taught.store, taught.lead, taught.brand, 2, taught.now)


def test_going_back_and_forth_is_written_down(taught: Team) -> None:
    for number in (None, 1, 1):
        teaching.use(taught.store, taught.lead, taught.brand, number, taught.now)
    with taught.store.reading() as work:
        told = [(row.who, row.data.get("layer")) for row in events.unprocessed(work, 9999) if row.kind == "layer"]
    assert told == [("learn", 1), ("Lea", None), ("Lea", 1)]


def test_decisions_confirm_or_contradict_the_judge_too(team: Team) -> None:
    kept, dropped, other, by_hand = team.reads([PARCELS[0], FANS[0], FANS[1], "Nice window at Vela"])
    with team.store.unit_of_work() as work:
        for row, reason in ((dropped, "not a complaint"), (other, "answered elsewhere")):
            case_id = mentions.case_of(work, row.mention_id) or 0
            cases.transition(work, case_id, Action.DISMISS, team.lead, team.now, close_reason=reason)
    open_by_hand(team.store, team.lead, by_hand.mention_id, team.now)
    correcting.correct(team.store, team.lead, kept.mention_id, team.now, is_complaint=True, given_in="case")
    with team.store.reading() as work:
        found = {row.mention_id: (row.is_complaint, row.express) for row in corrections.lessons(work, team.brand, 99)}
    assert found == {
        kept.mention_id: (True, True),
        dropped.mention_id: (False, False),
        by_hand.mention_id: (True, False),
    }


def test_weights_that_went_bad_are_left_out_and_the_judge_answers_alone(taught: Team) -> None:
    alone = taught.reads(FANS[:1], taught.rival)[0].complaint
    with taught.store.unit_of_work() as work:
        row = layers.in_use(work, taught.brand)
        assert row is not None
        layers.change(work, row.id, weights=b"broken")
    (verdict,) = taught.reads(FANS[:1])
    assert (verdict.complaint, verdict.layer_id) == (alone, None)


def test_another_judge_does_not_use_what_this_one_was_taught(taught: Team) -> None:
    (verdict,) = taught.reads(FANS[:1], judge=Dying(9, version="another-judge"))
    assert (verdict.layer_id, verdict.is_complaint) == (None, True)


def test_what_is_deleted_teaches_no_more(team: Team) -> None:
    team.corrects(FANS[:20], NO)
    with team.store.unit_of_work() as work:
        forgetting.forget(work, team.brand, "x", [f"{team.brand}-{n}" for n in range(1, 6)], team.now)
        assert corrections.count_standing(work, team.brand) == 15
    assert team.learns() is None


def test_a_demo_brand_goes_with_all_it_was_taught(store: Store, now: datetime) -> None:
    team = assembled(store, now)
    with store.unit_of_work() as work:
        team.brand = brands.create(work, "demo", "Demo", now, is_demo=True)
    team.corrects(FANS[:40], NO)
    team.learns()
    team.reads(FANS[:2])
    with store.unit_of_work() as work:
        removal.remove_brand(work, team.brand)
        assert corrections.brands_corrected(work) == []
        assert layers.latest(work) == {}
