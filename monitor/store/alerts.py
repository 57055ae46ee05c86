"""Alerts, the pages that carry them, and the routes they go by."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update

from monitor.store.engine import Work, insert_new
from monitor.store.tables import alert, brand, delivery, page, route

WINDOW = timedelta(minutes=10)  # at most one page per brand in it
CLAIM_FOR = timedelta(minutes=2)
PAGE, UPDATE = "page", "update"
LONGEST = 500  # characters of a reason


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page to a brand's routes; alerts that came within its window are counted in its update."""

    id: int
    brand_id: int
    state: str
    update_state: str
    folded: int
    opened_at: datetime
    closes_at: datetime
    attempts: int
    sent_at: datetime | None
    error: str

    @property
    def part(self) -> str:
        """Return what is to be delivered now: the page itself, or the update that follows it."""
        return PAGE if self.state == "pending" else UPDATE


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert on a case and what became of the page, or the update of a page, that carries it."""

    case_id: int
    page_id: int
    reason: str
    created_at: datetime
    state: str
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as a page tells it: on a case, or on a watch."""

    id: int
    case_id: int | None
    watch_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class RouteRow:
    """Where a brand is paged. `url` is encrypted."""

    id: int
    brand_id: int
    name: str
    url: bytes
    active: bool


def _lock(work: Work, brand_id: int) -> None:
    """Keep everybody else from opening or closing a page of this brand until this transaction ends."""
    work.execute(select(brand.c.id).where(brand.c.id == brand_id).with_for_update())


def raise_alert(
    work: Work, brand_id: int, case_id: int, reason: str, now: datetime, *, again: bool = False
) -> int | None:
    """Raise an alert on a case, once. Returns the page that carries it; None when it was raised before.

    `again`: the case was settled since, so an alert that was told makes room for the new one.
    """
    mine = alert.c.case_id == case_id
    _lock(work, brand_id)
    if again:
        _make_room(work, mine)
    if work.execute(select(alert.c.id).where(mine)).first():
        return None
    return _add(work, brand_id, {"case_id": case_id, "reason": reason}, now)


def raise_on_watch(work: Work, brand_id: int, watch_id: int, reason: str, now: datetime) -> int:
    """Raise an alert on a watch and return the page that carries it.

    One that was not told yet takes the new reason in.
    """
    mine = alert.c.watch_id == watch_id
    _lock(work, brand_id)
    _make_room(work, mine)
    waiting = work.execute(select(alert.c.id, alert.c.page_id, alert.c.reason).where(mine)).first()
    if waiting is None:
        return _add(work, brand_id, {"watch_id": watch_id, "reason": reason[:LONGEST]}, now)
    if reason not in waiting.reason:
        both = f"{waiting.reason} {reason}"[:LONGEST]
        work.execute(update(alert).where(alert.c.id == waiting.id).values(reason=both))
    return int(waiting.page_id)


def _add(work: Work, brand_id: int, on: dict[str, object], now: datetime) -> int:
    page_id, part = _carrier(work, brand_id, 1, now)
    work.execute(insert(alert), {**on, "page_id": page_id, "part": part, "created_at": now})
    return page_id


def _make_room(work: Work, mine: ColumnElement[bool]) -> None:
    """Delete an alert that people were told of."""
    by_page = and_(alert.c.part == PAGE, page.c.state != "pending")
    by_update = and_(alert.c.part == UPDATE, page.c.update_state != "pending")
    told = select(alert.c.id).join(page, alert.c.page_id == page.c.id).where(mine, or_(by_page, by_update))
    work.execute(delete(alert).where(mine, alert.c.id.in_(told)))


def _carrier(work: Work, brand_id: int, count: int, now: datetime) -> tuple[int, str]:
    """Return the page, and the part of it, that is to carry `count` more alerts; opens one when none is under way."""
    # A page that could not be delivered yet takes in whatever comes: its window opens when it goes out.
    under_way = (page.c.brand_id == brand_id) & ((page.c.closes_at > now) | (page.c.state == "pending"))
    found = work.execute(select(page.c.id, page.c.state).where(under_way).order_by(page.c.id.desc()).limit(1)).first()
    if found is None:
        values = {"brand_id": brand_id, "state": "pending", "update_state": "none", "opened_at": now}
        values |= {"closes_at": now + WINDOW, "try_at": now}
        return int(work.execute(insert(page).returning(page.c.id), values).scalar_one()), PAGE
    if found.state == "pending":
        return int(found.id), PAGE
    counted = {"folded": page.c.folded + count, "update_state": "pending"}
    work.execute(update(page).where(page.c.id == found.id).values(**counted))
    return int(found.id), UPDATE


_PAGE = [page.c[name] for name in PageRow.__slots__]


def claim_due(work: Work, now: datetime, limit: int = 20) -> list[PageRow]:
    """Claim pages to deliver now: new ones, and the updates of those whose window has closed."""
    due = or_(page.c.state == "pending", (page.c.update_state == "pending") & (page.c.closes_at <= now))
    free = page.c.claimed_until.is_(None) | (page.c.claimed_until < now)
    ready = select(page.c.id).where(due, free, page.c.try_at <= now).order_by(page.c.id).limit(limit)
    ready = ready.with_for_update(skip_locked=True)
    values = {"claimed_until": now + CLAIM_FOR, "attempts": page.c.attempts + 1}
    mine = update(page).where(page.c.id.in_(ready.scalar_subquery())).values(**values).returning(*_PAGE)
    return sorted((PageRow(*row) for row in work.execute(mine)), key=lambda one: one.id)


def delivered(work: Work, row: PageRow, told: int, now: datetime, error: str = "") -> None:
    """Record that a page, or its update, got through. `told` is the newest alert it spoke of; later ones go on.

    `error` says which of several routes it will never reach.
    """
    _lock(work, row.brand_id)
    late = (alert.c.page_id == row.id) & (alert.c.id > told)  # they joined while it was on its way
    left = int(work.execute(select(func.count()).select_from(alert).where(late)).scalar_one())
    values: dict[str, object] = {"claimed_until": None, "attempts": 0, "error": error}
    if row.part == PAGE:
        work.execute(update(alert).where(late).values(part=UPDATE))
        values |= {"state": "sent", "sent_at": now, "closes_at": now + WINDOW, "folded": left}
        values |= {"update_state": "pending" if left else "none"}
    else:
        values |= {"update_state": "sent", "state": "sent", "sent_at": row.sent_at or now}
        if left:
            page_id, part = _carrier(work, row.brand_id, left, now)
            work.execute(update(alert).where(late).values(page_id=page_id, part=part))
    work.execute(update(page).where(page.c.id == row.id).values(**values))


def not_delivered(work: Work, row: PageRow, why: str, try_at: datetime | None) -> None:
    """Record a failed try; `try_at` None means that trying again will not help."""
    values: dict[str, object] = {"claimed_until": None, "error": why}
    if try_at is not None:
        values["try_at"] = try_at
    else:
        values |= {"state" if row.part == PAGE else "update_state": "failed", "attempts": 0}
    work.execute(update(page).where(page.c.id == row.id).values(**values))


def told_by(work: Work, row: PageRow) -> list[Told]:
    """Return the alerts to tell now, oldest first."""
    mine = alert.c.page_id == row.id
    if row.state != "failed":  # after a page that reached nobody, its update tells everything
        mine &= alert.c.part == row.part
    wanted = select(*[alert.c[name] for name in Told.__slots__]).where(mine).order_by(alert.c.id)
    return [Told(*one) for one in work.execute(wanted)]


def of_case(work: Work, case_id: int) -> AlertRow | None:
    """Return the alert of a case, if it raised one, and how far the page that carries it got."""
    wanted = select(alert, page.c.state, page.c.update_state, page.c.sent_at, page.c.error)
    row = work.execute(wanted.join(page, alert.c.page_id == page.c.id).where(alert.c.case_id == case_id)).first()
    if row is None:
        return None
    state, sent_at = row.state, row.sent_at
    if row.part == UPDATE:
        reached = (delivery.c.page_id == row.page_id) & (delivery.c.part == UPDATE) & (delivery.c.error == "")
        state = row.update_state
        sent_at = work.execute(select(func.max(delivery.c.created_at)).where(reached)).scalar()
    return AlertRow(case_id, row.page_id, row.reason, row.created_at, state, sent_at, row.error)


# --- routes ---------------------------------------------------------------------------------------------------


def add_route(work: Work, brand_id: int, name: str, url: bytes, now: datetime) -> int:
    """Add a route and return its id."""
    values = {"brand_id": brand_id, "name": name, "url": url, "created_at": now}
    return int(work.execute(insert(route).returning(route.c.id), values).scalar_one())


def routes(work: Work, brand_id: int) -> list[RouteRow]:
    """Return a brand's routes that are in use."""
    columns = [route.c[name] for name in RouteRow.__slots__]
    wanted = select(*columns).where(route.c.brand_id == brand_id, route.c.active).order_by(route.c.id)
    return [RouteRow(*row) for row in work.execute(wanted)]


def routes_left(work: Work, row: PageRow) -> list[RouteRow]:
    """Return the routes that have not been told of this page, or this update, yet."""
    done = exists().where(delivery.c.page_id == row.id, delivery.c.part == row.part, delivery.c.route_id == route.c.id)
    columns = [route.c[name] for name in RouteRow.__slots__]
    wanted = select(*columns).where(route.c.brand_id == row.brand_id, route.c.active, ~done).order_by(route.c.id)
    return [RouteRow(*one) for one in work.execute(wanted)]


def settle_route(work: Work, row: PageRow, route_id: int, now: datetime, error: str = "") -> None:
    """Record that a route was told, or (`error`) that it never can be: either way it is not tried again."""
    values = {"page_id": row.id, "route_id": route_id, "part": row.part, "error": error, "created_at": now}
    insert_new(work, delivery, [values])


def settled_routes(work: Work, row: PageRow) -> list[str]:
    """Return one entry per route that is settled: empty where it was told, else why it never can be."""
    wanted = select(delivery.c.error).where(delivery.c.page_id == row.id, delivery.c.part == row.part)
    return list(work.execute(wanted.order_by(delivery.c.id)).scalars())


def remove_route(work: Work, route_id: int) -> bool:
    """Remove a route and forget its address; what it was told stays on record. False when there was none."""
    mine = update(route).where(route.c.id == route_id, route.c.active)
    return work.execute(mine.values(active=False, url=b"")).rowcount == 1


def undelivered(work: Work) -> int:
    """Return how many pages wait to get through, for `/metrics`."""
    return int(work.execute(select(func.count()).where(page.c.state == "pending")).scalar_one())
