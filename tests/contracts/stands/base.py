"""What an adapter brings to its contract suite: itself, on a platform that stands on loopback."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from monitor.domain.records import Login, Watch
from monitor.ports import MentionSource
from monitor.simulated.server import Simulated
from responders.ports import Publisher, Target


def _nothing() -> None:
    """Leave everything as it is."""


@dataclass(frozen=True)
class SourceStand:
    """A source, a watch with nothing to find yet, and what makes posts for it."""

    source: MentionSource
    watch: Watch
    platform: Simulated | None  # None: it reads no server
    post: Callable[[str], str]  # a customer writes this, and whatever the watch looks for. Returns the external id
    move: Callable[[float], None]  # so many seconds pass, here and there
    edit: Callable[[str, str], None] | None = None  # external id, new text
    delete: Callable[[str], None] | None = None  # its author deletes it
    close: Callable[[], None] = _nothing  # what is to be done after a test; the platform is stopped anyway


@dataclass(frozen=True)
class PublisherStand:
    """A publisher, our login, and a look at what stands on the platform."""

    publisher: Publisher
    platform: Simulated | None  # None: the dry run
    login: Login
    target: Callable[[], Target]  # a customer writes something that we may answer
    standing: Callable[[], list[tuple[str, str]]]  # our replies there now: (external id they answer, text)
    delete_target: Callable[[str], None]
    move: Callable[[float], None]
    corrects_in_place: bool = True  # False: a correction is a second reply, and the first one stays or goes
    data: Path = Path()  # the folder it was built with
    close: Callable[[], None] = _nothing
