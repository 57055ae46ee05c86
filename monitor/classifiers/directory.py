"""A model's directory in the Hugging Face layout: where it is, and its tokenizer and description."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from monitor.classifiers.engines import ONNX_NAMES, TORCH_NAMES, weights_in
from monitor.domain.errors import BadInput

SHIPPED = Path(__file__).with_name("model")
_DESCRIBED = ("*.json", "*.txt", "*.model")
_WEIGHTS = (
    *((name, f"{name}_data") for name in ONNX_NAMES),
    *((files,) for files in dict.fromkeys(TORCH_NAMES.values())),
)
_MIB = 1 << 20
_LOOKED_AT = 16  # pieces of a MiB, of which the version of weights is told: models hold gigabytes


def find(model: str) -> Path:
    """Return the directory of a model: "" the one that ships, a path, or a hub id that is downloaded once.

    Raises `BadInput` when there is none.
    """
    if not model:
        return SHIPPED
    if Path(model).is_dir():
        return Path(model)
    if model.startswith((".", "/", "~")) or model.count("/") != 1:
        message = f"There is no model in {model}: give a directory in the Hugging Face layout, or a hub id such as owner/name."
        raise BadInput(message, where="model")
    return _download(model)


def _download(model: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        for weights in _WEIGHTS:
            found = Path(snapshot_download(model, allow_patterns=[*_DESCRIBED, *weights]))
            if weights_in(found):
                break
    except (OSError, ValueError) as error:
        message = f"The model {model} could not be had from the hub: {error} Check the name and the connection."
        raise BadInput(message, where="model") from error
    return found


def describe(directory: Path) -> tuple[Any, Any]:
    """Return the tokenizer and the configuration. Raises `BadInput` when they are broken, or want to run code."""
    config = _read(directory, "AutoConfig")
    return _read(directory, "AutoTokenizer"), config


def labels_of(directory: Path) -> list[str]:
    """Return what a model calls its labels. Raises `BadInput` as `describe` does."""
    return list((getattr(_read(directory, "AutoConfig"), "id2label", None) or {}).values())


def _read(directory: Path, what: str) -> Any:
    if not (directory / "config.json").is_file():
        message = f"There is no config.json in {directory}: it is not a model in the Hugging Face layout."
        raise BadInput(message, where="model")
    _refuse_code(directory)
    logging.getLogger("transformers").addFilter(_no_word_of_pytorch)
    import transformers

    try:
        return getattr(transformers, what).from_pretrained(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"The tokenizer or the configuration in {directory} cannot be read: {error}"
        raise BadInput(message, where="model") from error


def _no_word_of_pytorch(record: logging.LogRecord) -> bool:
    """Without PyTorch transformers says so at every start; ONNX needs none."""
    return "PyTorch was not found" not in record.getMessage()


def _refuse_code(directory: Path) -> None:
    for name in ("config.json", "tokenizer_config.json"):
        try:
            said = json.loads((directory / name).read_text("utf-8"))
        except (OSError, ValueError):
            continue  # missing or broken: said where it is read
        if isinstance(said, dict) and said.get("auto_map"):
            message = f"The model in {directory} asks to run code of its own ({name}: auto_map). Amends never does."
            raise BadInput(message, where="model")


def name_of(model: str, directory: Path, labels: str) -> str:
    """Return a version for a model that has none: its name and what its description, labels and weights hash to."""
    digest = hashlib.sha256((directory / "config.json").read_bytes() + labels.encode())
    for path in weights_in(directory):
        size = path.stat().st_size
        digest.update(size.to_bytes(8))
        with path.open("rb") as weights:
            for piece in range(_LOOKED_AT):
                weights.seek(max(0, size - _MIB) * piece // (_LOOKED_AT - 1))
                digest.update(weights.read(_MIB))
    return f"{model.rstrip('/').rsplit('/', 1)[-1]}-{digest.hexdigest()[:8]}"
