"""Brands, their accounts on platforms, and the watches that pull for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from monitor.domain.errors import BadInput, NotFound
from monitor.domain.triage import Hours, Promises
from monitor.store.engine import Work
from monitor.store.tables import brand

UNDO_SECONDS = 10


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand and its settings. `voice` holds the fields of `responders.ports.Voice`."""

    id: int
    slug: str
    name: str
    voice: Mapping[str, Any]
    settings: Mapping[str, Any]  # the brand's own: minutes, six_thousand, hours, undo_s
    is_demo: bool

    @property
    def promises(self) -> Promises:
        """Return the reply-by promises, defaults filled in."""
        plain = Promises()
        hours = self.settings.get("hours") or {}
        return Promises(
            minutes=tuple(self.settings.get("minutes") or plain.minutes),
            six_thousand=int(self.settings.get("six_thousand") or plain.six_thousand),
            hours=Hours(
                zone=hours.get("zone", "UTC"),
                days=frozenset(hours.get("days", ())),
                opens=time.fromisoformat(hours.get("opens", "00:00")),
                closes=time.fromisoformat(hours.get("closes", "00:00")),
            ),
        )

    @property
    def undo(self) -> timedelta:
        """Return how long an approval can be undone."""
        return timedelta(seconds=float(self.settings.get("undo_s", UNDO_SECONDS)))


def create(
    work: Work,
    slug: str,
    name: str,
    now: datetime,
    *,
    voice: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    is_demo: bool = False,
) -> int:
    """Add a brand and return its id. Raises `BadInput` when the short name is taken."""
    if work.execute(select(brand.c.id).where(brand.c.slug == slug)).first():
        message = f"There is a brand called {slug} already: choose another short name."
        raise BadInput(message, where="slug")
    values = {
        "slug": slug,
        "name": name,
        "voice": {"brand": name, **(voice or {})},
        "settings": dict(settings or {}),
        "is_demo": is_demo,
        "created_at": now,
    }
    return int(work.execute(insert(brand).returning(brand.c.id), values).scalar_one())


def _row(row: Row[Any]) -> BrandRow:
    return BrandRow(row.id, row.slug, row.name, row.voice, row.settings, row.is_demo)


def all_brands(work: Work) -> list[BrandRow]:
    """Return every brand, by name."""
    return [_row(row) for row in work.execute(select(brand).order_by(brand.c.name, brand.c.id))]


def get(work: Work, brand_id: int, *, lock: bool = False) -> BrandRow:
    """Return one brand; with `lock` nobody else changes it until this transaction ends. Raises `NotFound`."""
    wanted = select(brand).where(brand.c.id == brand_id)
    row = work.execute(wanted.with_for_update(key_share=True) if lock else wanted).first()
    if row is None:
        message = f"There is no brand number {brand_id}."
        raise NotFound(message)
    return _row(row)


def by_slug(work: Work, slug: str) -> BrandRow:
    """Return the brand with this short name. Raises `NotFound`."""
    row = work.execute(select(brand).where(brand.c.slug == slug)).first()
    if row is None:
        known = ", ".join(one.slug for one in all_brands(work)) or "none yet"
        message = f"There is no brand called {slug}. Known: {known}."
        raise NotFound(message)
    return _row(row)


def change(
    work: Work, brand_id: int, *, voice: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
) -> BrandRow:
    """Merge new values into a brand's voice or settings; a value of None goes back to the default."""
    now = get(work, brand_id, lock=True)
    merged_voice = {**now.voice, **(voice or {})}
    merged = {name: value for name, value in {**now.settings, **(settings or {})}.items() if value is not None}
    work.execute(update(brand).where(brand.c.id == brand_id).values(voice=merged_voice, settings=merged))
    return get(work, brand_id)
