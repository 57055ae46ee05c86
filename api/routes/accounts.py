"""A brand's accounts on platforms: what each may do, and what a person says of it. Secrets never come out."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field, JsonValue

from api.auth import MANAGERS, need
from api.platforms import Platforms
from api.routes.base import ApiRoute, Brand, Given, Here, Id, Shown, Who, Writer, brand_called, may_fail, write_may_fail
from monitor import connecting
from monitor.domain.account_options import MOST_DOLLARS, OPTIONS
from monitor.domain.prices import MICROS
from monitor.ports import Standing
from monitor.store import accounts
from monitor.store.accounts import AccountRow

router = APIRouter(tags=["accounts"], route_class=ApiRoute)


class StandingOut(Shown):
    """What a platform says of an account."""

    can_read: bool
    can_reply: bool
    notes: list[str] = Field(description="What is missing and what is left, in sentences.")


class AccountOut(Shown):
    """An account, without what it signs in with."""

    id: int
    brand_id: int
    platform: str = Field(examples=["mastodon"])
    handle: str
    publisher: str = Field(description="What sends its replies; dryrun shows them to nobody, empty: nothing does.")
    host: str = Field(description="Where its interface is; empty: the platform's own.")
    connected: bool = Field(description="Whether somebody has signed in to it.")
    options: dict[str, JsonValue] = Field(description="What a person said of it.", examples=[{"approval_held": True}])
    cap: float | None = Field(description="The most it may cost in a month, in dollars; null: no cap.")
    standing: StandingOut | None = Field(description="What its platform said last; null: it was not asked yet.")
    checked_at: datetime | None
    error: str = Field(description="Why it cannot be used; empty: it can.")


class CheckedOut(StandingOut):
    """What a platform says of an account, asked just now."""

    handle: str
    external_id: str


class OptionsIn(Given):
    """What to change; what is left out stays."""

    options: dict[Annotated[str, Field(max_length=40)], bool | str | list[str]] = Field(
        {}, description="Answers to the questions of its platform.", examples=[{"approval_held": True}]
    )
    cap: Annotated[float, Field(ge=0, le=MOST_DOLLARS)] | None = Field(
        None, description="Dollars a month; null lifts the cap."
    )


def _out(row: AccountRow) -> AccountOut:
    names = {one.name for one in OPTIONS.get(row.platform, ())}
    plain = {name: getattr(row, name) for name in ("id", "brand_id", "platform", "handle", "publisher", "host")}
    return AccountOut(
        **plain,
        connected=row.secret is not None,
        options={name: value for name, value in row.options.items() if name in names},
        cap=None if row.cap_micros is None else row.cap_micros / MICROS,
        standing=StandingOut(**row.standing) if row.standing else None,
        checked_at=row.checked_at,
        error=row.error,
    )


@router.get("/accounts", responses=may_fail(404), summary="All accounts")
def all_accounts(here: Here, _who: Who, brand: Brand = None) -> list[AccountOut]:
    """Return the accounts in use, without their secrets."""
    with here.store.reading() as work:
        one = brand_called(work, brand)
        return [_out(row) for row in accounts.of_brand(work, one.id if one else None)]


@router.get("/accounts/{account_id}", responses=may_fail(404), summary="One account")
def one_account(here: Here, _who: Who, account_id: Id) -> AccountOut:
    """Return an account, without its secrets."""
    with here.store.reading() as work:
        return _out(accounts.get(work, account_id))


@router.post(
    "/accounts/{account_id}/check",
    response_model=CheckedOut,
    responses=may_fail(404, 424, 503),
    summary="Ask its platform",
)
def check(here: Here, who: Writer, account_id: Id) -> Standing:
    """Ask the platform who the account is and what it may do. For leads and admins."""
    need(who, MANAGERS)
    speaking = Platforms(here.settings, here.store, here.vault)
    return connecting.check(here.store, speaking.logins, speaking.connector, account_id, here.now)


@router.patch("/accounts/{account_id}", responses=write_may_fail(404), summary="Answer its questions")
def change(here: Here, who: Writer, account_id: Id, body: OptionsIn) -> AccountOut:
    """Change what is said of an account, and what it may cost. For leads and admins."""
    need(who, MANAGERS)
    with here.store.reading() as work:
        row = accounts.get(work, account_id)
    cap = row.cap_micros
    if "cap" in body.model_fields_set:
        cap = None if body.cap is None else round(body.cap * MICROS)
    given = {name: _written(value) for name, value in body.options.items()}
    return _out(connecting.set_options(here.store, account_id, given, cap, here.now))


def _written(value: Any) -> str:
    """Return an answer as a form would give it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ",".join(value)
