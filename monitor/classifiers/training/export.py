"""Turn a checkpoint into the model that ships: ONNX in 8 bits, calibrated on the development parts.

python -m monitor.classifiers.training.export --data DATA --checkpoint OUT/checkpoint --out MODEL
"""

import argparse
import json
import random
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from monitor.classifiers.engines import open_engine
from monitor.classifiers.training.data import OTHERS, UNKNOWN, Row, dev_rows
from monitor.classifiers.training.network import HEADS, Judge, restore
from monitor.classifiers.training.train import padded
from monitor.classifiers.training.vocabulary import build_tokenizer, save_tokenizer

VERSION = "amends-judge-1"
_LENGTH = 128
_OPSET = 18
_GOLD = ("en/complaints_acl2019", "en/cesamard_reviews", "en/xfincorp")
_GOLD_WEIGHT, _SILVER_WEIGHT = 1.0, 0.15  # labels made from sentiment say less about probability
_SILVER_ROWS = 80  # of each language
_LOWEST_THRESHOLD, _HIGHEST_THRESHOLD = 0.3, 0.5


def to_onnx(judge: Judge, path: Path) -> None:
    """Write the network with free batch and length."""
    ids, mask = padded([[0, 5, 6, 2], [0, 5, 2]])
    axes = {name: {0: "texts", 1: "pieces"} for name in ("input_ids", "attention_mask")} | {"logits": {0: "texts"}}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer warns of every branch; the output is compared below
        torch.onnx.export(
            judge.float().eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


def quantise(full: Path, small: Path) -> None:
    """Bring the matrices to 8 bits; the embedding table is there already. Seven bits of range: exact without VNNI too."""
    quantize_dynamic(
        full, small, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True, weight_type=QuantType.QInt8
    )


def logits_of(directory: Path, rows: list[Row]) -> NDArray[np.float32]:
    """Run the exported model over texts: (rows, 8)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.enable_truncation(_LENGTH)
    engine = open_engine(directory, threads=2)
    ids = [encoded.ids for encoded in tokenizer.encode_batch([row.text for row in rows])]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = np.zeros((len(ids), 8), np.float32)
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        filled, mask = padded([ids[i] for i in chosen])
        out[chosen] = engine.logits({"input_ids": filled.numpy(), "attention_mask": mask.numpy()})
    return out


def platt(
    scores: NDArray[np.float32], labels: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[float, float]:
    """Fit sigmoid(scale * score + shift) by weighted maximum likelihood."""
    x, y, w = (torch.tensor(values, dtype=torch.float64) for values in (scores, labels, weights))
    parameters = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)

    def loss() -> torch.Tensor:
        return torch.nn.functional.binary_cross_entropy_with_logits(parameters[0] * x + parameters[1], y, weight=w)

    _minimise(parameters, loss)
    return float(parameters[0].detach()), float(parameters[1].detach())


def temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Fit the one number that makes the sentiment shares honest."""
    x, y = torch.tensor(logits, dtype=torch.float64), torch.tensor(labels)
    value = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    _minimise(value, lambda: torch.nn.functional.cross_entropy(x / value, y))
    return float(value.detach())


def _minimise(parameters: torch.Tensor, loss: Callable[[], torch.Tensor]) -> None:
    optimizer = torch.optim.LBFGS([parameters], max_iter=200)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)


def operating_point(probabilities: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
    """Choose where F2 is best: a complaint missed costs more than a look taken for nothing."""

    def f2(threshold: float) -> float:
        said = probabilities >= threshold
        hits = float((said & (labels == 1)).sum())
        return 5 * hits / (4 * float(labels.sum()) + float(said.sum()))

    return round(float(max(np.arange(_LOWEST_THRESHOLD, _HIGHEST_THRESHOLD + 0.001, 0.02), key=f2)), 2)


def _silver(data: Path, lang: str) -> list[Row]:
    """Return a few customers' posts of a language, the same at every run."""
    rows = [row for row in dev_rows(data, f"multi/{lang}") if row.complaint != UNKNOWN and row.weight >= 0.3]
    return random.Random(lang).sample(rows, min(len(rows), _SILVER_ROWS))


def calibrate(data: Path, directory: Path) -> dict[str, Any]:
    """Fit all that config.json holds beside the shape of the network."""
    gold = [row for name in _GOLD for row in dev_rows(data, name) if row.complaint != UNKNOWN]
    rows = gold + [row for lang in OTHERS for row in _silver(data, lang)]
    logits = logits_of(directory, rows)
    labels = np.array([row.complaint for row in rows], np.float32)
    weights = np.array([_GOLD_WEIGHT] * len(gold) + [_SILVER_WEIGHT] * (len(rows) - len(gold)), np.float32)
    scale, shift = platt(logits[:, 0], labels, weights)
    probabilities = 1 / (1 + np.exp(-(scale * logits[: len(gold), 0] + shift)))
    known = [i for i, row in enumerate(rows) if row.sentiment != UNKNOWN and row.has_neutral]
    return {
        "version": VERSION,
        "heads": {name: list(columns) for name, columns in HEADS.items()},
        "calibration": {"scale": scale, "shift": shift},
        "sentiment_temperature": temperature(logits[known, 1:4], np.array([rows[i].sentiment for i in known])),
        "threshold": operating_point(probabilities, labels[: len(gold)]),
        "max_length": _LENGTH,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def export(data: Path, checkpoint: Path, out: Path) -> None:
    """Write tokenizer, weights and config.json into `out`."""
    judge, pieces = restore(checkpoint)
    out.mkdir(parents=True, exist_ok=True)
    save_tokenizer(pieces, out, limit=_LENGTH)
    with tempfile.TemporaryDirectory() as scratch:
        to_onnx(judge, Path(scratch) / "full.onnx")
        quantise(Path(scratch) / "full.onnx", out / "model.onnx")
    config = judge.encoder.config.to_dict() | {"amends": calibrate(data, out)}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
    print(json.dumps(config["amends"], indent=2))
    assert build_tokenizer(pieces).get_vocab_size() == config["vocab_size"]


if __name__ == "__main__":
    given = _arguments()
    export(given.data, given.checkpoint, given.out)
