"""The `amends` command. Each module beside this one registers its commands."""

import sys
from importlib import import_module
from importlib.metadata import version as installed
from typing import Annotated

import typer

from monitor.domain.errors import AppError

MODULES = ("running", "data", "people", "accounts", "watches", "judging", "trials", "measuring", "care")

app = typer.Typer(
    name="amends",
    help="Watches public posts for unhappy customers, drafts an honest reply, and puts it before a person.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"amends {installed('amends')}")
        raise typer.Exit


@app.callback()
def _amends(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Watches public posts for unhappy customers, drafts an honest reply, and puts it before a person."""


for _name in MODULES:
    import_module(f"api.cli.{_name}").register(app)


def main() -> None:
    """Run a command. What went wrong is said in plain words: exit code 1, or 2 for a wrong command line."""
    try:
        app()
    except AppError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
