"""Turn a checkpoint into the model that ships: ONNX in 8 bits, calibrated on the development parts.

python -m monitor.classifiers.training.export --data DATA --checkpoint OUT/checkpoint --out MODEL
"""

import argparse
import hashlib
import json
import random
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from monitor.classifiers.engines import open_engine
from monitor.classifiers.reading import languages_in
from monitor.classifiers.training.calibration import (
    curve,
    flag_points,
    gain_of_leaning,
    leaning,
    operating_point,
    platt,
    temperature,
)
from monitor.classifiers.training.data import (
    FLAG_NAMES,
    SENTIMENTS,
    TOPIC_NAMES,
    UNKNOWN,
    Row,
    dev_rows,
    flag_dev_rows,
    own_texts,
)
from monitor.classifiers.training.network import HEADS, POSITIONS, WIDTH, Judge
from monitor.classifiers.training.recipes import ENGLISH, OTHERS
from monitor.classifiers.training.rounds import average
from monitor.classifiers.training.splitting import ASIDE, split
from monitor.classifiers.training.train import padded
from monitor.classifiers.training.vocabulary import build_tokenizer, save_tokenizer
from monitor.domain.errors import BadInput
from monitor.domain.signals import find_flags

NAME: Final = "amends-judge-2"
_OPSET = 20
_GOLD = ("en/complaints_acl2019", "en/cesamard_reviews", "en/xfincorp")
_ENGLISH_POSTS = "en/tweeteval_sentiment"
_GOLD_WEIGHTS = {
    "complaints_acl2019": 2.0,
    "cesamard_reviews": 0.8,
    "xfincorp": 0.6,
}  # posts count for more than reviews
_SILVER_WEIGHT = 0.15  # labels made from sentiment say less about probability
_ENOUGH = 250  # labelled rows from which a language is calibrated for itself
_WORTH_IT = 0.005  # what leaning must add to the mean recall of a language's sentiments
_EVERY = 10  # own text shows how large the inputs of a matrix become
_MOST = 1500  # rows of a language
_SILVER_ROWS = 80  # of each language, for those that are not


class _Both(torch.nn.Module):
    """The judge with what its heads read beside what they say, and how far each piece speaks for each flag.

    The heads read the mean over the pieces and are linear, so what a flag's head says is the mean of what it says of
    each piece: the marks point at the words without another pass.
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        states = self.judge.states(input_ids, attention_mask)
        pooled = self.judge.mean(states, attention_mask)
        marks = states @ self.judge.head.weight[slice(*HEADS["flags"])].T
        return self.judge.head(pooled), pooled, marks


def to_onnx(judge: Judge, path: Path) -> None:
    """Write the network with free batch and length."""
    ids, mask = padded([[0, 5, 6, 2], [0, 5, 2]])
    axes = {name: {0: "texts", 1: "pieces"} for name in ("input_ids", "attention_mask")}
    axes |= {name: {0: "texts"} for name in ("logits", "features")} | {"marks": {0: "texts", 1: "pieces"}}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer warns of every branch; the output is compared in the tests
        torch.onnx.export(
            _Both(judge.float()).eval(),
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits", "features", "marks"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )


def quantise(full: Path, small: Path) -> None:
    """Bring the matrices to 8 bits; the embedding table is there already. Seven bits of range: exact without VNNI too."""
    quantize_dynamic(
        full,
        small,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[node.name for node in onnx.load(full).graph.node if f"/{ASIDE}/" in node.name],
    )


def logits_of(directory: Path, rows: list[Row]) -> NDArray[np.float32]:
    """Run the exported model over texts: (rows, columns)."""
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.enable_truncation(POSITIONS)
    engine = open_engine(directory)
    ids = [encoded.ids for encoded in tokenizer.encode_batch([row.text for row in rows])]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = np.zeros((len(ids), WIDTH), np.float32)
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        filled, mask = padded([ids[i] for i in chosen])
        out[chosen] = engine.run({"input_ids": filled.numpy(), "attention_mask": mask.numpy()}).logits
    return out


def calibrate(data: Path, directory: Path) -> dict[str, Any]:
    """Fit all that config.json holds beside the shape of the network."""
    rows = [row for name in _GOLD for row in dev_rows(data, name) if row.complaint != UNKNOWN]
    for lang in OTHERS:
        labelled = [row for row in dev_rows(data, f"multi/{lang}") if row.weight >= 0.3 and row.complaint != UNKNOWN]
        rows += random.Random(lang).sample(labelled, min(len(labelled), _MOST))
    logits = logits_of(directory, rows)
    scores, labels = logits[:, 0], np.array([row.complaint for row in rows], np.float32)
    known = [i for i, row in enumerate(rows) if row.sentiment != UNKNOWN and row.has_neutral]
    even = temperature(logits[known, slice(*HEADS["sentiment"])], np.array([rows[i].sentiment for i in known]))
    places = {
        lang: np.array([i for i, row in enumerate(rows) if row.lang == lang], np.int64) for lang in ("en", *OTHERS)
    }
    able = {lang: where for lang, where in places.items() if _enough(labels[where])}
    if "en" not in able:
        message = f"The English development parts have too few labelled rows to calibrate on: {_ENOUGH} are needed."
        raise BadInput(message, where="data")
    fitted = {lang: platt(scores[where], labels[where], _weights(rows, where)) for lang, where in able.items()}
    fitted[""] = _for_the_rest(rows, scores, labels, places)
    sure = {lang: _probabilities(scores[where], fitted[lang]) for lang, where in able.items()}
    return {
        "version": f"{NAME}-{hashlib.sha256((directory / 'model.onnx').read_bytes()).hexdigest()[:8]}",
        "heads": {name: list(columns) for name, columns in HEADS.items()},
        "topics": list(TOPIC_NAMES),
        "calibration": {lang: {"scale": scale, "shift": shift} for lang, (scale, shift) in fitted.items()},
        "sentiment_temperature": even,
        "sentiment_shift": _leanings(data, directory, even),
        "threshold": {lang: operating_point(sure[lang], labels[where]) for lang, where in able.items()}
        | {"": operating_point(sure["en"], labels[able["en"]])},
        "figures": {
            lang: {"rows": len(where), "points": curve(sure[lang], labels[where])} for lang, where in able.items()
        },
        "flags": _flag_points(directory, rows, logits),
        "max_length": POSITIONS,
    }


def _leanings(data: Path, directory: Path, even: float) -> dict[str, list[float]]:
    """Fit what each language's sentiments lack, where that shows on posts it was not fitted on; in English without reviews."""
    found = {}
    for lang in ("en", *OTHERS):
        posts = dev_rows(data, _ENGLISH_POSTS if lang == "en" else f"multi/{lang}")
        learned = ENGLISH if lang == "en" else OTHERS[lang]  # other sources' terms may forbid commercial use
        rows = [row for row in posts if row.source in learned and row.sentiment != UNKNOWN and row.has_neutral]
        rows = random.Random(lang).sample(rows, min(len(rows), _MOST))
        if len(rows) >= _ENOUGH and len({row.sentiment for row in rows}) == len(SENTIMENTS):
            shares = logits_of(directory, rows)[:, slice(*HEADS["sentiment"])] / even
            labels = np.array([row.sentiment for row in rows])
            if gain_of_leaning(shares, labels) >= _WORTH_IT:
                found[lang] = leaning(shares, labels)
    return found


def _flag_points(directory: Path, posts: list[Row], logits: NDArray[np.float32]) -> dict[str, Any]:
    """Fit from which probability each flag is raised, with and without words that set it.

    Beside our own flagged texts stand those of `posts` that are no complaint, taken for free of flags: nearly all of what
    is read is like them, and a needless page is felt.
    """
    flagged, calm = flag_dev_rows(), [i for i, row in enumerate(posts) if row.complaint == 0]
    rows = flagged + [posts[i] for i in calm]
    truth = np.array([row.flags for row in flagged] + [(0,) * len(FLAG_NAMES)] * len(calm), np.float32)
    heard = [{hit.flag for hit in find_flags(row.text, languages_in(row.text))} for row in rows]
    words = np.array([[flag in said for flag in FLAG_NAMES] for said in heard], np.bool_)
    scores = np.concatenate([logits_of(directory, flagged), logits[calm]])[:, slice(*HEADS["flags"])]
    sure = _probabilities(scores, (1.0, 0.0))
    points = [flag_points(sure[:, i], words[:, i], truth[:, i]) for i in range(len(FLAG_NAMES))]
    alone, with_words = zip(*points, strict=True)
    return {"names": list(FLAG_NAMES), "alone": list(alone), "with_words": list(with_words)}


def _enough(labels: NDArray[np.float32]) -> bool:
    return len(labels) >= _ENOUGH and 0.05 <= float(labels.mean()) <= 0.95


def _weights(rows: list[Row], where: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.array([_GOLD_WEIGHTS.get(rows[i].source, rows[i].weight) for i in where], np.float32)


def _probabilities(scores: NDArray[np.float32], fitted: tuple[float, float]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-(fitted[0] * scores + fitted[1]))), np.float32)


def _for_the_rest(
    rows: list[Row], scores: NDArray[np.float32], labels: NDArray[np.float32], places: dict[str, NDArray[np.int64]]
) -> tuple[float, float]:
    """Fit for languages without labels of their own: English gold, and a few rows of every other language."""
    chosen: list[int] = []
    for lang, where in places.items():
        few = len(where) if lang == "en" else min(len(where), _SILVER_ROWS)
        chosen += random.Random(lang).sample(where.tolist(), few)
    picked = np.array(chosen)
    weights = np.array([_GOLD_WEIGHTS.get(rows[i].source, _SILVER_WEIGHT) for i in chosen], np.float32)
    return platt(scores[picked], labels[picked], weights)


def _some_texts(tokenizer: Tokenizer) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield ids and mask of our own texts, of every language some."""
    tokenizer.enable_truncation(POSITIONS)
    ids = sorted((one.ids for one in tokenizer.encode_batch([raw["text"] for raw in own_texts()[::_EVERY]])), key=len)
    for start in range(0, len(ids), 16):
        yield padded(ids[start : start + 16])


def export(data: Path, checkpoints: Sequence[Path], out: Path) -> None:
    """Write tokenizer, weights and config.json into `out`; of several rounds of one judge, their mean."""
    judge, pieces = average(checkpoints)
    judge.words.settle()
    split(judge, _some_texts(build_tokenizer(pieces)))
    out.mkdir(parents=True, exist_ok=True)
    save_tokenizer(pieces, out, limit=POSITIONS)
    with tempfile.TemporaryDirectory() as scratch:
        to_onnx(judge, Path(scratch) / "full.onnx")
        quantise(Path(scratch) / "full.onnx", out / "model.onnx")
    shape = judge.config.to_dict() | {"vocab_size": len(pieces), "max_position_embeddings": POSITIONS}
    config = shape | {"amends": calibrate(data, out)}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
    if build_tokenizer(pieces).get_vocab_size() != config["vocab_size"]:
        message = "The tokenizer and the network do not have the same vocabulary."
        raise ValueError(message)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--checkpoint", type=Path, nargs="+", required=True, help="checkpoints or models; of several rounds: their mean"
    )
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    export(given.data, given.checkpoint, given.out)
