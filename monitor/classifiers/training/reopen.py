"""Open an exported model again, to train on from it: its 8-bit weights, written out in full.

Checkpoints are large and stay where they were made; the model that ships is all that the next one needs.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertConfig

from monitor.classifiers.training.network import Judge
from monitor.classifiers.training.vocabulary import Piece, pieces_of
from monitor.domain.errors import BadInput

MODEL: Final = "model.onnx"
_MATRIX = re.compile(r"/(layers\.\d+/\w+|head)/(Gemm_)?MatMul_quant")
_IN_FULL = "judge."


def reopen(model: Path) -> tuple[Judge, list[Piece]]:
    """Return the network as it was exported and its pieces. Its table of pieces is in 8 bits until it learns.

    Raises `BadInput` for a graph that `export` did not write.
    """
    graph = onnx.load(str(model / MODEL)).graph
    values: dict[str, NDArray[np.generic]] = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    state = {name.removeprefix(_IN_FULL): value for name, value in values.items() if name.startswith(_IN_FULL)}
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
