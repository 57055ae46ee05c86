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
    export(data, trained, out)
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
    assert verdict.is_complaint == (sure >= settings["threshold"]["en"])
    assert verdict.version == settings["version"]
