"""Ctrl-C for processes that tests begin."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def keys_heard() -> Iterator[None]:
    """Let processes begun here hear Ctrl-C, although a shell that runs the tests in the background ignores it for all."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
