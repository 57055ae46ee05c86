"""Where the arithmetic happens: ONNX Runtime when the model has ONNX weights, PyTorch when it is installed."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.domain.errors import BadInput

ONNX_NAMES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx", "model_int8.onnx", "onnx/model_int8.onnx")  # fmt: skip
TORCH_NAMES = {  # and all files that belong to it
    "model.safetensors": "model*.safetensors",
    "model.safetensors.index.json": "model*.safetensors",
    "pytorch_model.bin": "pytorch_model*.bin",
}
_OURS = ("logits", "features", "marks")
_GIVEN = ("input_ids", "attention_mask", "token_type_ids")  # the last are zeros: of one text there is one segment
_ON_A_GPU = ("CUDAExecutionProvider", "ROCMExecutionProvider")

Inputs = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model made of some texts."""

    logits: NDArray[np.float32]  # (texts, columns)
    features: NDArray[np.float32]  # (texts, width); of a model that gives none, its logits
    marks: NDArray[np.float32] | None = None  # (texts, pieces, flags): how far each piece speaks for each flag


class Engine(Protocol):
    """Runs a model over padded input. Several threads may ask at once."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """Return what a model raises that does not fit what it is given."""
        ...

    def run(self, inputs: Inputs) -> Answer:
        """Take arrays of shape (texts, pieces)."""
        ...


def open_engine(directory: Path) -> Engine:
    """Open the weights in a directory. Raises `BadInput` saying what is missing or broken."""
    found = weights_in(directory)
    if found and found[0].suffix == ".onnx":
        return _OnnxEngine(found[0])
    if not found:
        message = f"There are no weights in {directory}: looked for {', '.join([*ONNX_NAMES, *TORCH_NAMES])}."
        raise BadInput(message, where="model")
    if find_spec("torch") is None:
        message = (
            f"The model in {directory} has PyTorch weights and no ONNX weights. "
            'Install PyTorch with `pip install "amends[torch]"`, or export the model to ONNX.'
        )
        raise BadInput(message, where="model")
    return _TorchEngine(directory)


def weights_in(directory: Path) -> list[Path]:
    """Return the files that hold the weights which are read, the first of them first; none when there are none."""
    for name in ONNX_NAMES:
        if (directory / name).is_file():
            return [directory / name, *sorted((directory / name).parent.glob(f"{Path(name).name}?*"))]
    pattern = next((files for name, files in TORCH_NAMES.items() if (directory / name).is_file()), None)
    return sorted(directory.glob(pattern)) if pattern else []


class _OnnxEngine:
    def __init__(self, weights: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # One thread a batch and several batches at once: a small network divided among cores mostly waits for itself.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: they are raised as well
        broken = onnxruntime.capi.onnxruntime_pybind11_state
        self.errors = (broken.Fail, broken.InvalidArgument, broken.RuntimeException, broken.NotImplemented)
        there = onnxruntime.get_available_providers()
        providers = [*(name for name in _ON_A_GPU if name in there), "CPUExecutionProvider"]
        try:
            self._session: Any = onnxruntime.InferenceSession(weights, options, providers=providers)
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
        named = [one.name for one in self._session.get_outputs()]
        one = ["logits"] if "logits" in named else named[:1]
        self._asked = [name for name in _OURS if name in named] if set(_OURS[:2]) <= set(named) else one
        unknown = sorted(set(self._wanted) - set(_GIVEN))
        if unknown:
            message = f"The model in {weights} asks for {', '.join(unknown)}; Amends gives {', '.join(_GIVEN)}."
            raise BadInput(message, where="model")

    def run(self, inputs: Inputs) -> Answer:
        nothing = np.zeros_like(inputs["input_ids"])
        given = {name: inputs.get(name, nothing) for name in self._wanted}
        logits, *more = (np.asarray(one, np.float32) for one in self._session.run(self._asked, given))
        return Answer(logits, *more) if more else Answer(logits, logits)


class _TorchEngine:
    errors = (RuntimeError, ValueError, TypeError, IndexError)

    def __init__(self, directory: Path) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForSequenceClassification

        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            model, loaded = AutoModelForSequenceClassification.from_pretrained(directory, output_loading_info=True)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            message = f"PyTorch cannot load the model in {directory}: {error}"
            raise BadInput(message, where="model") from error
        missing = sorted(loaded["missing_keys"])
        if missing:
            message = (
                f"The model in {directory} is no classifier: its weights lack {', '.join(missing)}. "
                "Choose one that was trained to tell sentiment or complaints."
            )
            raise BadInput(message, where="model")
        if self._device == "cpu":
            torch.set_num_threads(1)  # as with ONNX: several batches at once
        self._model: Any = model.eval().to(self._device)

    def run(self, inputs: Inputs) -> Answer:
        with self._torch.inference_mode():
            tensors = {name: self._torch.from_numpy(values).to(self._device) for name, values in inputs.items()}
            logits = np.asarray(self._model(**tensors).logits.float().cpu().numpy(), np.float32)
        return Answer(logits, logits)
