"""Options that every command shares."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Data folder. Default: AMENDS_DATA, else ./amends-data.", show_default=False),
]
