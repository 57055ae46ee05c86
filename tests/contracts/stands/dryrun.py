"""The dry-run platform: a file of its own, shown to nobody."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.domain.records import Login
from responders.ports import Target
from responders.publishers.dryrun import FILE, build, posts
from tests.contracts.stands.base import PublisherStand


def publisher_stand() -> PublisherStand:
    folder, numbers = TemporaryDirectory(), count(1)
    data = Path(folder.name)

    def standing() -> list[tuple[str, str]]:
        return [(one.in_reply_to, one.text) for one in posts(data / FILE) if one.deleted_at is None]

    return PublisherStand(
        build(data),
        None,
        Login("x", "", "vela_care", "1"),
        lambda: Target("x", str(next(numbers)), "ana", "The lid broke."),
        standing,
        delete_target=lambda _id: None,
        move=lambda _seconds: None,
        data=data,
        close=folder.cleanup,
    )
