"""PostgreSQL's own tools for saving and loading a whole database."""

import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, quoted_name, text
from sqlalchemy.schema import CreateSchema, DropSchema

from monitor.domain.errors import AppError
from monitor.settings import Settings, environment
from monitor.store.engine import Store

_SHOWN = 500  # characters of what a tool said


class ToolFailed(AppError):
    """A tool of PostgreSQL is missing, or said no."""

    code = "tool_failed"


def dump(settings: Settings, url: URL, target: Path) -> None:
    """Write a snapshot of a database in pg_dump's custom format. Raises `ToolFailed`."""
    _run(settings, url, [_tool("pg_dump"), "--format=custom", "--no-owner", "--no-acl", f"--file={target}"])


def load(settings: Settings, store: Store, source: Path) -> None:
    """Put a snapshot in the place of what the database holds. Raises `ToolFailed`.

    The schema is emptied first, with whatever a newer program had added to it.
    """
    tool = _tool("pg_restore")
    with store.unit_of_work() as work:
        schema = quoted_name(str(work.execute(text("SELECT current_schema()")).scalar_one()), quote=True)
        work.execute(DropSchema(schema, cascade=True))
        work.execute(CreateSchema(schema))
    _run(settings, store.url, [tool, "--single-transaction", "--no-owner", "--no-acl", str(source)])


def needs_restoring_tool() -> None:
    """Raise `ToolFailed` when this machine could not load a snapshot."""
    _tool("pg_restore")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = (
            f"{name} was not found on this machine. Install PostgreSQL's client programs, of the server's version."
        )
        raise ToolFailed(message)
    return found


def _run(settings: Settings, url: URL, command: list[str]) -> None:
    # The password goes by the environment: a command line can be read by everybody on the machine.
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603  the program was found by its name, the arguments are ours
        [*command, f"--dbname={address}"],
        env=environment(settings) | secret,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        message = f"{Path(command[0]).name} did not work: {done.stderr.strip()[-_SHOWN:]}"
        raise ToolFailed(message)
