"""The command as a whole: quick to answer, explained, and documented."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from api.cli import app
from tests.api.cli.conftest import Amends

DOCS = Path(__file__).parents[3] / "docs" / "commands.md"
# The heaviest things we stand on: none may be needed to show a help text.
HEAVY = ("sqlalchemy", "alembic", "pydantic", "fastapi", "celery", "transformers", "onnxruntime", "numpy", "apprise")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with its whole name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


EVERY = dict(commands(get_command(app)))


def test_help_needs_nothing_heavy() -> None:
    script = "import sys, api.cli; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("name", EVERY)
def test_every_command_explains_itself_and_takes_a_data_folder(amends: Amends, name: str) -> None:
    said = amends(*name.split(), "--help")
    assert said.code == 0
    assert "--data" in said.out
    assert EVERY[name].help


@pytest.mark.parametrize("name", EVERY)
def test_every_command_is_documented_with_an_example_and_its_options(name: str) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert f"amends {name}" in text
    missing = [
        option
        for parameter in EVERY[name].params
        for option in parameter.opts[:1]
        if option.startswith("--") and not re.search(rf"{option}(?![\w-])", text)
    ]
    assert missing == []


def test_a_command_that_is_not_there_is_wrong_usage(amends: Amends) -> None:
    assert amends("apologise").code == 2
    assert amends("ledger", "--loud").code == 2
