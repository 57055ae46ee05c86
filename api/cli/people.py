"""Commands about the people who sign in, and (in `houses`) about brands and routes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import houses
from api.cli.options import Data
from api.cli.support import Json, group, name_commands, now, opened, say, say_rows, secret
from monitor.domain.errors import Conflict, NotFound
from monitor.domain.lifecycle import Role

if TYPE_CHECKING:
    from monitor.store.engine import Work
    from monitor.store.users import UserRow

Email = Annotated[str, typer.Argument(help="E-mail address: what the person signs in with.")]
TheRole = Annotated[Role, typer.Option("--role", help="What the person may do.")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="File with the password, - for standard input. Default: asked for."),
]
_LOCAL = "http://127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    user = group(app, "user", "People who sign in.")
    name_commands(user, add=user_add, list=user_list, role=user_role, password=user_password, invite=user_invite)
    name_commands(user, deactivate=user_deactivate, activate=user_activate)
    houses.register(app)


# --- people -----------------------------------------------------------------------------------------------------


def user_add(
    email: Email,
    name: Annotated[str, typer.Option("--name", help="What colleagues see.")],
    role: TheRole = Role.AGENT,
    password_file: SecretFile = None,
    data: Data = None,
) -> None:
    """Let somebody in with a password. To let them choose it themselves: amends user invite."""
    from api import passwords
    from monitor.store import users

    if not (email.partition("@")[0] and email.partition("@")[2]) or any(one.isspace() for one in email):
        message = f'"{email}" is not an e-mail address.'
        raise typer.BadParameter(message, param_hint="EMAIL")
    with opened(data, create=True) as here:
        with here.store.reading() as work:
            if users.by_email(work, email):
                message = f"{email} has an account already."
                raise Conflict(message)
        hashed = passwords.hashed(secret(password_file, "Password", twice=True))
        with here.store.unit_of_work() as work:
            users.add(work, email, " ".join(name.split()), hashed, role, now())
    say(f"{email} can sign in as {role.replace('_', ' ')}.")


def user_list(as_json: Json = False, data: Data = None) -> None:
    """List the people."""
    from monitor.store import users

    with opened(data) as here, here.store.reading() as work:
        people = users.everyone(work)
    rows = [{"email": one.email, "name": one.name, "role": str(one.role), "active": one.active} for one in people]
    say_rows(rows, as_json=as_json, none="Nobody yet. Let somebody in: amends user add EMAIL --name NAME --role admin")


def _person(work: "Work", email: str) -> "UserRow":
    from monitor.store import users

    found = users.by_email(work, email)
    if found is None:
        message = f"Nobody has the address {email}. See: amends user list"
        raise NotFound(message)
    return found


def _change(data: Path | None, email: str, *, keeps_admin: bool, **values: Any) -> None:
    """Change a person; whoever is the last admin stays one."""
    from monitor.store import users

    with opened(data) as here, here.store.unit_of_work() as work:
        person = _person(work, email)
        admins = [one.id for one in users.everyone(work) if one.role is Role.ADMIN and one.active]
        if not keeps_admin and admins == [person.id]:
            message = f"{email} is the last admin. Nothing was changed: make somebody else an admin first."
            raise Conflict(message)
        users.change(work, person.id, **values)


def user_role(email: Email, role: Annotated[Role, typer.Argument(help="The new role.")], data: Data = None) -> None:
    """Give a person another role. It ends their sessions."""
    _change(data, email, keeps_admin=role is Role.ADMIN, role=role)
    say(f"{email} is {role.replace('_', ' ')} now, and has to sign in again.")


def user_deactivate(email: Email, data: Data = None) -> None:
    """Stop a person from signing in, at once. What they decided stays on record."""
    _change(data, email, keeps_admin=False, active=False)
    say(f"{email} cannot sign in any more.")


def user_activate(email: Email, data: Data = None) -> None:
    """Let a person sign in again."""
    _change(data, email, keeps_admin=True, active=True)
    say(f"{email} can sign in again.")


def user_password(email: Email, password_file: SecretFile = None, data: Data = None) -> None:
    """Set a new password. It ends the person's sessions."""
    from api import passwords

    with opened(data) as here, here.store.reading() as work:
        _person(work, email)
    _change(data, email, keeps_admin=True, password=passwords.hashed(secret(password_file, "New password", twice=True)))
    say(f"{email} has a new password, and has to sign in again.")


def user_invite(role: TheRole = Role.AGENT, data: Data = None) -> None:
    """Print a link that lets one person in; they choose their name and password. It works once, for 24 hours."""
    from api import auth

    with opened(data, create=True) as here:
        path = auth.invite(here.store, role, now())
        say(f"{here.settings.public_url or _LOCAL}{path}")
