"""People: who I am, who else works here, and personal API tokens."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api import auth, passwords
from api.auth import Caller, at_the_desk, last_admin, need
from api.routes.base import ApiRoute, Given, Here, Id, SecretRoute, Shown, Who, Writer, may_fail, write_may_fail
from monitor.domain.errors import Conflict, NotFound
from monitor.domain.lifecycle import Role
from monitor.store import users
from monitor.store.users import UserRow

router = APIRouter(tags=["people"], route_class=ApiRoute)
secret_router = APIRouter(tags=["people"], route_class=SecretRoute)
ADMIN = frozenset({Role.ADMIN})


class Me(Shown):
    """Who is calling."""

    id: int
    email: str
    name: str
    role: Role
    via: Literal["session", "token"] = Field(description="A token cannot approve.")


class UserOut(Shown):
    """A person who can sign in."""

    id: int
    email: str
    name: str
    role: Role
    active: bool


class UserIn(Given):
    """What to change of a person; what is left out stays."""

    name: str = Field("", min_length=1, max_length=200)
    role: Role = Field(Role.AGENT, strict=False)
    active: bool = True
    password: str = Field("", max_length=passwords.LONGEST, description="A new one, for somebody who forgot theirs.")


class InviteIn(Given):
    """Somebody to let in."""

    role: Role = Field(strict=False, description="What they may do.")


class Invited(Shown):
    """A one-time link. Whoever has it can come in: give it to the one person it is for."""

    path: str
    url: str = Field(description="The link, when AMENDS_PUBLIC_URL is set; otherwise the path again.")
    expires_at: datetime


class TokenOut(Shown):
    """A personal API token, without its secret."""

    id: int
    name: str
    created_at: datetime


class TokenIn(Given):
    """A token to make."""

    name: str = Field(min_length=1, max_length=200, description="What it is for.", examples=["nightly import"])


class TokenMade(TokenOut):
    """A new token. This is the only time it is shown."""

    token: str


@router.get("/me", responses=may_fail(), summary="Who am I?")
def me(who: Who) -> Me:
    """Return who is calling, and how."""
    user = who.user
    return Me(id=user.id, email=user.email, name=user.name, role=user.role, via=who.via)


# --- people, for an admin ------------------------------------------------------------------------------------------


@router.get("/users", response_model=list[UserOut], responses=may_fail(), summary="Everybody")
def everyone(here: Here, who: Who) -> list[UserRow]:
    """Return all people. For admins."""
    need(who, ADMIN)
    with here.store.reading() as work:
        return users.everyone(work)


@secret_router.post("/users", status_code=201, responses=write_may_fail(), summary="Let somebody in")
def let_in(here: Here, who: Writer, body: InviteIn) -> Invited:
    """Make a one-time link by which somebody chooses their name and password. For admins at a browser."""
    _admin_at_the_desk(who)
    path = auth.invite(here.store, body.role, here.now)
    return Invited(path=path, url=f"{here.settings.public_url}{path}", expires_at=here.now + auth.LINK_LASTS)


@router.patch("/users/{user_id}", response_model=UserOut, responses=write_may_fail(404), summary="Change a person")
def change(here: Here, who: Writer, user_id: Id, body: UserIn) -> UserRow:
    """Change a name, a role or a password, or lock somebody out; their sessions end. For admins at a browser."""
    _admin_at_the_desk(who)
    values = body.model_dump(exclude_unset=True)
    if "password" in values:
        values["password"] = passwords.hashed(body.password)
    with here.store.unit_of_work() as work:
        users.get(work, user_id)
        leaves = values.get("role", Role.ADMIN) is not Role.ADMIN or values.get("active") is False
        if leaves and last_admin(work, user_id):
            message = "This is the only admin. Make somebody else one first: nothing was changed."
            raise Conflict(message)
        if values:
            users.change(work, user_id, **values)
        return users.get(work, user_id)


def _admin_at_the_desk(who: Caller) -> None:
    need(at_the_desk(who), ADMIN)


# --- my tokens ----------------------------------------------------------------------------------------------------


@router.get("/tokens", responses=may_fail(), summary="My tokens")
def my_tokens(here: Here, who: Who) -> list[TokenOut]:
    """Return the caller's own tokens that work, without their secrets."""
    with here.store.reading() as work:
        rows = users.tokens_of(work, who.user.id)
    return [TokenOut(id=number, name=name, created_at=at) for number, name, at in rows]


@secret_router.post("/tokens", status_code=201, responses=write_may_fail(), summary="Make a token")
def make_token(here: Here, who: Who, body: TokenIn) -> TokenMade:
    """Make a token that acts as the caller, but cannot approve. Made at a browser, shown this once."""
    value, digest = auth.new_token()
    with here.store.unit_of_work() as work:
        number = users.add_token(work, at_the_desk(who).user.id, body.name, digest, here.now)
    return TokenMade(id=number, name=body.name, created_at=here.now, token=value)


@router.delete("/tokens/{token_id}", status_code=204, responses=may_fail(404), summary="Revoke a token")
def revoke(here: Here, who: Who, token_id: Id) -> None:
    """Revoke one of the caller's own tokens: it stops working at once."""
    with here.store.unit_of_work() as work:
        if not users.revoke_token(work, who.user.id, token_id, here.now):
            message = f"You have no token number {token_id}."
            raise NotFound(message)
