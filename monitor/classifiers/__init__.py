"""What decides how unhappy a text is: one file a judge, named here and imported on first use."""

from importlib import import_module
from typing import Any, Final

from monitor.ports import Classifier

CLASSIFIERS: Final = {
    "rules": "monitor.classifiers.rules:build",
    "transformer": "monitor.classifiers.transformer:build",
}


def load(model: str = "", *, threads: int = 0) -> Classifier:
    """Return a judge. `threads` bounds the arithmetic (0: as many as there are cores).

    "" or "shipped" is the model in the package, "rules" the word lists; anything else is a directory or a hub id
    in the Hugging Face layout. Raises `BadInput` when the model cannot be used, saying what is missing.
    """
    name = "rules" if model == "rules" else "transformer"
    module, factory = CLASSIFIERS[name].split(":")
    build: Any = getattr(import_module(module), factory)
    classifier: Classifier = build(model="" if model in {"shipped", "rules"} else model, threads=threads)
    return classifier
