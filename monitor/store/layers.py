"""The layers of brands: what each taught the judge, by number; one is in use at most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from monitor.store.engine import Work
from monitor.store.tables import brand, layer

CANDIDATE, IN_USE, REFUSED, RETIRED = "candidate", "in_use", "refused", "retired"


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer without its weights. `base` is "" while it is only asked for."""

    id: int
    brand_id: int
    number: int
    base: str
    learned_from: int
    held_back: int
    scores: Mapping[str, Any]
    state: str
    reason: str
    created_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None


_COLUMNS = [layer.c[name] for name in LayerRow.__slots__]


def all_of(work: Work, brand_id: int) -> list[LayerRow]:
    """Return every layer of a brand, newest first."""
    rows = work.execute(select(*_COLUMNS).where(layer.c.brand_id == brand_id).order_by(layer.c.number.desc()))
    return [LayerRow(*row) for row in rows]


def in_use(work: Work, brand_id: int) -> LayerRow | None:
    """Return the layer a brand uses, None when the judge answers alone."""
    row = work.execute(select(*_COLUMNS).where(layer.c.brand_id == brand_id, layer.c.state == IN_USE)).first()
    return LayerRow(*row) if row else None


def numbered(work: Work, brand_id: int, number: int) -> LayerRow | None:
    """Return the layer of a brand with this number."""
    row = work.execute(select(*_COLUMNS).where(layer.c.brand_id == brand_id, layer.c.number == number)).first()
    return LayerRow(*row) if row else None


def candidate(work: Work, brand_id: int) -> LayerRow | None:
    """Return the layer of a brand that was asked for and is not learned yet."""
    wanted = select(*_COLUMNS).where(layer.c.brand_id == brand_id, layer.c.state == CANDIDATE)
    row = work.execute(wanted.order_by(layer.c.number).limit(1)).first()
    return LayerRow(*row) if row else None


def candidates(work: Work) -> list[int]:
    """Return the brands that asked for a layer."""
    return list(work.execute(select(layer.c.brand_id).where(layer.c.state == CANDIDATE).distinct()).scalars())


def latest(work: Work) -> dict[int, LayerRow]:
    """Return the newest layer of each brand that has one, by brand."""
    newest = select(func.max(layer.c.id)).group_by(layer.c.brand_id)
    return {row.brand_id: LayerRow(*row) for row in work.execute(select(*_COLUMNS).where(layer.c.id.in_(newest)))}


def weights_in_use(work: Work, brand_ids: set[int], base: str) -> dict[int, tuple[int, bytes]]:
    """Return (id, weights) of the layers in use that stand on this judge, by brand."""
    wanted = select(layer.c.brand_id, layer.c.id, layer.c.weights)
    wanted = wanted.where(layer.c.state == IN_USE, layer.c.base == base, layer.c.brand_id.in_(brand_ids))
    return {row.brand_id: (row.id, row.weights) for row in work.execute(wanted)}


def weights_of(work: Work, layer_id: int, base: str) -> bytes | None:
    """Return the weights of a layer, in use or not; None where it stands on another judge."""
    found: bytes | None = work.execute(
        select(layer.c.weights).where(layer.c.id == layer_id, layer.c.base == base)
    ).scalar()
    return found


def hold(work: Work, brand_id: int) -> None:
    """Keep others from changing the layers of a brand until this transaction ends."""
    work.execute(select(brand.c.id).where(brand.c.id == brand_id).with_for_update(key_share=True))


def add(work: Work, brand_id: int, now: datetime, **values: Any) -> LayerRow:
    """Append a layer under the next number and return it; without more it is one that was asked for."""
    highest = select(func.coalesce(func.max(layer.c.number), 0)).where(layer.c.brand_id == brand_id)
    empty = {"base": "", "weights": b"", "scores": {}, "state": CANDIDATE, "learned_from": 0, "held_back": 0}
    row = {"brand_id": brand_id, "number": int(work.execute(highest).scalar_one()) + 1, "created_at": now}
    made = work.execute(insert(layer).returning(*_COLUMNS), {**row, **empty, **values}).one()
    return LayerRow(*made)


def change(work: Work, layer_id: int, **values: Any) -> LayerRow:
    """Set columns of a layer and return it."""
    return LayerRow(
        *work.execute(update(layer).where(layer.c.id == layer_id).values(**values).returning(*_COLUMNS)).one()
    )


def retire(work: Work, brand_id: int, now: datetime) -> None:
    """Take the layer a brand uses out of use."""
    mine = update(layer).where(layer.c.brand_id == brand_id, layer.c.state == IN_USE)
    work.execute(mine.values(state=RETIRED, retired_at=now))
