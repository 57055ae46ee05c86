"""What every notifier must do. A new one adds itself to `NOTIFIERS`, with a place that shows what arrived."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO

import pytest

from responders import notifiers
from responders.notifiers.apprise_notifier import AppriseNotifier
from responders.notifiers.console import ConsoleNotifier
from responders.ports import Alert, Notifier
from tests.responders.servers import webhook

Arrived = Callable[[], str]  # everything that was shown to people so far


@contextmanager
def _apprise() -> Iterator[tuple[Notifier, list[str], Arrived]]:
    with webhook() as first, webhook() as second:
        yield AppriseNotifier(), [first.url, second.url], lambda: "\n".join(map(str, (*first.got, *second.got)))


@contextmanager
def _console() -> Iterator[tuple[Notifier, list[str], Arrived]]:
    stream = StringIO()
    yield ConsoleNotifier(stream), ["anything"], stream.getvalue


NOTIFIERS = {"apprise": _apprise, "console": _console}
ALERT = Alert("Urgent: safety - Vela", "safety: https://amends.example/cases/12", "https://amends.example/cases/12")


@pytest.fixture(params=sorted(NOTIFIERS))
def made(request: pytest.FixtureRequest) -> Iterator[tuple[Notifier, list[str], Arrived]]:
    with NOTIFIERS[request.param]() as made:
        yield made


def test_every_notifier_in_the_registry_is_held_to_this() -> None:
    assert set(NOTIFIERS) == set(notifiers.NOTIFIERS)
    for name in NOTIFIERS:
        assert hasattr(notifiers.load(name), "notify")


def test_an_alert_reaches_every_route_once_with_its_title_and_link(
    made: tuple[Notifier, list[str], Arrived],
) -> None:
    notifier, routes, arrived = made
    notifier.notify(ALERT, routes)
    assert arrived().count(ALERT.title) == len(routes)
    assert arrived().count(ALERT.url) == len(routes)


def test_a_second_alert_is_a_second_message(made: tuple[Notifier, list[str], Arrived]) -> None:
    notifier, routes, arrived = made
    for _ in range(2):
        notifier.notify(ALERT, routes)
    assert arrived().count(ALERT.title) == 2 * len(routes)
