"""Commands that look after an installation: doctor, demo."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Data
from api.cli.support import Json, now, opened, say, say_json, say_table, settings_of


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (doctor, demo):
        app.command()(command)


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Load the model too.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Say what is set, from where, and what is wrong. No secret is shown. Exit code 1 when something fails."""
    from api.cli.checks import FAIL, checks
    from monitor import settings

    chosen = settings_of(data)
    rows = [(name, value, _source(name, source, data)) for name, value, source in settings.describe(chosen)]
    found = list(checks(chosen, now(), deep=deep))
    failed = any(one.level == FAIL for one in found)
    if as_json:
        set_ = [dict(zip(("name", "value", "source"), row, strict=True)) for row in rows]
        say_json({"ok": not failed, "settings": set_, "checks": [asdict(one) for one in found]})
    else:
        say_table(("setting", "value", "from"), rows)
        say("")
        say_table(("", "check", "", "what to do"), [(one.level.upper(), one.name, one.said, one.do) for one in found])
    if failed:
        raise typer.Exit(1)


def _source(name: str, source: str, data: Path | None) -> str:
    return "--data" if name == "data" and data is not None else source


def demo(
    remove: Annotated[bool, typer.Option("--remove", help="Remove it with all that came of it.")] = False,
    platform: Annotated[
        list[str] | None,
        typer.Option(help="Run this platform, simulated, until Ctrl-C, and connect the demo to it. May be repeated."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_000, help="Of the first platform; 0: any free one.")] = 0,
    speed: Annotated[float, typer.Option(help="How many times as fast its customers write.")] = 1.0,
    data: Data = None,
) -> None:
    """Add a brand to try things on: its customers write, and its replies are shown to nobody.

    With --platform x, reddit, mastodon, bluesky, hackernews or feed it goes on in the foreground: a platform of that kind
    on this machine, with customers on it. Replies that are approved at the desk then really stand there.
    """
    from api.cli import live
    from responders import demo as demos

    with opened(data, create=not remove) as here:
        if platform and not remove:
            live.run(here, platform, port, speed)
            return
        if remove:
            demos.remove(here.store)
            say("The demo was removed. Your own brands are as they were.")
            return
        demos.install(here.store, now(), speed=speed)
        say(f"{demos.NAME} was added. Its customers write while `amends up` runs.")
