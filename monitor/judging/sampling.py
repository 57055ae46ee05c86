"""Use case: have people check a few "not complaints" a day, drawn by lot, so that what the judge misses is seen too.

Each post that was set aside has a known chance of being drawn: likelier ones a larger one, all some. Whoever
estimates from the answers weighs each by one over its chance.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitor import assessment
from monitor.domain.errors import NotFound
from monitor.domain.lifecycle import Actor
from monitor.judging.correcting import say
from monitor.store import accounts, brands, mentions, samples
from monitor.store.engine import Store, Work
from monitor.store.samples import AsideRow, CheckRow

A_DAY = 3  # a brand; its setting `checks_a_day` says otherwise, 0 asks for none
_EVERY = timedelta(days=1)
_LOOKS_BACK = timedelta(days=7)  # further than that a brand that draws again does not reach
_WAITS_FOR = timedelta(days=7)  # a check that nobody answered until then lapses
_LEAST = 0.1  # added to each probability: what seems sure has its chance, too


def draw_due(work: Work, now: datetime, chance: random.Random | None = None) -> int:
    """Draw today's checks of the brands that have none since a day; returns how many were drawn."""
    drawn, last = 0, samples.last_drawn(work)
    for brand in brands.all_brands(work):
        since = last.get(brand.id, now - _EVERY)
        wanted = int(brand.settings.get("checks_a_day", A_DAY))
        if wanted and (brand.id not in last or since <= now - _EVERY):
            found = samples.set_aside(work, brand.id, max(since, now - _LOOKS_BACK), now)
            ours = {(one.platform, _name(one.handle)) for one in accounts.of_brand(work, brand.id)}
            theirs = [row for row in found if (row.platform, _name(row.handle)) not in ours]
            drawn += samples.add(work, brand.id, draw(theirs, wanted, chance or random.Random()), now)
    return drawn


def _name(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def draw(rows: Sequence[AsideRow], wanted: int, chance: random.Random) -> Mapping[int, float]:
    """Draw about `wanted` of the posts, and return the chance each had, by mention.

    Systematic sampling in a random order: a post's chance is exactly what is returned, and never above one.
    """
    chances = _chances({row.id: _LEAST + row.complaint for row in rows}, wanted)
    mark, passed, found = chance.random(), 0.0, {}
    for mention_id in chance.sample(list(chances), len(chances)):
        passed += chances[mention_id]
        if passed > mark:
            found[mention_id] = chances[mention_id]
            mark += 1
    return found


def _chances(sizes: Mapping[int, float], wanted: int) -> dict[int, float]:
    """Share `wanted` draws out by size; whoever would get more than one gets one, and the rest is shared again."""
    if len(sizes) <= wanted:
        return dict.fromkeys(sizes, 1.0)
    sure: set[int] = set()
    while True:
        whole = sum(size for one, size in sizes.items() if one not in sure)
        share = (wanted - len(sure)) / whole
        more = {one for one, size in sizes.items() if one not in sure and size * share >= 1}
        if not more:
            return {one: 1.0 if one in sure else size * share for one, size in sizes.items()}
        sure |= more


def waiting(work: Work, brand_id: int | None, now: datetime | None = None, limit: int = 50) -> list[CheckRow]:
    """Return the posts to check, of one brand or all, oldest first; what was deleted or decided meanwhile is left out.

    `now` leaves out what was drawn over a week before.
    """
    since = now - _WAITS_FOR if now else datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return samples.waiting(work, brand_id, since, limit)


def answer(store: Store, actor: Actor, mention_id: int, is_complaint: bool, now: datetime) -> int:  # noqa: FBT001  it is the answer
    """Take down whether a drawn post is a complaint; returns the correction's id. One that is gets its case at once.

    Raises `NotFound` for a post that was not drawn or is gone, and `NotAllowed` for an observer.
    """
    with store.unit_of_work(durable=True) as work:
        if not samples.is_drawn(work, mention_id):
            message = f"Nobody was asked to check mention number {mention_id}."
            raise NotFound(message)
        made = say(work, actor, mention_id, now, is_complaint=is_complaint, given_in="check")
        if is_complaint and mentions.case_of(work, mention_id) is None:
            assessment.open_found(work, actor, mention_id, now)
        return made
