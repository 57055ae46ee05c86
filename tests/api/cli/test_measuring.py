"""evaluate and train, as the keeper of the judge runs them."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.api.cli.conftest import Amends
from tests.evaluation.labelled import put, put_own


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A folder with one small English set and one Polish one."""
    folder = tmp_path / "labelled"
    texts = [
        ("Awful: the kettle is broken, and still no reply.", "complaint"),
        ("Terrible service, I want a refund.", "complaint"),
        ("Lovely kettle, thank you!", "not_complaint"),
        ("It boils water.", "not_complaint"),
    ]
    rows = [{"text": text, "label": label, "domain": "food", "severity_name": "blame"} for text, label in texts]
    put(folder, "en/complaints_acl2019", rows)
    put(folder, "multi/pl", [{"text": "Okropna obsługa.", "label": "negative", "source": "wccrs_hotels"}], "pl")
    return folder


def test_evaluate_prints_what_is_reached_beside_what_must_be(amends: Amends, posts: Path) -> None:
    said = amends("evaluate", "--data", str(posts))
    assert said.code == 0
    (row,) = (line for line in said.out.splitlines() if line.startswith("complaint, complaints_acl2019"))
    assert "yes, and the aim" in row
    assert "wccrs_hotels" in said.out


def test_evaluate_names_what_it_could_not_measure(amends: Amends, posts: Path) -> None:
    said = amends("evaluate", "--data", str(posts))
    assert "en/airline_us.dev.jsonl.gz" in said.err
    assert any(line.startswith("airline, unhappy") and "not measured" in line for line in said.out.splitlines())


def test_evaluate_as_json_holds_everything(amends: Amends, posts: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    put_own(own, "polite", [{"text": "It did not come. Could you look?", "complaint": 1}])
    said = amends("evaluate", "--data", str(posts), "--own", str(own), "--json").data
    by_key = {one["key"]: one for one in said["lines"]}
    assert (said["version"], said["part"], said["posts"]) == ("rules-1", "dev", 5)
    assert (by_key["complaint"]["must"], by_key["complaint"]["met"]) == (87, True)
    assert by_key["complaint"]["low"] <= by_key["complaint"]["value"] <= by_key["complaint"]["high"]
    assert by_key["polite"]["rows"] == 1
    assert by_key["airline_unhappy"]["value"] is None
    assert {one["source"] for one in said["sources"]} == {"all", "complaints_acl2019", "wccrs_hotels"}
    assert said["reliability"]["en"][0].keys() == {"said", "true", "rows"}
    assert said["own"]["polite"]["en"]["found"]["rows"] == 1


def test_evaluate_draws_its_pictures_where_it_is_told(amends: Amends, posts: Path, tmp_path: Path) -> None:
    said = amends("evaluate", "--data", str(posts), "--pictures", str(tmp_path / "pictures"))
    assert sorted(one.name for one in (tmp_path / "pictures").iterdir()) == ["numbers.svg", "reliability.svg"]
    assert "reliability.svg" in said.err


def test_evaluate_without_posts_says_where_it_looked(amends: Amends, tmp_path: Path) -> None:
    said = amends("evaluate", "--data", str(tmp_path / "nowhere"))
    assert said.code == 1
    assert "There are no labelled posts in" in said.err
    assert amends("evaluate").code == 2


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed here")
def test_train_without_pytorch_says_how_to_install_it(amends: Amends, tmp_path: Path) -> None:
    said = amends("train", "--data", str(tmp_path), "--base", str(tmp_path), "--out", str(tmp_path / "out"))
    assert said.code == 1
    assert 'pip install "amends[train]"' in said.err


# Stands where PyTorch and the training would be, and does as they do: it reports, keeps a checkpoint, is interrupted.
_TRAINING = """
import sys, types
from dataclasses import dataclass, asdict
from pathlib import Path

train = types.ModuleType("monitor.classifiers.training.train")
export = types.ModuleType("monitor.classifiers.training.export")

@dataclass(frozen=True)
class Plan:
    data: Path
    base: Path
    out: Path
    rows: int = 0
    layers: int = 0
    seed: int = 0
    threads: int = 0
    noncommercial: bool = False
    onward: object = None
    rate: float = 0

def learn(plan, say):
    if (plan.out / "other").exists():
        raise ValueError("it was begun with another plan")
    say(1, 2, 0.5)
    (plan.out / "checkpoint").mkdir(exist_ok=True)
    if plan.seed == 13:
        raise KeyboardInterrupt
    (plan.out / "checkpoint" / "progress.json").write_text("{}")
    if plan.seed == 14:
        raise KeyboardInterrupt
    print({name: value for name, value in asdict(plan).items() if name not in {"data", "base", "out"}})
    return plan.out / "checkpoint"

train.Plan, train.train = Plan, learn
export.export = lambda data, checkpoints, out: print("exported", *(one.name for one in checkpoints), out.name)
sys.modules[train.__name__], sys.modules[export.__name__] = train, export

from api.cli import main
main()
"""


def trained(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    data, base = tmp_path / "posts", tmp_path / "base"
    for folder in (data / "en", data / "multi", base):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        (base / name).write_text(json.dumps({}))
    command = [sys.executable, "-c", _TRAINING, "train", "--data", str(data), "--base", str(base)]
    return subprocess.run(
        [*command, "--out", str(tmp_path / "out"), *words], capture_output=True, text=True, check=False
    )


def test_train_hands_its_options_on_and_exports_what_was_learned(data: Path, tmp_path: Path) -> None:
    said = trained(
        tmp_path,
        *(
            "--rows",
            "500",
            "--layers",
            "3",
            "--seed",
            "7",
            "--threads",
            "1",
            "--rate",
            "0.01",
            "--include-noncommercial",
        ),
    )
    assert said.returncode == 0, said.stderr
    plan, exported, end = said.stdout.splitlines()
    assert (
        plan
        == "{'rows': 500, 'layers': 3, 'seed': 7, 'threads': 1, 'noncommercial': True, 'onward': None, 'rate': 0.01}"
    )
    assert exported == "exported checkpoint model"
    assert str(tmp_path / "out" / "model") in end


@pytest.mark.parametrize(("seed", "told"), [("13", "too early"), ("14", "What was learned is kept")])
def test_training_that_is_stopped_says_how_to_go_on(data: Path, tmp_path: Path, seed: str, told: str) -> None:
    said = trained(tmp_path, "--seed", seed)
    assert said.returncode == 1
    assert told in said.stderr
    assert "the same command goes on" in said.stderr
    assert "exported" not in said.stdout


def test_a_checkpoint_of_another_plan_is_said_in_plain_words(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other").touch()
    said = trained(tmp_path)
    assert said.returncode == 1
    assert said.stderr.strip() == "it was begun with another plan"


def test_a_base_that_is_no_encoder_is_said_before_anything_is_made(data: Path, tmp_path: Path) -> None:
    said = trained(tmp_path, "--base", str(tmp_path / "posts"))
    assert said.returncode == 1
    assert "config.json" in said.stderr
    assert not (tmp_path / "out").exists()


def test_another_round_needs_the_checkpoint_or_model_it_goes_on_from(data: Path, tmp_path: Path) -> None:
    said = trained(tmp_path, "--onward", str(tmp_path / "nowhere"))
    assert said.returncode == 1
    assert "judge.pt" in said.stderr
    assert "--onward" in said.stderr
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "model.onnx").touch()
    said = trained(tmp_path, "--onward", str(tmp_path / "half"))
    assert said.returncode == 1
    assert "half/tokenizer.json" in said.stderr
