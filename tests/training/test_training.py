"""The judge is trained, stopped, taken up again and exported; what comes out judges. Needs PyTorch."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from monitor.classifiers import load

pytestmark = pytest.mark.torch
ROWS = 1_200


def plan(data: Path, base: Path, out: Path, **more: Any) -> Any:
    from monitor.classifiers.training.train import Plan

    given = {"rows": ROWS, "layers": 2, "pieces": 80, "batch": 1_000, "rate": 2e-3, "threads": 1}
    return Plan(data, base, out, **(given | more))


def weights(checkpoint: Path) -> dict[str, Any]:
    import torch

    return dict(torch.load(checkpoint / "judge.pt", weights_only=True))


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.fixture(scope="module")
def trained(data: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from monitor.classifiers.training.train import train

    return train(plan(data, base, tmp_path_factory.mktemp("out")))


@pytest.fixture(scope="module")
def model(data: Path, trained: Path) -> Path:
    from monitor.classifiers.training.export import export

    out = trained.with_name("model")
    export(data, [trained], out)
    return out


def test_what_was_learned_is_the_same_at_every_run(data: Path, base: Path, trained: Path, tmp_path: Path) -> None:
    from monitor.classifiers.training.train import train

    again = weights(train(plan(data, base, tmp_path)))
    assert all(bool((again[name] == value).all()) for name, value in weights(trained).items())


def test_a_run_that_was_stopped_ends_where_it_would_have(data: Path, base: Path, trained: Path, tmp_path: Path) -> None:
    from monitor.classifiers.training.train import train

    said: list[int] = []

    def stop(done: int, total: int, _loss: float) -> None:
        said.append(done)
        if len(said) == 8:
            raise Stopped

    with pytest.raises(Stopped):
        train(plan(data, base, tmp_path, keep_every=5), stop)
    whole = weights(train(plan(data, base, tmp_path), lambda done, *_: said.append(done)))
    assert said[7:9] == [8, 6]  # the last one kept was the fifth
    assert said[-1] == len(set(said))
    assert all(bool((whole[name] == value).all()) for name, value in weights(trained).items())
    with pytest.raises(ValueError, match="begun with another plan"):
        train(plan(data, base, tmp_path, seed=21))


def test_another_round_begins_with_what_the_last_one_knew(
    data: Path, base: Path, trained: Path, tmp_path: Path
) -> None:
    from monitor.classifiers.training.train import train

    losses: dict[str, list[float]] = {"anew": [], "onward": []}
    first = plan(data, base, tmp_path / "anew", rows=300, rate=0.0)
    train(first, lambda _d, _t, loss: losses["anew"].append(loss))
    second = replace(first, out=tmp_path / "onward", onward=trained)
    train(second, lambda _d, _t, loss: losses["onward"].append(loss))
    assert losses["onward"][0] < 0.8 * losses["anew"][0]


def test_another_round_may_begin_with_the_exported_model(
    data: Path, base: Path, model: Path, trained: Path, tmp_path: Path
) -> None:
    import onnx
    import torch

    from monitor.classifiers.training.network import restore
    from monitor.classifiers.training.rounds import reopen
    from monitor.classifiers.training.train import padded, train
    from monitor.domain.errors import BadInput

    (judge, pieces), (before, known) = reopen(model), restore(trained)
    assert pieces == known
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    ids, mask = padded([one.ids for one in tokenizer.encode_batch(["my kettle is broken", "lovely soup"])])
    with torch.inference_mode():
        assert torch.allclose(judge(ids, mask), before(ids, mask), atol=0.15)  # 8 bits against 32
    onward = train(plan(data, base, tmp_path / "onward", rows=100, onward=model))
    assert not torch.equal(weights(onward)["head.weight"], judge.state_dict()["head.weight"])
    graph = onnx.load(str(model / "model.onnx"))
    graph.graph.initializer.pop()
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text((model / name).read_text())
    onnx.save(graph, str(tmp_path / "model.onnx"))
    with pytest.raises(BadInput, match="was not written by this project's export"):
        reopen(tmp_path)


def test_of_several_rounds_the_mean_is_taken(data: Path, base: Path, trained: Path, tmp_path: Path) -> None:
    import torch

    from monitor.classifiers.training.network import begin, restore, save
    from monitor.classifiers.training.rounds import average
    from monitor.classifiers.training.train import train
    from monitor.domain.errors import BadInput

    onward = train(plan(data, base, tmp_path / "onward", rows=100, onward=trained))
    mean, pieces = average([trained, onward])
    both = weights(trained), weights(onward)
    assert pieces == restore(trained)[1]
    for name in ("head.weight", "words.rows", "layers.1.up.weight"):
        assert not torch.equal(both[0][name], both[1][name])
        assert torch.allclose(mean.state_dict()[name], (both[0][name] + both[1][name]) / 2)
    save(begin(base, 2, list(range(30))), pieces[:30], tmp_path / "other")
    with pytest.raises(BadInput, match="do not read the same pieces"):
        average([trained, tmp_path / "other"])


def test_what_is_blurred_is_never_a_twin(data: Path) -> None:
    import random

    from monitor.classifiers.training import train
    from monitor.classifiers.training.data import training_rows

    rows = training_rows(data, 1)[:2_000]
    ids = [[7] * 20 for _ in rows]
    blurred = train._blurred(rows, ids, random.Random(1))
    assert all(now == before for row, now, before in zip(rows, blurred, ids, strict=True) if row.twin)
    alone = [now for row, now in zip(rows, blurred, strict=True) if not row.twin]
    share = sum(one.count(3) for one in alone) / sum(map(len, alone))
    assert 0.06 < share < 0.1


def test_twins_stand_in_one_batch_wherever_the_lengths_put_the_others(data: Path, trained: Path) -> None:
    from monitor.classifiers.training.data import training_rows
    from monitor.classifiers.training.network import restore
    from monitor.classifiers.training.train import batches, labels_of
    from monitor.classifiers.training.vocabulary import build_tokenizer

    rows = training_rows(data, 1)[:6_000]
    of_complaints, of_calm = ({row.twin for row in rows if row.twin and row.complaint == is_one} for is_one in (1, 0))
    met: list[str] = []
    for some, ids in batches(rows, build_tokenizer(restore(trained)[1]), 1_000, 1):
        assert len(some) * max(map(len, ids)) <= 1_000 + 2 * 80
        twins = labels_of(some)["twin"].tolist()
        for row, twin in zip(some, twins, strict=True):
            if twin >= 0:
                assert row.complaint == 1
                assert (some[twin].twin, some[twin].complaint) == (row.twin, 0)
                met.append(row.twin)
    assert len(met) > 1_000
    assert sorted(met) == sorted(of_complaints & of_calm)


def test_what_a_complaint_shares_with_its_twin_teaches_nothing() -> None:
    import torch

    from monitor.classifiers.training.network import apart

    logits = torch.tensor([1.0, 1.5, 0.3], requires_grad=True)
    apart(logits, torch.tensor([-1, 2, -1])).backward()
    pull = logits.grad
    assert pull is not None
    assert pull[0] == 0
    assert pull[1] < 0 < pull[2]
    assert float(pull.sum()) == pytest.approx(0, abs=1e-6)


def test_one_large_input_does_not_coarsen_the_others(trained: Path, tmp_path: Path) -> None:
    import onnx
    import torch

    from monitor.classifiers.engines import open_engine
    from monitor.classifiers.training.export import quantise, to_onnx
    from monitor.classifiers.training.network import restore
    from monitor.classifiers.training.splitting import split
    from monitor.classifiers.training.train import padded

    judge, _ = restore(trained)
    judge.words.settle()
    with torch.no_grad():
        judge.layers[0].up.bias[7] = 600.0
        judge.layers[0].down.weight[:, 7] /= 600.0
    ids, mask = padded([[0, *range(10 + i, 22 + i), 2] for i in range(16)])
    with torch.inference_mode():
        wanted = judge(ids, mask).numpy()

    def off(name: str) -> float:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        to_onnx(judge, folder / "full.onnx")
        quantise(folder / "full.onnx", folder / "model.onnx")
        found = open_engine(folder).run({"input_ids": ids.numpy(), "attention_mask": mask.numpy()}).logits
        return float(np.sqrt(((found - wanted) ** 2).mean()))

    whole = off("whole")
    split(judge, [(ids, mask)])
    with torch.inference_mode():
        assert np.abs(judge(ids, mask).numpy() - wanted).max() < 1e-4
    assert 7 in judge.layers[0].down.large
    assert off("split") < whole / 2
    kinds = {node.name: node.op_type for node in onnx.load(str(tmp_path / "split" / "model.onnx")).graph.node}
    assert kinds["/layers.0/down/aside/MatMul"] == "MatMul"  # those of eight bits are called MatMulInteger


def test_a_rare_sentiment_is_leaned_to_half_way() -> None:
    from monitor.classifiers.training.calibration import leaning

    counts = np.array([100, 400, 900])
    found = leaning(np.zeros((counts.sum(), 3), np.float32), np.repeat(np.arange(3), counts))
    half = np.log(counts) / 2  # all of it would be the shares of these posts, nothing of it three that count alike
    assert np.allclose(found, half - half.mean(), atol=0.01)


def test_leaning_is_measured_on_posts_it_was_not_fitted_on() -> None:
    from monitor.classifiers.training.calibration import gain_of_leaning

    chance = np.random.default_rng(3)
    labels = np.repeat(np.arange(3), (300, 1_200, 1_200))
    fair = chance.normal(size=(len(labels), 3)) + 1.5 * np.eye(3)[labels]
    deaf = fair - [1.5, 0, 0]  # to unhappy posts
    assert gain_of_leaning(deaf.astype(np.float32), labels) > 0.03


def test_only_languages_that_gain_by_it_lean(data: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.classifiers.training import export

    assert export._leanings(data, model, 1.0) == {}  # too few posts
    monkeypatch.setattr(export, "_ENOUGH", 100)
    monkeypatch.setattr(export, "_WORTH_IT", -1.0)
    every = export._leanings(data, model, 1.0)
    assert {"en", "ar"} <= every.keys()
    assert "nl" not in every  # subtitles only, and those have no neutral class
    assert all(len(by) == 3 and abs(sum(by)) < 0.01 for by in every.values())
    monkeypatch.setattr(export, "_WORTH_IT", 1.0)
    assert export._leanings(data, model, 1.0) == {}


def test_the_exported_model_answers_as_the_network_does(model: Path, trained: Path) -> None:
    import torch

    from monitor.classifiers.engines import open_engine
    from monitor.classifiers.training.network import restore
    from monitor.classifiers.training.train import padded

    judge, _ = restore(trained)
    judge.words.settle()
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    ids, mask = padded([one.ids for one in tokenizer.encode_batch(["my kettle is broken", "lovely soup"])])
    answer = open_engine(model).run({"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    with torch.inference_mode():
        logits, pooled = judge(ids, mask).numpy(), judge.pooled(ids, mask).numpy()
    assert np.abs(answer.logits - logits).max() < 0.15  # 8 bits against 32
    assert np.abs(answer.features - pooled).max() < 0.15
    assert answer.marks is not None
    flags = (answer.marks * mask.numpy()[..., None]).sum(1) / mask.numpy().sum(1, keepdims=True)
    bias = weights(trained)["head.bias"].numpy()[-8:]
    assert np.abs(flags + bias - logits[:, -8:]).max() < 0.15  # what speaks for a flag, over all pieces, is its logit


def test_the_exported_model_judges_through_the_same_door_as_the_one_that_ships(model: Path) -> None:
    from monitor.classifiers.engines import open_engine
    from monitor.classifiers.training.train import padded

    text = "my parcel was late broken again"
    (verdict,) = load(str(model), threads=1).assess([text], ["en"])
    ids, mask = padded([Tokenizer.from_file(str(model / "tokenizer.json")).encode(text).ids])
    said = open_engine(model).run({"input_ids": ids.numpy(), "attention_mask": mask.numpy()}).logits[0]
    settings = json.loads((model / "config.json").read_text())["amends"]
    fitted = settings["calibration"]["en"]
    sure = 1 / (1 + np.exp(-(fitted["scale"] * said[0] + fitted["shift"])))
    assert verdict.complaint == pytest.approx(sure, abs=1e-3)
    urgent = 0.25 if verdict.flags else 1.0  # a quarter of the point is enough then
    assert verdict.is_complaint == (sure >= urgent * settings["threshold"]["en"])
    assert verdict.version == settings["version"]
