"""What writes first versions of replies: a literal registry, each drafter imported on first use."""

from importlib import import_module

from monitor.domain.errors import BadInput
from responders.ports import Drafter

DRAFTERS = {
    "composing": "responders.drafters.composing:ComposingDrafter",
}


def load(name: str) -> Drafter:
    """Give the drafter of a name. Raises `BadInput` for a name that is not in the registry."""
    if name not in DRAFTERS:
        message = f"There is no drafter “{name}”. Choose one of: {', '.join(DRAFTERS)}."
        raise BadInput(message, where="drafter")
    module, factory = DRAFTERS[name].split(":")
    drafter: Drafter = getattr(import_module(module), factory)()
    return drafter
