"""Where the arithmetic happens: ONNX Runtime when the model has ONNX weights, PyTorch when it is installed."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.domain.errors import BadInput

ONNX_NAMES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx", "model_int8.onnx", "onnx/model_int8.onnx")  # fmt: skip
TORCH_NAMES = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


class Engine(Protocol):
    """Runs a model over padded input."""

    def logits(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """Take arrays of shape (texts, pieces) and return logits of shape (texts, columns)."""
        ...


def open_engine(directory: Path, *, threads: int = 0) -> Engine:
    """Open the weights in a directory. Raises `BadInput` saying what is missing or broken."""
    for name in ONNX_NAMES:
        if (directory / name).is_file():
            return _OnnxEngine(directory / name, threads)
    if not any((directory / name).is_file() for name in TORCH_NAMES):
        message = f"There are no weights in {directory}: looked for {', '.join(ONNX_NAMES + TORCH_NAMES)}."
        raise BadInput(message, where="model")
    if find_spec("torch") is None:
        message = (
            f"The model in {directory} has PyTorch weights and no ONNX weights. "
            'Install PyTorch with `pip install "amends[torch]"`, or export the model to ONNX.'
        )
        raise BadInput(message, where="model")
    return _TorchEngine(directory, threads)


class _OnnxEngine:
    def __init__(self, weights: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3  # errors only: they are raised as well
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others need the cores too
        broken = onnxruntime.capi.onnxruntime_pybind11_state
        try:
            self._session: Any = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        except (
            broken.Fail,
            broken.InvalidProtobuf,
            broken.InvalidGraph,
            broken.NoSuchFile,
            broken.NotImplemented,
        ) as error:
            message = f"ONNX Runtime cannot read {weights}: the file is broken or of a newer kind. {error}"
            raise BadInput(message, where="model") from error
        self._wanted = [given.name for given in self._session.get_inputs()]

    def logits(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        nothing = np.zeros_like(inputs["input_ids"])  # a model may ask for segment ids its tokenizer does not give
        (first, *_) = self._session.run(None, {name: inputs.get(name, nothing) for name in self._wanted})
        return np.asarray(first, np.float32)


class _TorchEngine:
    def __init__(self, directory: Path, threads: int) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification

        self._torch = torch
        if threads:
            torch.set_num_threads(threads)
        try:
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(directory).eval()
        except (OSError, ValueError, RuntimeError) as error:
            message = f"PyTorch cannot load the model in {directory}: {error}"
            raise BadInput(message, where="model") from error

    def logits(self, inputs: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        with self._torch.inference_mode():
            tensors = {name: self._torch.from_numpy(values) for name, values in inputs.items()}
            return np.asarray(self._model(**tensors).logits.float().numpy(), np.float32)
