"""What tells people: a literal registry, each notifier imported on first use."""

from importlib import import_module

from monitor.domain.errors import BadInput
from responders.ports import Notifier

NOTIFIERS = {
    "apprise": "responders.notifiers.apprise_notifier:AppriseNotifier",
    "console": "responders.notifiers.console:ConsoleNotifier",
}


def load(name: str) -> Notifier:
    """Return the notifier of a name. Raises `BadInput` for a name that is not in the registry."""
    if name not in NOTIFIERS:
        message = f'There is no notifier "{name}". Choose one of: {", ".join(NOTIFIERS)}.'
        raise BadInput(message, where="notifier")
    module, factory = NOTIFIERS[name].split(":")
    notifier: Notifier = getattr(import_module(module), factory)()
    return notifier
