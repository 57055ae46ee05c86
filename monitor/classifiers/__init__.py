"""The judges. Each is one file; it is imported when it is first asked for."""

from functools import partial
from importlib import import_module
from typing import cast

from monitor.domain.errors import BadInput
from monitor.ports import Classifier

REGISTRY = {
    "rules": "monitor.classifiers.rules:build",
    "transformer": "monitor.classifiers.transformer:build",
}


def load(model: str = "", *, threads: int = 0) -> Classifier:
    """Return a judge: "" or "shipped" is the model in the package, "rules" the word lists, anything else a
    directory or a hub id in the Hugging Face layout. `threads` bounds the arithmetic (0: as many as cores).

    Raises `BadInput` when the model cannot be used, saying what is missing.
    """
    name = "rules" if model == "rules" else "transformer"
    return _factory(name)(model="" if model in {"", "shipped", "rules"} else model, threads=threads)


def _factory(name: str) -> "partial[Classifier]":
    module, _, attribute = REGISTRY[name].partition(":")
    return partial(cast("type[Classifier]", getattr(import_module(module), attribute)))


__all__ = ["REGISTRY", "BadInput", "Classifier", "load"]
