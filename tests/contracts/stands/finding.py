"""Finds the stands: one module a platform, beside this one."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from tests.contracts.stands.base import PublisherStand, SourceStand


def _module(name: str) -> Any:
    where = f"tests.contracts.stands.{name}"
    return import_module(where) if find_spec(where) else None


def _without(what: str, name: str, why: str) -> Callable[[], Any]:
    def make() -> Any:
        pytest.fail(f"the {what} {name} has no stand in tests/contracts/stands/{name}.py, so nothing tries it: {why}")

    return make


def sources(names: Iterable[str]) -> Iterator[tuple[str, Callable[[], SourceStand]]]:
    """Yield ("platform-kind", maker) of every stand. One that is missing yields a maker that fails and says so."""
    for name in names:
        try:
            module = _module(name)
        except ImportError as error:
            yield name, _without("source", name, str(error))
            continue
        stands: dict[str, Callable[[], SourceStand]] = module.source_stands() if module else {}
        yield from ((f"{name}-{kind}", make) for kind, make in stands.items())
        if not stands:
            yield name, _without("source", name, "it needs source_stands()")


def publishers(names: Iterable[str]) -> Iterator[tuple[str, Callable[[], PublisherStand]]]:
    """Yield (name, maker) of every stand, as `sources` does."""
    for name in names:
        try:
            make = getattr(_module(name), "publisher_stand", None)
        except ImportError as error:
            make = _without("publisher", name, str(error))
        yield name, make or _without("publisher", name, "it needs publisher_stand()")
