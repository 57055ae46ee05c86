"""What the commands share: options, the opened instance, and how things are printed."""

import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.domain.errors import AppError, BadInput, Conflict, NotFound

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.store.brands import BrandRow
    from monitor.store.engine import Store, Work

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Brand = Annotated[str, typer.Option("--brand", metavar="SLUG", help="Short name of the brand.", show_default=False)]

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, how many in all (0: not known)

_SAY_EVERY = 5.0  # seconds between two lines of progress where there is no terminal
_OTHER_SCHEMA = {
    "behind": "The database is of an older Amends. Nothing was changed. Run `amends migrate` first.",
    "newer": "The database was made by a newer Amends. Nothing was changed. Install that version.",
}


@dataclass(frozen=True, slots=True)
class Instance:
    """The settings, and the database they name."""

    settings: "Settings"
    store: "Store"


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def settings_of(data: Path | None) -> "Settings":
    """Read the settings; what libraries have to say goes to standard error, and only when it is a warning."""
    from monitor import logs, settings

    chosen = settings.load(data)
    logs.configure(chosen.log_format, "WARNING")
    return chosen


@contextmanager
def opened(data: Path | None, *, create: bool = False, any_schema: bool = False) -> Iterator[Instance]:
    """Open the database for one command. Without `create`, one that is not there yet is an error.

    Raises `NotFound`, or (unless `any_schema`) `Conflict` when the schema is of another version.
    """
    from monitor import settings
    from monitor.store import migrate, operating
    from monitor.store.engine import Store

    chosen = settings_of(data)
    own = not chosen.database_url.get_secret_value()
    if own and create:
        made(chosen.data)
    elif own and not (chosen.data / settings.DATABASE_FILE).exists():
        message = f"There is no data in {chosen.data}. Name its folder with --data, or start with `amends up`."
        raise NotFound(message)
    store = Store(chosen.database)
    try:
        status = operating.schema(store)
        if status == "empty" and create:
            migrate.upgrade(store)
        elif status == "empty" or (status != "current" and not any_schema):
            raise Conflict(_OTHER_SCHEMA.get(status, "The database is empty. Run `amends migrate` first."))
        yield Instance(chosen, store)
    finally:
        store.close()


def made(folder: Path) -> Path:
    """Return a folder, created if need be. Raises `BadInput` where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be used as a folder: {error.strerror}. Name another one with --data."
        raise BadInput(message, where="--data") from error
    return folder


def one_brand(work: "Work", slug: str) -> "BrandRow":
    """Return the brand that was named, or the only one. Raises `BadInput` naming them when there are several."""
    from monitor.store import brands

    if slug:
        return brands.by_slug(work, slug)
    every = brands.all_brands(work)
    own = [one for one in every if not one.is_demo] or every
    if len(own) == 1:
        return own[0]
    raise which_brand([one.slug for one in own])


def which_brand(slugs: Sequence[str]) -> AppError:
    """Return the error for a command that cannot tell which brand is meant."""
    if not slugs:
        return NotFound("There is no brand yet. Add one: amends brand add SLUG NAME")
    return BadInput(f"There are several brands. Name one with --brand: {', '.join(sorted(slugs))}.", where="--brand")


def group(app: typer.Typer, name: str, words: str) -> typer.Typer:
    """Return a new family of commands: `amends NAME ...`."""
    family = typer.Typer(help=words, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(family, name=name)
    return family


def name_commands(family: typer.Typer, **commands: Callable[..., None]) -> None:
    """Add commands to a family under their names."""
    for name, command in commands.items():
        family.command(name)(command)


def secret(file: Path | None, ask: str, *, twice: bool = False, optional: bool = False) -> str:
    """Read a secret from a file ("-": standard input), or ask for it without showing it."""
    if file is None and sys.stdin.isatty():
        default = "" if optional else None
        return str(typer.prompt(ask, hide_input=True, confirmation_prompt=twice, default=default, show_default=False))
    if file is None or str(file) == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file} cannot be read: {error}."
        raise BadInput(message) from error


# --- printing ---------------------------------------------------------------------------------------------------


def plain(words: str) -> str:
    """Return words that cannot command a terminal: control characters are shown as a question mark."""
    return "".join("?" if unicodedata.category(one) == "Cc" and one not in "\n\t" else one for one in words)


def say(words: str) -> None:
    """Print a sentence."""
    typer.echo(plain(words))


def hint(words: str) -> None:
    """Print a sentence beside the output: on standard error."""
    typer.echo(plain(words), err=True)


def say_json(value: Any) -> None:
    """Print data."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headers."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*headers, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(plain("" if one is None else str(one)) for one in row))
    width = None if sys.stdout.isatty() else 200
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def say_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, none: str) -> None:
    """Print records that have the same fields: as JSON, as a table, or as the sentence for none."""
    if as_json:
        say_json(rows)
    elif rows:
        say_table([name.replace("_", " ") for name in rows[0]], [[*row.values()] for row in rows])
    else:
        say(none)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show how far long work is, on standard error: a bar on a terminal, otherwise a line now and then."""
    if not sys.stderr.isatty():
        yield _said_now_and_then()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*parts, console=Console(stderr=True), transient=True) as bars:
        known: dict[str, Any] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in known:
                known[what] = bars.add_task(what, total=total or None)
            bars.update(known[what], completed=done, total=total or None)

        yield show


def _said_now_and_then() -> Progress:
    last = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SAY_EVERY:
            last = time.monotonic()
            hint(f"{what}: {done:,} of {total:,}" if total else f"{what}: {done:,}")

    return tell
