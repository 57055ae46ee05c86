"""The demo brand: a furniture shop called Vela, with customers who write, and a platform that only we see."""

from datetime import datetime

from monitor.domain.errors import BadInput, Conflict, NotFound
from monitor.store import accounts, brands, removal, watches
from monitor.store.engine import Store, checkpoint

SLUG, NAME = "demo", "Vela"
HANDLE = "vela"
PLATFORMS = ("x", "reddit", "mastodon", "bluesky")  # not "review": there a reply is copied and posted by hand
EVERY_S = 2
_VOICE = {"signature": "Mara, Vela care", "contact": "DM"}
_SETTINGS = {"undo_s": 10}


def install(store: Store, now: datetime, *, speed: float = 1.0) -> None:
    """Add the demo brand and let its customers begin to write, `speed` times as fast as they did.

    Raises `Conflict` when it is there already.
    """
    if not 0 < speed < float("inf"):
        message = f"The speed must be a number above 0, not {speed:g}."
        raise BadInput(message, where="--speed")
    with store.unit_of_work() as work:
        taken = next((one for one in brands.all_brands(work) if one.slug == SLUG), None)
        if taken is not None:
            raise Conflict(_there_already(is_demo=taken.is_demo))
        brand_id = brands.create(work, SLUG, NAME, now, voice=_VOICE, settings=_SETTINGS, is_demo=True)
        for platform in PLATFORMS:
            accounts.add(work, brand_id, platform, HANDLE, "dryrun", now)
        query = {"path": "demo", "speed": speed}
        watches.add(work, brand_id, "replay", query, now, every_s=EVERY_S)


def _there_already(*, is_demo: bool) -> str:
    if is_demo:
        return (
            "The demo is there already: nothing was changed. To start it over: amends demo --remove, then amends demo"
        )
    return "A brand of yours is called demo: nothing was changed. The demo needs that short name for itself."


def remove(store: Store) -> None:
    """Delete every demo brand with all that came of it. Raises `NotFound` when there is none."""
    with store.unit_of_work(durable=True) as work:
        demos = [one.id for one in brands.all_brands(work) if one.is_demo]
        if not demos:
            message = "There is no demo to remove."
            raise NotFound(message)
        for one in demos:
            removal.remove_brand(work, one)
    checkpoint(store)
