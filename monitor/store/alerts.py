"""Alerts, the pages that carry them, and the routes they go by."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select, update

from monitor.store.engine import Work, insert_new
from monitor.store.tables import alert, brand, page, route

WINDOW = timedelta(minutes=10)  # at most one page per brand in it
CLAIM_FOR = timedelta(minutes=2)


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


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert on a case and what became of its page."""

    case_id: int
    page_id: int
    reason: str
    created_at: datetime
    state: str
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class RouteRow:
    """Where a brand is paged. `url` is encrypted."""

    id: int
    brand_id: int
    name: str
    url: bytes
    active: bool


def raise_alert(work: Work, brand_id: int, case_id: int, reason: str, now: datetime) -> int | None:
    """Raise an alert on a case, once. Returns the page that carries it; None when it was raised before."""
    if work.execute(select(alert.c.id).where(alert.c.case_id == case_id)).first():
        return None
    # The brand's row is the lock: two workers cannot both open a page.
    work.execute(select(brand.c.id).where(brand.c.id == brand_id).with_for_update())
    wanted = select(page.c.id).where(page.c.brand_id == brand_id, page.c.closes_at > now)
    page_id = work.execute(wanted.order_by(page.c.id.desc()).limit(1)).scalar()
    first = page_id is None
    if page_id is None:
        values = {"brand_id": brand_id, "state": "pending", "update_state": "none", "opened_at": now}
        values |= {"closes_at": now + WINDOW, "try_at": now}
        page_id = work.execute(insert(page).returning(page.c.id), values).scalar_one()
    row = {"case_id": case_id, "page_id": page_id, "reason": reason, "created_at": now}
    if not insert_new(work, alert, [row]):
        return None
    if not first:
        counted = {"folded": page.c.folded + 1, "update_state": "pending"}
        work.execute(update(page).where(page.c.id == page_id).values(**counted))
    return int(page_id)


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


def delivered(work: Work, row: PageRow, now: datetime) -> None:
    """Record that a page, or its update, got through."""
    done = {"state": "sent", "sent_at": now} if row.state == "pending" else {"update_state": "sent"}
    work.execute(update(page).where(page.c.id == row.id).values(claimed_until=None, attempts=0, error="", **done))


def not_delivered(work: Work, row: PageRow, why: str, try_at: datetime | None) -> None:
    """Record a failed try; `try_at` None means that trying again will not help."""
    values: dict[str, object] = {"claimed_until": None, "error": why}
    if try_at is not None:
        values["try_at"] = try_at
    else:
        values["state" if row.state == "pending" else "update_state"] = "failed"
    work.execute(update(page).where(page.c.id == row.id).values(**values))


def cases_on(work: Work, page_id: int, limit: int = 20) -> list[tuple[int, str]]:
    """Return (case id, reason) of the alerts a page carries, oldest first."""
    wanted = select(alert.c.case_id, alert.c.reason).where(alert.c.page_id == page_id).order_by(alert.c.id)
    return [(row.case_id, row.reason) for row in work.execute(wanted.limit(limit))]


def of_case(work: Work, case_id: int) -> AlertRow | None:
    """Return the alert of a case, if it raised one."""
    columns = [alert.c.case_id, alert.c.page_id, alert.c.reason, alert.c.created_at, page.c.state, page.c.sent_at]
    wanted = select(*columns, page.c.error).join(page, alert.c.page_id == page.c.id)
    row = work.execute(wanted.where(alert.c.case_id == case_id)).first()
    return AlertRow(*row) if row else None


def add_route(work: Work, brand_id: int, name: str, url: bytes, now: datetime) -> int:
    """Add a route and return its id."""
    values = {"brand_id": brand_id, "name": name, "url": url, "created_at": now}
    return int(work.execute(insert(route).returning(route.c.id), values).scalar_one())


def routes(work: Work, brand_id: int) -> list[RouteRow]:
    """Return a brand's routes that are in use."""
    columns = [route.c[name] for name in RouteRow.__slots__]
    wanted = select(*columns).where(route.c.brand_id == brand_id, route.c.active).order_by(route.c.id)
    return [RouteRow(*row) for row in work.execute(wanted)]


def remove_route(work: Work, route_id: int) -> bool:
    """Remove a route; False when there was none."""
    return work.execute(delete(route).where(route.c.id == route_id)).rowcount == 1


def undelivered(work: Work) -> int:
    """Return how many pages wait to get through, for `/metrics`."""
    return int(work.execute(select(func.count()).where(page.c.state == "pending")).scalar_one())
