"""Accounts: a brand's logins on platforms. Their secrets are locked; the key is not in the database."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from monitor.domain.errors import NotFound
from monitor.store.engine import Work
from monitor.store.tables import account, connecting


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A brand's login on a platform. An account that only shows where to answer by hand has no secret."""

    id: int
    brand_id: int
    platform: str
    handle: str
    publisher: str
    secret: bytes | None
    host: str
    external_id: str
    options: Mapping[str, Any]
    cap_micros: int | None
    checked_at: datetime | None
    error: str
    standing: Mapping[str, Any]  # can_read, can_reply, notes; empty: never asked
    active: bool

    @property
    def scope(self) -> str:
        """Return whose allowance its calls use up."""
        return f"account:{self.id}"


_ACCOUNT = [account.c[name] for name in AccountRow.__slots__]


def _row(row: Iterable[Any]) -> AccountRow:
    return AccountRow(*row)


def add(work: Work, brand_id: int, platform: str, handle: str, publisher: str, now: datetime, **more: Any) -> int:
    """Add a login on a platform and return its id. `more` sets other fields of `AccountRow`."""
    values = {"brand_id": brand_id, "platform": platform, "handle": handle, "publisher": publisher, "created_at": now}
    return int(work.execute(insert(account).returning(account.c.id), {**values, **more}).scalar_one())


def change(work: Work, account_id: int, **values: Any) -> None:
    """Set fields of an account."""
    work.execute(update(account).where(account.c.id == account_id).values(**values))


def answering(work: Work, brand_id: int, platform: str) -> AccountRow | None:
    """Return the active account that answers for a brand on a platform, if there is one."""
    wanted = (account.c.brand_id == brand_id) & (account.c.platform == platform) & account.c.active
    row = work.execute(select(*_ACCOUNT).where(wanted, account.c.publisher != "").order_by(account.c.id)).first()
    return _row(row) if row else None


def get(work: Work, account_id: int, *, lock: bool = False) -> AccountRow:
    """Return one account; `lock` keeps others from changing it until this transaction ends. Raises `NotFound`."""
    wanted = select(*_ACCOUNT).where(account.c.id == account_id)
    row = work.execute(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        message = f"There is no account number {account_id}."
        raise NotFound(message)
    return _row(row)


def called(work: Work, brand_id: int, platform: str, handle: str) -> AccountRow | None:
    """Return a brand's account by its handle, in use or not."""
    wanted = (account.c.brand_id == brand_id) & (account.c.platform == platform) & (account.c.handle == handle)
    row = work.execute(select(*_ACCOUNT).where(wanted)).first()
    return _row(row) if row else None


def known(work: Work, brand_id: int, platform: str, external_id: str) -> AccountRow | None:
    """Return a brand's account by its id at the platform, in use or not; None also where no id is given."""
    wanted = (account.c.brand_id == brand_id) & (account.c.platform == platform)
    wanted &= (account.c.external_id == external_id) & (account.c.external_id != "")
    row = work.execute(select(*_ACCOUNT).where(wanted).order_by(account.c.id)).first()
    return _row(row) if row else None


def of_brand(work: Work, brand_id: int | None = None) -> list[AccountRow]:
    """Return a brand's accounts that are in use, or everybody's."""
    wanted = select(*_ACCOUNT).where(account.c.active).order_by(account.c.id)
    rows = work.execute(wanted if brand_id is None else wanted.where(account.c.brand_id == brand_id))
    return [_row(row) for row in rows]


def let_go(work: Work, account_id: int) -> None:
    """Forget an account's secret and use it no more; what it sent stays on record."""
    change(work, account_id, active=False, secret=None)


# --- signing in at a platform ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConnectingRow:
    """A sign-in under way. `kept` is locked."""

    brand_id: int
    user_id: int | None
    platform: str
    kept: bytes
    expires_at: datetime


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def begin(work: Work, state: str, row: ConnectingRow, now: datetime) -> None:
    """Remember a sign-in until it comes back with `state`; only a digest of that is kept. Old ones are forgotten."""
    work.execute(delete(connecting).where(connecting.c.expires_at <= now))
    values = {name: getattr(row, name) for name in ConnectingRow.__slots__}
    work.execute(insert(connecting), {"state_digest": _digest(state), **values})


def take(work: Work, state: str, now: datetime) -> ConnectingRow | None:
    """Return a sign-in that came back, once; None when there is none or it took too long."""
    work.execute(delete(connecting).where(connecting.c.expires_at <= now))
    columns = [connecting.c[name] for name in ConnectingRow.__slots__]
    mine = delete(connecting).where(connecting.c.state_digest == _digest(state)).returning(*columns)
    row = work.execute(mine).first()
    return ConnectingRow(*row) if row else None
