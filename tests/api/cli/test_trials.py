"""amends trial, as an operator meets it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.domain.records import Kind
from monitor.judging import trying
from monitor.store import trials
from monitor.store.engine import Store
from tests import builders
from tests.api.cli.conftest import Amends
from tests.api.cli.test_care import check
from tests.making import ago, verdict
from tests.monitor.judging.test_trying import Held, Other, says


@pytest.fixture
def posts(stored: Store) -> list[int]:
    """Three posts that a judge took for complaints: one of today, two of forty days ago."""
    now = datetime.now(UTC)
    house = builders.house(stored, now)
    return [*says(stored, house, ago(now, days=40), "an old one", "another"), *says(stored, house, now, "a kettle")]


def reads(store: Store) -> None:
    judge = Other({"a kettle": verdict(Kind.NONE)})
    while trying.step(store, Held(lambda: judge), "me", lambda: datetime.now(UTC)):
        pass


def begin(amends: Amends, *words: str) -> None:
    assert amends("trial", "start", *(words or ("owner/name",))).code == 0


def test_a_trial_from_start_to_finish(
    amends: Amends, stored: Store, posts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_MODEL", "shipped")
    assert "Trial 1 of owner/name: 0 of 1 posts read." in amends("trial", "start", "owner/name").out
    reads(stored)
    assert "read 1 posts; 1 verdicts would change" in amends("trial", "show", "--follow").out
    told = amends("trial", "diff").out
    assert "1 of 1 verdicts would change." in told
    assert "would no longer be complaints" in told
    assert "a kettle" in told
    assert "owner/name judges from now on" in amends("trial", "take-over").out
    assert "owner/name judges." in amends("trial", "list").out
    assert "it took over in trial 1" in check(amends("doctor", "--json").data, "judge")["said"]
    assert "shipped judges again" in amends("trial", "back").out
    assert "was dropped" in amends("trial", "drop", "1").out
    said = amends("trial", "back")
    assert (said.code, said.err.strip()) == (1, "No trial has taken over: there is nothing to go back to.")


def test_everything_is_there_for_programs(amends: Amends, stored: Store, posts: list[int]) -> None:
    assert amends("trial", "start", "owner/name", "--json").data["state"] == "running"
    reads(stored)
    assert amends("trial", "show", "--json").data["changed"] == 1
    found = amends("trial", "diff", "--json").data
    assert (found["changed"], found["by_kind"]["no_longer"], found["agreement"]["posts"]) == (1, 1, 0)
    (example,) = found["examples"]
    assert (example["mention_id"], example["changed"], example["new"]["version"]) == (
        posts[2],
        ["no_longer"],
        "other-1",
    )
    assert amends("trial", "list", "--json").data["judge"] == "rules"


@pytest.mark.parametrize(("since", "count"), [("30d", 1), ("8w", 3), ("12h", 1), ("all", 3), ("2000-01-01", 3)])
def test_how_far_back_it_reads(amends: Amends, posts: list[int], since: str, count: int) -> None:
    assert amends("trial", "start", "owner/name", "--since", since, "--json").data["total"] == count


def test_a_time_that_is_none_is_refused(amends: Amends, posts: list[int]) -> None:
    said = amends("trial", "start", "owner/name", "--since", "lately")
    assert said.code == 1
    assert "write 30d, 12h, 8w" in said.err


def test_a_folder_is_kept_with_its_whole_name(amends: Amends, stored: Store, posts: list[int], tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    begin(amends, "rules,ours:2")  # from the folder it stands in
    with stored.reading() as work:
        assert trials.all_of(work)[0].model == f"rules,{tmp_path}/ours:2"


def test_a_trial_that_failed_ends_with_an_error(amends: Amends, stored: Store, posts: list[int]) -> None:
    begin(amends)
    with stored.unit_of_work() as work:
        trials.change(work, 1, state="failed", error="There is no config.json in it.")
    said = amends("trial", "show")
    assert said.code == 1
    assert "There is no config.json in it." in said.out


def test_without_a_trial_there_is_nothing_to_show(amends: Amends, posts: list[int]) -> None:
    for command in ("show", "diff", "take-over", "drop"):
        said = amends("trial", command)
        assert (said.code, said.err.strip()) == (1, "There is no trial yet. Start one: amends trial start MODEL")


def test_doctor_says_when_the_environment_overrules_what_took_over(
    amends: Amends, stored: Store, posts: list[int]
) -> None:
    assert check(amends("doctor", "--json").data, "judge")["said"] == "rules judges."
    begin(amends)
    assert "0 of 1 posts" in check(amends("doctor", "--json").data, "trial")["said"]
    reads(stored)
    assert "AMENDS_MODEL is set to rules" in amends("trial", "take-over").err
    with stored.unit_of_work() as work:
        trials.change(work, 1, state="taken_over", taken_at=datetime.now(UTC) - timedelta(hours=1))
    one = check(amends("doctor", "--json").data, "judge")
    assert (one["level"], "owner/name, which took over in trial 1, rests" in one["said"]) == ("warn", True)
