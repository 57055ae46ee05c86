"""A brand's accounts on platforms, for a lead: connect, see what each may do, set, let go."""

from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.pages.here import LEADS, Acting, BrandId, Here, Reading, go, status_of
from api.pages.new_brand import NEW
from api.pages.words import platform as platform_name
from api.platforms import NEEDS, Platforms
from monitor import connecting
from monitor.connecting import Begun, SignIn
from monitor.connectors import CONNECTORS
from monitor.domain.account_options import BILLED, OPTIONS, dollars, read_cap
from monitor.domain.errors import AppError, BadInput, NotFound, RetryLater
from monitor.logins import unlock
from monitor.ports import Connector
from monitor.store import accounts, brands, watches
from monitor.store.accounts import AccountRow

router = APIRouter(prefix="/accounts")
_GIVEN = "given_"  # before the names of a connector's fields, so that none is taken for one of ours
_UNSEEN = {"Referrer-Policy": "no-referrer"}  # the address holds a code: no page hears of it

Words = Annotated[str, Form()]


async def typed(request: Request) -> dict[str, str]:
    """Return the text fields of a form."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(typed)]


def platforms(at: Here) -> Platforms:
    """Return what speaks to platforms."""
    state = at.request.app.state
    return Platforms(state.settings, state.store, state.vault)


def _connector(at: Here, platform: str) -> Connector:
    found = platforms(at).connector(platform)
    if found is None:
        message = f"No account can be connected for {platform}."
        raise NotFound(message)
    return found


def _redirect_url(at: Here) -> str:
    return platforms(at).redirect_url(str(at.request.base_url))


# --- connecting ---------------------------------------------------------------------------------------------------


def _form(
    at: Here,
    brand_id: int | None,
    platform: str,
    *,
    given: dict[str, str] | None = None,
    error: AppError | None = None,
    renews: AccountRow | None = None,
) -> HTMLResponse:
    """Show the form of a platform, or the choice of one; what was typed comes back, secrets do not."""
    at.allow(LEADS)
    connector = _connector(at, platform) if platform else None
    redirect = _redirect_url(at)
    where = error.where if isinstance(error, BadInput) else ""
    fields = connector.fields if connector else ()
    known = {one.name for one in fields}
    context: dict[str, Any] = {
        "brand_id": brand_id,
        "platform": platform,
        "needs": NEEDS,
        "platforms": list(CONNECTORS),
        "fields": fields,
        "aside": [one for one in fields if one.aside],
        "given": connecting.without_secrets(fields, given or {}),
        "wrong": where if where in known else "",
        "problem": str(error) if error else "",
        "renews": renews,
        "redirect": redirect if connector else "",
        "loopback": _other_name(redirect) if platform == "x" else "",
    }
    return at.page("connect.html", status=status_of(error) if error else 200, **context)


def _other_name(redirect: str) -> str:
    """Return our address by number where it is by the name localhost, which X does not take; else ""."""
    parts = urlsplit(redirect)
    if parts.hostname != "localhost":
        return ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}/accounts/connect?platform=x"


@router.get("/connect")
def connect_form(at: Reading, brand: BrandId = None, platform: str = "") -> Response:
    """Choose a platform, and say what it needs to know."""
    return _form(at, brand, platform) if at.has_brand else go(NEW)


@router.post("/connect")
def connect(at: Acting, form: Typed, brand: Annotated[int, Form()], platform: Words) -> Response:
    """Begin to connect an account; the page that follows leads to the platform."""
    at.allow(LEADS)
    given = {name.removeprefix(_GIVEN): value for name, value in form.items() if name.startswith(_GIVEN)}
    return _connect(at, brand, platform, given)


def _connect(
    at: Here, brand_id: int, platform: str, given: dict[str, str], renews: AccountRow | None = None
) -> Response:
    state = at.request.app.state
    connector = _connector(at, platform)
    try:
        begun = connecting.start(
            state.store, state.vault, connector, brand_id, platform, given, _redirect_url(at), at.me.user.id, at.now
        )
    except AppError as error:
        return _form(at, brand_id, platform, given=given, error=error, renews=renews)
    if isinstance(begun, Begun):
        # Not a redirect: browsers hold a form to where our content policy lets it lead.
        return at.page("connect_go.html", url=begun.url, platform=platform, host=urlsplit(begun.url).netloc)
    return _arrived(at, begun)


def _arrived(at: Here, account_id: int) -> Response:
    """Ask the platform at once what the new account may do, and show it."""
    try:
        _check(at, account_id)
    except AppError as error:
        what = "later" if isinstance(error, RetryLater) else "yes"  # a refusal is kept with the account
        return go(f"/accounts/{account_id}?new={what}")
    return go(f"/accounts/{account_id}?new=yes")


@router.get("/connected")
def connected(at: Reading) -> Response:
    """Land here from the platform: take the sign-in, once, and keep the account."""
    response = _land(at)
    response.headers.update(_UNSEEN)
    return response


def _land(at: Here) -> Response:
    state, answer = at.request.app.state, dict(at.request.query_params)
    back: SignIn | None = None
    try:
        at.allow(LEADS)
        back = connecting.take(state.store, state.vault, answer.get("state", ""), at.me.user.id, at.now)
        account_id = connecting.finish(state.store, state.vault, platforms(at).connector, back, answer, at.now)
    except AppError as error:
        if back is None:
            return at.page("connect_over.html", problem=str(error), status=status_of(error))
        return _form(at, back.brand_id, back.platform, given=dict(back.given), error=error)
    return _arrived(at, account_id)


@router.get("/{account_id}/connect")
def reconnect_form(at: Reading, account_id: int) -> HTMLResponse:
    """Sign in to an account again."""
    at.allow(LEADS)
    row = _account(at, account_id)
    given = {"handle": row.handle, **_kept(at, row)}
    return _form(at, row.brand_id, row.platform, given=given, renews=row)


@router.post("/{account_id}/connect")
def reconnect(at: Acting, account_id: int, form: Typed) -> Response:
    """Begin to sign in again. What is left empty is taken from the sign-in before, where it is still kept."""
    at.allow(LEADS)
    row = _account(at, account_id)
    given = {name.removeprefix(_GIVEN): value for name, value in form.items() if name.startswith(_GIVEN)}
    filled = {name: value for name, value in given.items() if value.strip()}
    # The secret of an app goes only where it went before, whatever address is typed.
    kept = _kept(at, row) if filled.get("host", row.host) == row.host else {}
    return _connect(at, row.brand_id, row.platform, {**kept, **filled}, row)


def _kept(at: Here, row: AccountRow) -> dict[str, str]:
    """Return where the account is, and what its app is known by there: people do not have that at hand again."""
    host = {"host": row.host} if row.host else {}
    if not row.secret:
        return host
    state = at.request.app.state
    secret = unlock(row, state.vault, state.settings.platform(row.platform)).secret
    app = ("client_id", "client_secret")
    return {**host, **{name: secret[name] for name in app if secret.get(name)}}


# --- one account ----------------------------------------------------------------------------------------------------


def _account(at: Here, account_id: int) -> AccountRow:
    with at.store.reading() as work:
        return accounts.get(work, account_id)


def _shown(
    at: Here, account_id: int, *, error: AppError | None = None, said: str = "", new: str = "", **typed: str
) -> HTMLResponse:
    at.allow(LEADS)
    with at.store.reading() as work:
        row = accounts.get(work, account_id)
        brand = brands.get(work, row.brand_id)
        reading = watches.of_account(work, account_id)
    context: dict[str, Any] = {
        "account": row,
        "brand": brand,
        "watches": reading,
        "options": OPTIONS.get(row.platform, ()),
        "connects": row.platform in CONNECTORS,
        "billed": row.platform in BILLED,
        "cap": typed.get("cap", dollars(row.cap_micros)),
        "new": new,
        "said": said,
        "problem": str(error) if error else "",
        "wrong": error.where if isinstance(error, BadInput) else "",
    }
    return at.page("account.html", status=status_of(error) if error else 200, **context)


@router.get("/{account_id}")
def account(at: Reading, account_id: int, new: str = "") -> HTMLResponse:
    """Show an account: what the platform said of it, and what we were told."""
    return _shown(at, account_id, new=new)


def _check(at: Here, account_id: int) -> None:
    speaking = platforms(at)
    connecting.check(at.store, speaking.logins, speaking.connector, account_id, at.now)


@router.post("/{account_id}/check")
def check(at: Acting, account_id: int) -> Response:
    """Ask the platform again."""
    at.allow(LEADS)
    try:
        _check(at, account_id)
    except NotFound:
        raise
    except AppError as error:
        return _shown(at, account_id, error=error)
    return go(f"/accounts/{account_id}")


@router.post("/{account_id}/options")
def options(at: Acting, account_id: int, form: Typed, cap: Words = "") -> Response:
    """Keep the answers to the account's questions, and its monthly cap."""
    at.allow(LEADS)
    row = _account(at, account_id)
    given = {one.name: form.get(one.name, "") for one in OPTIONS.get(row.platform, ())}
    try:
        changed = connecting.set_options(at.store, account_id, given, read_cap(cap), at.now)
    except BadInput as error:
        return _shown(at, account_id, error=error, cap=cap)
    if row.secret and changed.options != row.options:
        with suppress(AppError):  # what it may do depends on the answers; a refusal is kept with the account
            _check(at, account_id)
    return _shown(at, account_id, said="Saved.")


@router.get("/{account_id}/let-go")
def let_go_form(at: Reading, account_id: int) -> HTMLResponse:
    """Ask before an account is let go."""
    at.allow(LEADS)
    row = _account(at, account_id)
    with at.store.reading() as work:
        reading = watches.of_account(work, account_id)
    return at.page("account_let_go.html", account=row, watches=reading)


@router.post("/{account_id}/let-go")
def let_go(at: Acting, account_id: int) -> HTMLResponse:
    """Give the access back, forget the secret, pause the watches."""
    at.allow(LEADS)
    state = at.request.app.state
    left = connecting.let_go(
        state.store, state.vault, platforms(at).connector, state.settings.platform, account_id, at.now
    )
    told = f"{platform_name(_account(at, account_id).platform)} was told, and the sign-in is forgotten."
    return _shown(at, account_id, said=left or told)
