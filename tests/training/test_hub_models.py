"""A directory as the hub has them, with PyTorch weights or with ONNX, goes the way of the model that ships."""

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from monitor.classifiers import load
from monitor.domain.errors import BadInput
from monitor.ports import Classifier

pytestmark = pytest.mark.torch
TEXTS = ["my kettle is broken", "lovely soup", "the train was late again", "", "my parcel"]


@pytest.fixture(scope="module")
def torch_directory(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentiment model with random weights in safetensors."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("hub") / "tiny-torch"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(base / name, folder / name)
    labels = {0: "negative", 1: "neutral", 2: "positive"}
    config = BertConfig.from_pretrained(base, num_labels=3, id2label=labels, pad_token_id=1)
    torch.manual_seed(3)
    model = BertForSequenceClassification(config)
    torch.nn.init.normal_(model.classifier.weight, std=2.0)  # so that texts are told apart
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def onnx_directory(torch_directory: Path) -> Path:
    """The same model in ONNX, without its PyTorch weights; its logits are not the first of its answers."""
    import torch
    from transformers import BertForSequenceClassification

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = BertForSequenceClassification.from_pretrained(torch_directory, attn_implementation="eager")

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            logits = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits.softmax(-1), logits

    folder = torch_directory.with_name("tiny-onnx")
    shutil.copytree(torch_directory, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    ids = torch.tensor([[0, 5, 6, 2], [0, 5, 2, 1]])
    free = {0: "texts", 1: "pieces"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of every branch; what comes out is compared
        torch.onnx.export(
            Logits().eval(),
            (ids, (ids != 1).long()),
            str(folder / "model.onnx"),
            input_names=["input_ids", "attention_mask"],
            output_names=["shares", "logits"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "shares": {0: "texts"}, "logits": {0: "texts"}},
            opset_version=20,
            dynamo=False,
        )
    return folder


def shares(judge: Classifier) -> list[float]:
    return [verdict.sentiment.negative for verdict in judge.assess(TEXTS)]


def test_pytorch_and_onnx_weights_of_one_model_give_one_verdict(torch_directory: Path, onnx_directory: Path) -> None:
    in_torch, in_onnx = shares(load(str(torch_directory), threads=1)), shares(load(str(onnx_directory), threads=1))
    assert in_torch == pytest.approx(in_onnx, abs=1e-4)
    assert len({round(share, 3) for share in in_torch}) >= 3


def test_pytorch_weights_judge_from_the_command_line(torch_directory: Path) -> None:
    command = [sys.executable, "-P", "-m", "api.cli", "assess", "--model", str(torch_directory)]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
    said = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=120)
    assert said.returncode == 0, said.stderr
    verdicts = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(verdicts) == len(TEXTS)
    assert all("tiny-torch" in verdict["version"] for verdict in verdicts)


def test_pytorch_weights_that_do_not_fit_are_refused_in_a_sentence(torch_directory: Path, tmp_path: Path) -> None:
    shutil.copytree(torch_directory, tmp_path / "copy")
    (tmp_path / "copy" / "model.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{broken}")
    with pytest.raises(BadInput, match="PyTorch cannot load"):
        load(str(tmp_path / "copy"))


def test_a_language_model_is_no_classifier(torch_directory: Path, tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    shutil.copytree(torch_directory, tmp_path / "copy", ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
    given = BertConfig.from_pretrained(torch_directory).to_dict()
    shape = {name: given[name] for name in ("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")}  # fmt: skip
    BertModel(BertConfig(**shape)).save_pretrained(tmp_path / "copy")
    with pytest.raises(BadInput, match=r"no classifier: its weights lack classifier\.bias"):
        load(str(tmp_path / "copy"))


def test_labels_that_say_nothing_of_sentiment_are_named(torch_directory: Path, tmp_path: Path) -> None:
    shutil.copytree(torch_directory, tmp_path / "copy")
    config = json.loads((tmp_path / "copy" / "config.json").read_text())
    config["id2label"] = {"0": "spring", "1": "autumn", "2": "winter"}
    (tmp_path / "copy" / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="spring, autumn, winter"):
        load(str(tmp_path / "copy"))
