"""What decides how unhappy a text is: one file a judge, named here and imported on first use."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from monitor.ports import Classifier

CLASSIFIERS: Final = {
    "rules": "monitor.classifiers.rules:build",
    "transformer": "monitor.classifiers.transformer:build",
    "ensemble": "monitor.classifiers.ensemble:build",
}
OWN: Final = frozenset({"", "shipped", "rules"})  # what a label of these means is known


def load(model: str = "", *, threads: int = 0, labels: str = "") -> Classifier:
    """Return a judge. `threads` bounds the arithmetic (0: as many as there are cores).

    "" or "shipped" is the model in the package, "rules" the word lists; anything else is a directory or a hub id
    in the Hugging Face layout. Several, divided by commas, judge together; "a:2,b" lets one count twice.
    `labels` says what a foreign model's labels mean ("anger=negative,joy=positive").
    Raises `BadInput` when the model cannot be used, saying what is missing.
    """
    several = "," in model and not Path(model).is_dir()
    name = "ensemble" if several else "rules" if model == "rules" else "transformer"
    module, factory = CLASSIFIERS[name].split(":")
    build: Any = getattr(import_module(module), factory)
    own = model in OWN
    classifier: Classifier = build(model="" if own else model, threads=threads, labels="" if own else labels)
    return classifier
