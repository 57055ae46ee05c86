"""A judge that is a transformer: ours, or any sequence classifier in the Hugging Face layout."""

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classifiers.engines import ONNX_NAMES, TORCH_NAMES, Engine, open_engine
from monitor.classifiers.heads import Heads, Reading, heads_of
from monitor.classifiers.reading import identify
from monitor.domain.cleaning import clean
from monitor.domain.errors import BadInput
from monitor.domain.records import Flag, Sentiment, Severity, Span, Verdict
from monitor.domain.signals import find_flags, find_topics, needs_reply, tell_kind, tell_severity
from monitor.ports import Classifier

SHIPPED = Path(__file__).with_name("model")
_BATCH = 16
_WORDS_TRIED = 64  # each costs a pass through the model
_LEAST_WEIGHT = 0.1
_SILENCE = Reading(0.0, Sentiment(0.0, 1.0, 0.0), Severity.MISMATCH)  # of an empty text there is nothing to say
_WORD = re.compile(r"\S+")


class TransformerClassifier:
    """Judges by a transformer, and by the rules of `monitor.domain.signals` where the model has no say."""

    def __init__(self, tokenizer: Any, engine: Engine, heads: Heads, version: str) -> None:
        """Put a tokenizer (as transformers makes them), an engine and a reading of its output together."""
        self._tokenizer, self._engine, self._heads, self._version = tokenizer, engine, heads, version

    @property
    def version(self) -> str:
        """Name the model, as it is written on every verdict."""
        return self._version

    def assess(self, texts: Sequence[str], hints: Sequence[str] = ()) -> list[Verdict]:
        """Return one verdict per text, in order. `hints` are the platform's language guesses."""
        guesses = chain(hints, repeat(""))
        return [self._verdict(*given) for given in zip(texts, self._read(texts), guesses, strict=False)]

    def why(self, text: str) -> tuple[Span, ...]:
        """Return the words without which the text would read less like a complaint, strongest first."""
        words = list(islice(_WORD.finditer(text), _WORDS_TRIED))
        if not words:
            return ()
        whole, *without = self._read([text, *(text[: word.start()] + text[word.end() :] for word in words)])
        drops = [max(0.0, _log_odds(whole.complaint) - _log_odds(reading.complaint)) for reading in without]
        most = max(*drops, 1e-6)
        spans = (Span(word.start(), word.end(), drop / most) for word, drop in zip(words, drops, strict=True))
        return tuple(sorted((s for s in spans if s.weight >= _LEAST_WEIGHT), key=lambda s: -s.weight))

    def _read(self, texts: Sequence[str]) -> list[Reading]:
        cleaned = [clean(text) for text in texts]
        limit = self._heads.max_length
        ids = self._tokenizer(cleaned, truncation=True, max_length=limit)["input_ids"] if cleaned else []
        readings = [_SILENCE] * len(texts)
        for chosen in _alike([i for i, text in enumerate(cleaned) if text and ids[i]], ids):
            for i, row in zip(chosen, self._engine.logits(self._filled([ids[i] for i in chosen])), strict=True):
                readings[i] = self._heads.read(row)
        return readings

    def _filled(self, ids: list[list[int]]) -> dict[str, NDArray[np.int64]]:
        shape = len(ids), max(map(len, ids))
        filled, mask = np.full(shape, self._tokenizer.pad_token_id or 0, np.int64), np.zeros(shape, np.int64)
        for place, row in enumerate(ids):
            filled[place, : len(row)], mask[place, : len(row)] = row, 1
        return {"input_ids": filled, "attention_mask": mask}

    def _verdict(self, text: str, reading: Reading, hint: str) -> Verdict:
        flags = find_flags(text)
        # Missing an injury or a theft costs far more than reading one post for nothing.
        urgent = any(hit.flag is not Flag.PRESS for hit in flags)
        is_complaint = reading.complaint >= self._heads.threshold * (0.25 if urgent else 1.0)
        kind = tell_kind(text, is_complaint=is_complaint)
        severity = reading.severity if reading.severity is not None else tell_severity(text, reading.complaint, flags)
        return Verdict(
            lang=identify(text, hint),
            complaint=reading.complaint,
            is_complaint=is_complaint,
            kind=kind,
            sentiment=reading.sentiment,
            severity=severity if is_complaint else Severity.MISMATCH,
            needs_reply=needs_reply(kind, flags),
            flags=flags,
            topics=find_topics(text),
            version=self._version,
        )


def build(*, model: str = "", threads: int = 0) -> Classifier:
    """Load a model from a directory, or from the hub by its id; "" is the one that ships.

    Code that comes with a model is never run. Raises `BadInput` when it cannot be used, saying why.
    """
    directory = _directory(model)
    tokenizer, config = _described(directory)
    settings = getattr(config, "amends", None) or {}
    heads = heads_of(settings, getattr(config, "id2label", None) or {})
    return TransformerClassifier(
        tokenizer, open_engine(directory, threads=threads), heads, heads.version or _name(model, directory)
    )


def _directory(model: str) -> Path:
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

    small = ["*.json", "*.txt", "*.model"]
    try:
        found = Path(snapshot_download(model, allow_patterns=[*small, *ONNX_NAMES]))
        if not any((found / name).is_file() for name in ONNX_NAMES):
            found = Path(snapshot_download(model, allow_patterns=[*small, *TORCH_NAMES, "*.safetensors"]))
    except (OSError, ValueError) as error:
        message = f"The model {model} could not be had from the hub: {error} Check the name and the connection."
        raise BadInput(message, where="model") from error
    return found


def _described(directory: Path) -> tuple[Any, Any]:
    # Without PyTorch transformers says so at every start; ONNX needs none.
    logging.getLogger("transformers").addFilter(lambda record: "PyTorch was not found" not in record.getMessage())
    from transformers import AutoConfig, AutoTokenizer

    if not (directory / "config.json").is_file():
        message = f"There is no config.json in {directory}: it is not a model in the Hugging Face layout."
        raise BadInput(message, where="model")
    try:
        return AutoTokenizer.from_pretrained(directory), AutoConfig.from_pretrained(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"The tokenizer or the configuration in {directory} cannot be read: {error}"
        raise BadInput(message, where="model") from error


def _name(model: str, directory: Path) -> str:
    digest = hashlib.sha256((directory / "config.json").read_bytes()).hexdigest()
    return f"{model.rstrip('/').rsplit('/', 1)[-1]}-{digest[:8]}"


def _alike(places: list[int], ids: list[list[int]]) -> Iterator[list[int]]:
    """Group texts of like length: what is filled up to the longest costs as much as words do."""
    order = sorted(places, key=lambda i: len(ids[i]))
    for start in range(0, len(order), _BATCH):
        yield order[start : start + _BATCH]


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(bounded / (1 - bounded)))
