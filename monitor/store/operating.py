"""What an operator's commands ask of the database, and the small changes they make."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, inspect, select, table, update
from sqlalchemy.exc import SQLAlchemyError

from monitor.store import migrate
from monitor.store.engine import Store, Work
from monitor.store.ledger import ending_of
from monitor.store.tables import account, assessment, author, brand, case, case_mention, mention, route

_CHUNK = 1000


def rename_brand(work: Work, brand_id: int, name: str) -> None:
    """Change the name a brand has here. How customers know it is `voice.brand`."""
    work.execute(update(brand).where(brand.c.id == brand_id).values(name=name))


def every_route(work: Work) -> list[tuple[int, str, str, bytes]]:
    """Return (id, brand's short name, name, locked address) of the routes in use."""
    wanted = select(route.c.id, brand.c.slug, route.c.name, route.c.url).join(brand, route.c.brand_id == brand.c.id)
    return [
        (row.id, row.slug, row.name, row.url) for row in work.execute(wanted.where(route.c.active).order_by(route.c.id))
    ]


def locked_secrets(work: Work) -> list[bytes]:
    """Return every secret that is kept encrypted."""
    of_routes = work.execute(select(route.c.url).where(route.c.active)).scalars()
    of_accounts = work.execute(select(account.c.secret).where(account.c.secret.is_not(None))).scalars()
    return [*of_routes, *(secret for secret in of_accounts if secret)]


def newest_mention(work: Work) -> int:
    """Return the id of the newest mention, 0 when there is none."""
    return int(work.execute(select(func.coalesce(func.max(mention.c.id), 0))).scalar_one())


def history_since(work: Work, brand_id: int, mention_id: int) -> int:
    """Return how many of a brand's mentions after this id were already old when they arrived."""
    wanted = select(func.count()).where(mention.c.brand_id == brand_id, mention.c.id > mention_id, mention.c.is_history)
    return int(work.execute(wanted).scalar_one())


def newest_time(work: Work) -> datetime | None:
    """Return when the newest mention was stored: a clock that stands before it is wrong."""
    found: datetime | None = work.execute(select(func.max(mention.c.stored_at))).scalar()
    return found


def counts(work: Work) -> dict[str, int]:
    """Return how many rows each table has, whatever version made them."""
    names = sorted(inspect(work).get_table_names())
    return {name: int(work.execute(select(func.count()).select_from(table(name))).scalar_one()) for name in names}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A mention, what was made of it, and where it stands (as in the ledger). Words are None once purged."""

    id: int
    brand: str
    platform: str
    external_id: str
    author: str
    text: str | None
    url: str
    written_at: datetime | None
    stored_at: datetime
    lang: str | None
    complaint: float | None
    kind: str | None
    severity: int | None
    ending: str
    case: int | None
    case_state: str | None
    reply_by: datetime | None
    close_reason: str | None


def export(work: Work, brand_id: int) -> Iterator[ExportRow]:
    """Yield a brand's mentions in the order they were stored."""
    verdict = assessment.alias("verdict")
    newest = select(func.max(assessment.c.id)).where(assessment.c.mention_id == mention.c.id).scalar_subquery()
    source = mention.join(author, mention.c.author_id == author.c.id).join(brand, mention.c.brand_id == brand.c.id)
    source = source.outerjoin(verdict, verdict.c.id == newest)
    source = source.outerjoin(case_mention, case_mention.c.mention_id == mention.c.id)
    source = source.outerjoin(case, case.c.id == case_mention.c.case_id)
    of_mention = [mention.c[n] for n in ("text", "url", "written_at", "stored_at")]
    of_verdict = [verdict.c[n] for n in ("lang", "complaint", "kind", "severity")]
    of_case = [case.c[n] for n in ("id", "state", "reply_by", "close_reason")]
    first = [mention.c.id, brand.c.slug, mention.c.platform, mention.c.external_id, author.c.handle]
    wanted = select(*first, *of_mention, *of_verdict, ending_of(), *of_case).select_from(source)
    last = 0
    while True:
        page = wanted.where(mention.c.brand_id == brand_id, mention.c.id > last).order_by(mention.c.id).limit(_CHUNK)
        rows = work.execute(page).all()
        if not rows:
            return
        yield from (ExportRow(*tuple(row)) for row in rows)
        last = rows[-1][0]


def there(store: Store) -> bool:
    """Tell whether there is a database: on SQLite, asking for its schema would make one."""
    return not store.is_sqlite or Path(str(store.url.database)).exists()


def schema(store: Store) -> migrate.Status:
    """Say how the schema stands to this program. Raises `migrate.DatabaseUnreachable` saying what the database said."""
    try:
        return migrate.status(store)
    except SQLAlchemyError as error:
        raise migrate.unreachable(error) from error
