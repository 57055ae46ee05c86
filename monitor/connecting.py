"""Use case: connect a brand's account on a platform, ask what it may do there, and let it go.

A sign-in leads through a page of the platform and back. What comes back is taken once, within 15 minutes, and only
from the person who began it: whoever is sent somebody else's answer connects nothing with it.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from monitor import budgets, logs
from monitor.domain.account_options import read_options
from monitor.domain.errors import AppError, BadInput, NotAllowed, Remedy, SourceRefused
from monitor.domain.records import Login
from monitor.domain.rows import NAME_LIMIT, well_formed
from monitor.logins import Defaults, LoadConnector, Logins, lock, unlock
from monitor.ports import Connector, Field, Standing, Started
from monitor.store import accounts, brands, watches
from monitor.store.accounts import AccountRow, ConnectingRow
from monitor.store.engine import Store, Work
from monitor.vault import Vault

LANDING: Final = "/accounts/connected"  # where platforms send people back to
LASTS: Final = timedelta(minutes=15)
_LONGEST: Final = 4000  # characters of one thing typed
_MOST_NOTES: Final = 30
_LONGEST_NOTE: Final = 1000  # characters

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that goes on at the platform: where to go, and the word it will come back with."""

    url: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that came back. `given` is what was typed for it, without the secrets."""

    brand_id: int
    platform: str
    given: Mapping[str, str]
    kept: Mapping[str, str] = field(repr=False)


def without_secrets(fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """Return what of the typed may be shown again."""
    return {one.name: given[one.name] for one in fields if one.name in given and not one.secret}


def start(
    store: Store,
    vault: Vault,
    connector: Connector,
    brand_id: int,
    platform: str,
    given: Mapping[str, str],
    redirect_url: str,
    user_id: int | None,
    now: datetime,
) -> Begun | int:
    """Begin to connect an account: where to sign in, or the account's id where no page of the platform is needed.

    `user_id` None: begun by a command. Raises `BadInput` naming the field, `SourceRefused`, `RetryLater`.
    """
    with store.reading() as work:
        brands.get(work, brand_id)
    filled = _filled(connector.fields, given)
    state = secrets.token_urlsafe(32)
    begun = connector.begin(filled, redirect_url, state)
    if not isinstance(begun, Started):
        return _keep(store, vault, brand_id, begun, now)
    held = {"kept": dict(begun.kept), "given": without_secrets(connector.fields, filled)}
    row = ConnectingRow(brand_id, user_id, platform, vault.lock(json.dumps(held)), now + LASTS)
    with store.unit_of_work() as work:
        accounts.begin(work, state, row, now)
    return Begun(_web(begun.url), state)


def _filled(fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """Return a value for every field. Raises `BadInput` naming one that is missing or cannot be."""
    filled = {}
    for one in fields:
        value = given.get(one.name, "").strip() or one.default
        if one.required and not value:
            message = f"{one.label} is missing."
            raise BadInput(message, where=one.name)
        if len(value) > _LONGEST or not value.replace("\n", "").replace("\r", "").isprintable():
            message = f"{one.label} is too long, or holds what is no character."
            raise BadInput(message, where=one.name)
        filled[one.name] = value
    if "://" in filled.get("host", ""):
        _web(filled["host"])
    return filled


def _web(address: str) -> str:
    """Let through an address of the web, whoever gave it. Raises `BadInput` for any other scheme, or a password."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.password is None
    except ValueError:
        fine = False
    if not fine:
        message = "This is not an address of the web: it begins with https://, or with http:// on your own machine."
        raise BadInput(message, where="host")
    return address


def take(store: Store, vault: Vault, state: str, user_id: int | None, now: datetime) -> SignIn:
    """Take a sign-in that came back, once.

    Raises `BadInput` when there is none under this word or it took too long, and `NotAllowed`, leaving it in place,
    for anybody but the one who began it.
    """
    with store.unit_of_work() as work:
        row = accounts.take(work, state, now)
        if row is not None and row.user_id != user_id:
            raise _somebody_elses(row)
    if row is None:
        minutes = int(LASTS.total_seconds() // 60)
        message = (
            f"This sign-in was finished before, took longer than {minutes} minutes, or was not begun here. "
            "Nothing was connected: begin again."
        )
        raise BadInput(message, where="state")
    held = json.loads(vault.unlock(row.kept))
    return SignIn(row.brand_id, row.platform, held["given"], held["kept"])


def _somebody_elses(row: ConnectingRow) -> NotAllowed:
    if row.user_id is None:
        message = "This sign-in was begun by a command: copy the address of this page into the terminal that waits."
    else:
        message = "This sign-in was begun by somebody else. Nothing was connected."
    return NotAllowed(message)


def finish(
    store: Store, vault: Vault, load_connector: LoadConnector, back: SignIn, answer: Mapping[str, str], now: datetime
) -> int:
    """Turn what the platform sent back into an account and return its id; one that we have is renewed.

    Raises `BadInput`, `SourceRefused`, `RetryLater`: nothing was connected.
    """
    connector = load_connector(back.platform)
    if connector is None:
        message = f"No account is connected for {back.platform}."
        raise BadInput(message, where="platform")
    return _keep(store, vault, back.brand_id, connector.finish(back.kept, answer), now)


def _keep(store: Store, vault: Vault, brand_id: int, login: Login, now: datetime) -> int:
    """Store a login; one that is known by its handle or its id there is renewed and keeps its watches."""
    handle = _plain(login.handle)
    values: dict[str, Any] = {
        "handle": handle,
        "secret": lock(login, vault),
        "host": _web(login.host),
        "external_id": login.external_id,
        "publisher": login.platform if handle else "",  # an app without an account reads, and answers nobody
        "active": True,
        "error": "",
    }
    with store.unit_of_work(durable=True) as work:
        row = accounts.called(work, brand_id, login.platform, handle) or accounts.known(
            work, brand_id, login.platform, login.external_id
        )
        if row is None:
            return accounts.add(work, brand_id, login.platform, now=now, **values, options=dict(login.options))
        told = {name: value for name, value in login.options.items() if value not in ("", None)}
        accounts.change(work, row.id, **values, options={**row.options, **told})
        _try_again(work, row.id, now)
        return row.id


def _plain(handle: str) -> str:
    return handle.removeprefix("@").removeprefix("u/")


def _try_again(work: Work, account_id: int, now: datetime) -> None:
    """Let the watches that waited for a new sign-in pull at once."""
    for one in watches.of_account(work, account_id):
        if one.remedy == Remedy.RECONNECT:
            watches.change(work, one.id, next_poll_at=now)


# --- an account that is there -----------------------------------------------------------------------------------------


def check(store: Store, logins: Logins, load_connector: LoadConnector, account_id: int, now: datetime) -> Standing:
    """Ask the platform who we are and what we may do, and keep its answer.

    Raises `SourceRefused` and `BadInput`, kept as the account's error, and `RetryLater`, which changes nothing.
    """
    with store.reading() as work:
        account = accounts.get(work, account_id)
    connector = load_connector(account.platform)
    if connector is None or not account.secret:
        message = "This account is not connected: its replies are not sent to a platform."
        raise BadInput(message, where="account")
    try:
        standing = _fitted(connector.check(logins.of(account, now)))
    except (SourceRefused, BadInput) as refused:
        with store.unit_of_work() as work:
            accounts.change(work, account_id, error=str(refused), checked_at=now)
        raise
    _keep_standing(store, account, standing, now)
    return standing


def _fitted(standing: Standing) -> Standing:
    """Return what a platform said as it can be kept and shown."""
    notes = tuple(well_formed(one)[:_LONGEST_NOTE] for one in standing.notes[:_MOST_NOTES])
    handle, external_id = (well_formed(one)[:NAME_LIMIT] for one in (standing.handle, standing.external_id))
    return replace(standing, handle=handle, external_id=external_id, notes=notes)


def _keep_standing(store: Store, account: AccountRow, standing: Standing, now: datetime) -> None:
    said = {"can_read": standing.can_read, "can_reply": standing.can_reply, "notes": list(standing.notes)}
    handle = _plain(standing.handle)
    with store.unit_of_work(durable=True) as work:
        taken = accounts.called(work, account.brand_id, account.platform, handle)
        renamed = {"handle": handle} if handle and taken is None else {}
        own_id = {"external_id": standing.external_id} if standing.external_id else {}
        accounts.change(work, account.id, error="", checked_at=now, standing=said, **renamed, **own_id)
        budgets.book(work, account, "check", standing.usage, now)


def set_options(
    store: Store, account_id: int, given: Mapping[str, str], cap_micros: int | None, now: datetime
) -> AccountRow:
    """Keep the answers to an account's questions and its monthly cap. Watches that waited for that pull at once.

    Raises `BadInput` naming the question.
    """
    with store.unit_of_work() as work:
        account = accounts.get(work, account_id, lock=True)
        options = {**account.options, **read_options(account.platform, given)}
        accounts.change(work, account_id, options=options, cap_micros=cap_micros)
        if cap_micros is None or cap_micros > (account.cap_micros or 0):
            for one in watches.of_account(work, account_id):
                if one.remedy == Remedy.RAISE_CAP:
                    watches.change(work, one.id, next_poll_at=now)
        return replace(account, options=options, cap_micros=cap_micros)


def let_go(
    store: Store, vault: Vault, load_connector: LoadConnector, defaults: Defaults, account_id: int, now: datetime
) -> str:
    """Give an account's access back to its platform, forget its secret and pause its watches.

    Returns what the person has to do there themselves because the platform could not be told; "" for nothing.
    """
    with store.reading() as work:
        account = accounts.get(work, account_id)
    left = _revoked(account, vault, load_connector(account.platform), defaults(account.platform))
    with store.unit_of_work(durable=True) as work:
        accounts.let_go(work, account_id)
        accounts.change(work, account_id, error="", standing={})
        for one in watches.of_account(work, account_id):
            watches.pause(work, one.id, now, paused=True)
    _log.info("account let go", account=account_id)
    return left


def _revoked(account: AccountRow, vault: Vault, connector: Connector | None, defaults: Mapping[str, str]) -> str:
    if connector is None or not account.secret:
        return ""
    try:
        connector.revoke(unlock(account, vault, defaults))
    except AppError as error:
        _log.warning("access could not be given back", account=account.id, code=error.code)
        return f"{error} The sign-in is forgotten here; take the access away in the account's settings there too."
    return ""


def shown(standing: Standing) -> dict[str, object]:
    """Return what a platform said as JSON."""
    told = asdict(standing)
    return {name: told[name] for name in ("handle", "external_id", "can_read", "can_reply", "notes")}
