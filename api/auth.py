"""Who is there: sessions by cookie, API tokens by header, invitations by link."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Request, Response

from api import passwords
from monitor.domain.errors import AppError, BadInput, NotAllowed, NotFound
from monitor.domain.lifecycle import Actor, Role
from monitor.settings import Settings
from monitor.store import users
from monitor.store.engine import Store, Work
from monitor.store.users import UserRow

TOKEN_PREFIX = "amends_"  # noqa: S105 - says whose token it is, so that a leaked one is recognised
LINK_LASTS = timedelta(hours=24)
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MANAGERS = frozenset({Role.LEAD, Role.ADMIN})
WORKING = MANAGERS | {Role.PR_LEAD, Role.AGENT}  # who works on cases
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NotSignedIn(AppError):
    """Nobody is signed in, or not any more."""

    code = "not_signed_in"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at a browser. `csrf` goes into every form that changes something."""

    user: UserRow
    csrf: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the JSON API: a person at a browser, or a program with that person's token."""

    user: UserRow
    actor: Actor
    via: Literal["session", "token"]


# --- signing in and out ---------------------------------------------------------------------------------------


def sign_in(request: Request, email: str, password: str) -> str:
    """Open a session and return its cookie's value.

    Raises `NotSignedIn`, in the same words and after the same time whether or not the person exists, and
    `TooManyTries` after repeated failures.
    """
    store, now, throttle = _store(request), _now(request), request.app.state.throttle
    address = request.client.host if request.client else ""
    throttle.admit(email, address, now)
    with store.reading() as work:
        person = users.by_email(work, email)
    right = passwords.matches(password, person.password if person else None)
    if person is None or not right or not person.active:
        message = "This e-mail address and password do not fit together."
        raise NotSignedIn(message)
    throttle.forgive(email, address)
    renewed = passwords.hashed(password) if passwords.outdated(person.password) else None
    with store.unit_of_work() as work:
        if renewed:
            users.change(work, person.id, password=renewed)
        return _open_session(work, person.id, now, request.app.state.settings.session_days)


def _open_session(work: Work, user_id: int, now: datetime, days: int) -> str:
    value = secrets.token_urlsafe(32)
    users.start_session(work, digest(value), user_id, secrets.token_urlsafe(32), now, now + timedelta(days=days))
    return value


def sign_out(request: Request) -> None:
    """End the session of this browser, if there is one."""
    value = request.cookies.get(cookie_name(request.app.state.settings))
    if value:
        with _store(request).unit_of_work() as work:
            users.end_session(work, digest(value))


def is_https(settings: Settings) -> bool:
    """Tell whether people reach this instance by https."""
    return settings.public_url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """Return the session cookie's name; over https no other host and no script can have set it."""
    return "__Host-amends" if is_https(settings) else "amends"


def set_cookie(request: Request, response: Response, value: str) -> None:
    """Put a session's cookie on a response."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        cookie_name(settings),
        value,
        max_age=settings.session_days * 24 * 3600,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response) -> None:
    """Take the session's cookie away."""
    settings: Settings = request.app.state.settings
    response.delete_cookie(cookie_name(settings), path="/", secure=is_https(settings), httponly=True, samesite="lax")


def safe_next(wanted: str) -> str:
    """Return where to go after signing in: a path of ours, whatever a link tried to say."""
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if ours and wanted.isprintable() else "/"


# --- who asks ---------------------------------------------------------------------------------------------------


def signed_in(request: Request) -> SignedIn:
    """Return the person whose browser this is. Raises `NotSignedIn`: a page sends them to the sign-in."""
    value = request.cookies.get(cookie_name(request.app.state.settings), "")
    if value:
        with _store(request).reading() as work:
            found = users.session_of(work, digest(value), _now(request))
        if found:
            return SignedIn(found[0], found[1], _actor(found[0]))
    message = "You are not signed in, or not any more. Sign in and try again: nothing was changed."
    raise NotSignedIn(message)


async def check_csrf(request: Request, me: Annotated[SignedIn, Depends(signed_in)]) -> None:
    """Let a form through that carries its session's secret, in a header or a field. Raises `NotAllowed`."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    _compare(given, me.csrf)


def _compare(given: str, csrf: str) -> None:
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), csrf.encode()):
        message = (
            "This form was open for too long, or does not come from here. Load the page again: nothing was changed."
        )
        raise NotAllowed(message)


def caller(request: Request) -> Caller:
    """Return who calls the JSON API. A browser's unsafe call must carry the CSRF header.

    Raises `NotSignedIn` and `NotAllowed`.
    """
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind:
        with _store(request).reading() as work:
            person = users.token_of(work, digest(value.strip())) if kind.lower() == "bearer" else None
        if person is None:
            message = "This API token is not known, or was revoked."
            raise NotSignedIn(message)
        return Caller(person, _actor(person), "token")
    me = signed_in(request)
    if request.method not in SAFE_METHODS:
        _compare(request.headers.get(CSRF_HEADER, ""), me.csrf)
    return Caller(me.user, me.actor, "session")


def person(request: Request) -> Actor:
    """Return who acts through the JSON API."""
    return caller(request).actor


def writer(who: Annotated[Caller, Depends(caller)]) -> Caller:
    """Let through who may change something. Raises `NotAllowed` for an observer."""
    if who.user.role is Role.OBSERVER:
        message = "An observer reads and changes nothing. Ask an admin for another role."
        raise NotAllowed(message)
    return who


def at_the_desk(who: Caller) -> Caller:
    """Go on only for a person at a browser: no program approves, signs off or lets people in (P1)."""
    if who.via == "token":
        message = "An API token cannot do this: a person has to, signed in with their password."
        raise NotAllowed(message)
    return who


def need(who: Caller, roles: frozenset[Role]) -> Caller:
    """Go on only for these roles. Raises `NotAllowed`."""
    if who.user.role not in roles:
        names = " or ".join(sorted(role.replace("_", " ") for role in roles))
        message = f"This is for the role {names}."
        raise NotAllowed(message)
    return who


# --- letting people in --------------------------------------------------------------------------------------------


def first_link(store: Store, now: datetime) -> str | None:
    """Return the path of a one-time link for the first admin, None when there is an admin.

    A link given earlier no longer works.
    """
    with store.unit_of_work() as work:
        if _admins(work):
            return None
        users.withdraw_invites(work, Role.ADMIN)
        return _invite(work, Role.ADMIN, now)


def invite(store: Store, role: Role, now: datetime) -> str:
    """Return the path of a one-time link that lets somebody in with this role."""
    with store.unit_of_work() as work:
        return _invite(work, role, now)


def _invite(work: Work, role: Role, now: datetime) -> str:
    value = secrets.token_urlsafe(32)
    users.add_invite(work, digest(value), role, now + LINK_LASTS)
    return f"/welcome/{value}"


def invited_as(store: Store, secret: str, now: datetime) -> Role:
    """Return the role a one-time link gives. Raises `NotFound` when it was used, withdrawn or ran out."""
    with store.reading() as work:
        role = users.open_invite(work, digest(secret), now)
    if role is None:
        raise _link_is_over()
    return role


def accept(store: Store, secret: str, email: str, name: str, password: str, now: datetime, *, days: int = 14) -> str:
    """Use up a one-time link: add the person, sign them in, and return the session cookie's value.

    Raises `NotFound` for a link that does not work any more and `BadInput` for what cannot be taken: the link
    then still works.
    """
    role = invited_as(store, secret, now)
    email, name = email.strip(), " ".join(name.split())
    if not _EMAIL.fullmatch(email) or len(email) > 200:
        message = "This is not an e-mail address."
        raise BadInput(message, where="email")
    if not 1 <= len(name) <= 200:
        message = "Say your name: colleagues see it beside what you decide."
        raise BadInput(message, where="name")
    stored = passwords.hashed(password)
    with store.unit_of_work() as work:
        if not users.use_invite(work, digest(secret), now):
            raise _link_is_over()
        return _open_session(work, users.add(work, email, name, stored, role, now), now, days)


def _link_is_over() -> NotFound:
    return NotFound("This link was used, was withdrawn or ran out. Ask for a new one.")


def _admins(work: Work) -> list[UserRow]:
    return [one for one in users.everyone(work) if one.role is Role.ADMIN and one.active]


def last_admin(work: Work, user_id: int) -> bool:
    """Tell whether this person is the only one left who can let people in."""
    return [one.id for one in _admins(work)] == [user_id]


def new_token() -> tuple[str, str]:
    """Return a new API token and the digest that is kept of it."""
    value = TOKEN_PREFIX + secrets.token_urlsafe(32)
    return value, digest(value)


def digest(secret: str) -> str:
    """Return what is stored in place of a secret of ours: they are random, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _actor(person: UserRow) -> Actor:
    return Actor.person(person.id, person.role, person.name)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _now(request: Request) -> datetime:
    now: datetime = request.app.state.clock()
    return now
