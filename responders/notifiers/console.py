"""Pages written to standard error: for trying Amends out with nobody to wake."""

import sys
from collections.abc import Sequence
from typing import TextIO

from responders.ports import Alert


class ConsoleNotifier:
    """Writes an alert where the operator sees it; the routes are not used."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def notify(self, alert: Alert, routes: Sequence[str]) -> None:
        """Write the alert once, whatever the routes."""
        del routes
        stream = self._stream or sys.stderr
        stream.write(f"{alert.title}\n{alert.body}\n")
        stream.flush()
