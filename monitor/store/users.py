"""People, their sessions, invitations and API tokens. Secrets are kept as digests only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from monitor.domain.errors import BadInput, NotFound
from monitor.domain.lifecycle import Role
from monitor.store.engine import Work, insert_new
from monitor.store.tables import invite, session, token, user, written_once


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person who can sign in."""

    id: int
    email: str
    name: str
    password: str
    role: Role
    active: bool


_USER = [user.c[name] for name in UserRow.__slots__]


def _row(row: Any) -> UserRow:
    return UserRow(row.id, row.email, row.name, row.password, Role(row.role), row.active)


def add(work: Work, email: str, name: str, password: str, role: Role, now: datetime) -> int:
    """Add a person; `password` is a hash. Raises `BadInput` when the address is taken."""
    values = {"email": email.strip().lower(), "name": name, "password": password, "role": role, "created_at": now}
    new = insert_new(work, user, [{**values, "active": True}])
    if not new:
        message = f"{email} has an account already."
        raise BadInput(message, where="email")
    return int(new[0].id)


def by_email(work: Work, email: str) -> UserRow | None:
    """Return the person with this address."""
    row = work.execute(select(*_USER).where(user.c.email == email.strip().lower())).first()
    return _row(row) if row else None


def get(work: Work, user_id: int) -> UserRow:
    """Return a person. Raises `NotFound`."""
    row = work.execute(select(*_USER).where(user.c.id == user_id)).first()
    if row is None:
        message = f"There is no user number {user_id}."
        raise NotFound(message)
    return _row(row)


def everyone(work: Work) -> list[UserRow]:
    """Return all people, by name."""
    return [_row(row) for row in work.execute(select(*_USER).order_by(user.c.name, user.c.id))]


def change(work: Work, user_id: int, **values: Any) -> None:
    """Change a person's name, role, password hash or `active`; a lost right ends every session."""
    work.execute(update(user).where(user.c.id == user_id).values(**values))
    if {"role", "password", "active"} & values.keys():
        work.execute(delete(session).where(session.c.user_id == user_id))


def start_session(work: Work, digest: str, user_id: int, csrf: str, now: datetime, expires_at: datetime) -> None:
    """Open a session; those that ran out are swept away."""
    work.execute(delete(session).where(session.c.expires_at < now))
    values = {"digest": digest, "user_id": user_id, "csrf": csrf, "created_at": now, "expires_at": expires_at}
    work.execute(insert(session), values)


def session_of(work: Work, digest: str, now: datetime) -> tuple[UserRow, str] | None:
    """Return the person of a session and its CSRF secret, None when it ended or the person may not sign in."""
    wanted = select(*_USER, session.c.csrf).join(session, session.c.user_id == user.c.id)
    row = work.execute(wanted.where(session.c.digest == digest, session.c.expires_at > now, user.c.active)).first()
    return (_row(row), row.csrf) if row else None


def end_session(work: Work, digest: str) -> None:
    """Sign out."""
    work.execute(delete(session).where(session.c.digest == digest))


def add_invite(work: Work, digest: str, role: Role, expires_at: datetime) -> None:
    """Keep a one-time link's digest."""
    work.execute(insert(invite), {"digest": digest, "role": role, "expires_at": expires_at})


def open_invite(work: Work, digest: str, now: datetime) -> Role | None:
    """Return the role a one-time link gives, None when it was used or ran out."""
    wanted = select(invite.c.role).where(invite.c.digest == digest, invite.c.used_at.is_(None))
    found = work.execute(wanted.where(invite.c.expires_at > now)).scalar()
    return Role(found) if found else None


def use_invite(work: Work, digest: str, now: datetime) -> bool:
    """Use up a one-time link; False when somebody was quicker."""
    free = update(invite).where(invite.c.digest == digest, invite.c.used_at.is_(None), invite.c.expires_at > now)
    return work.execute(free.values(used_at=now)).rowcount == 1


def withdraw_invites(work: Work, role: Role) -> None:
    """Withdraw unused links for a role, so that only the newest works."""
    work.execute(delete(invite).where(invite.c.role == role, invite.c.used_at.is_(None)))


def add_token(work: Work, user_id: int, name: str, digest: str, now: datetime) -> int:
    """Keep an API token's digest and return its id."""
    values = {"user_id": user_id, "name": name, "digest": digest, "created_at": now}
    return int(work.execute(insert(token).returning(token.c.id), values).scalar_one())


def token_of(work: Work, digest: str) -> UserRow | None:
    """Return the person an API token speaks for."""
    wanted = select(*_USER).join(token, token.c.user_id == user.c.id)
    row = work.execute(wanted.where(token.c.digest == digest, token.c.revoked_at.is_(None), user.c.active)).first()
    return _row(row) if row else None


def tokens_of(work: Work, user_id: int) -> list[tuple[int, str, datetime]]:
    """Return (id, name, created) of a person's tokens that work."""
    wanted = select(token.c.id, token.c.name, token.c.created_at)
    rows = work.execute(wanted.where(token.c.user_id == user_id, token.c.revoked_at.is_(None)).order_by(token.c.id))
    return [(row.id, row.name, row.created_at) for row in rows]


def revoke_token(work: Work, user_id: int, token_id: int, now: datetime) -> bool:
    """Revoke a person's own token; False when there is none."""
    mine = update(token).where(token.c.id == token_id, token.c.user_id == user_id, token.c.revoked_at.is_(None))
    return work.execute(mine.values(revoked_at=now)).rowcount == 1


# --- writes with an Idempotency-Key -----------------------------------------------------------------------------


def first_time(work: Work, user_id: int, key: str, request_digest: str, now: datetime) -> tuple[str, int, str] | None:
    """Reserve a key. None: go on. Otherwise (digest of the first request, status, body) as answered before."""
    values = {"user_id": user_id, "key": key, "request_digest": request_digest, "created_at": now}
    if insert_new(work, written_once, [{**values, "status": 0, "body": ""}]):
        return None
    mine = (written_once.c.user_id == user_id) & (written_once.c.key == key)
    row = work.execute(select(written_once).where(mine)).one()
    return row.request_digest, row.status, row.body


def answered(work: Work, user_id: int, key: str, status: int, body: str) -> None:
    """Keep the answer to give again."""
    mine = update(written_once).where(written_once.c.user_id == user_id, written_once.c.key == key)
    work.execute(mine.values(status=status, body=body))
