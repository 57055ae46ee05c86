"""Going on from what was learned: checkpoints, exported models, and the mean of several rounds.

Checkpoints are large and stay where they were made; the model that ships is all that the next one needs.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertConfig

from monitor.classifiers.training.network import Judge, restore
from monitor.classifiers.training.vocabulary import Piece, pieces_of
from monitor.domain.errors import BadInput

MODEL: Final = "model.onnx"
_MATRIX = re.compile(r"/(layers\.\d+/\w+|head)/(linear/|Gemm_)?MatMul_quant")
_IN_FULL = re.compile(
    r"^judge\.|(?<=\.)linear\."
)  # a matrix may have been split, see splitting.py: it is whole beside it


def taken(path: Path) -> tuple[Judge, list[Piece]]:
    """Return the network of a checkpoint or of an exported model, and its pieces."""
    return reopen(path) if (path / MODEL).is_file() else restore(path)


def average(rounds: Sequence[Path]) -> tuple[Judge, list[Piece]]:
    """Return the mean of several rounds of one judge: it forgets less of the earlier ones (Wortsman 2022).

    Raises `BadInput` for rounds that do not have the same pieces.
    """
    states: list[dict[str, torch.Tensor]] = []
    known: list[Piece] = []
    for path in rounds:
        judge, pieces = taken(path)
        if judge.words.rows is None:  # packed in one, learned in another
            judge.words.learn()
        if states and (pieces != known or judge.state_dict().keys() != states[0].keys()):
            message = f"{path} is not another round of {rounds[0]}: they do not read the same pieces."
            raise BadInput(message, where="checkpoint")
        known = pieces
        states.append(judge.state_dict())
    means = {
        name: torch.stack([state[name] for state in states]).mean(0)
        for name, value in states[0].items()
        if value.is_floating_point()  # the packed table is packed anew
    }
    judge.load_state_dict(states[0] | means)
    return judge, known


def reopen(model: Path) -> tuple[Judge, list[Piece]]:
    """Return the network as it was exported and its pieces. Its table of pieces is in 8 bits until it learns.

    Raises `BadInput` for a graph that `export` did not write.
    """
    graph = onnx.load(str(model / MODEL)).graph
    values: dict[str, NDArray[Any]] = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    state = {_IN_FULL.sub("", name): value for name, value in values.items()}
    for node in graph.node:
        if found := _MATRIX.fullmatch(node.name):
            name = node.input[1].removesuffix("_quantized")
            if not values.keys() >= {f"{name}_quantized", f"{name}_scale"}:
                continue  # said below, with whatever else is missing
            matrix = values[f"{name}_quantized"].astype(np.float32) * values[f"{name}_scale"]
            state[f"{found[1].replace('/', '.')}.weight"] = matrix.T
    pieces = pieces_of(Tokenizer.from_file(str(model / "tokenizer.json")))
    judge = Judge(BertConfig.from_pretrained(model), len(pieces))
    wanted = judge.state_dict().keys()
    if missing := wanted - state.keys():
        message = (
            f"{model / MODEL} was not written by this project's export: it has no {', '.join(sorted(missing)[:3])}."
        )
        raise BadInput(message, where="onward")
    judge.load_state_dict({name: torch.tensor(state[name]) for name in wanted})
    return judge.eval(), pieces
