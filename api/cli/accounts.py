"""Commands about a brand's accounts on platforms: connect, check, set, let go."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl, urlsplit

import typer

from api.cli.options import Data
from api.cli.support import (
    Brand,
    Instance,
    Json,
    group,
    name_commands,
    now,
    one_brand,
    opened,
    say,
    say_json,
    say_rows,
    secret,
)
from monitor.domain.errors import RetryLater

if TYPE_CHECKING:
    from api.platforms import Platforms
    from monitor.connecting import Begun
    from monitor.ports import Field, Standing
    from monitor.vault import Vault

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As in the list.")]
_HERE = "http://127.0.0.1:8000"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    account = group(app, "account", "A brand's accounts on platforms.")
    name_commands(account, connect=connect, check=check, list=list_, options=options)
    account.command("let-go")(let_go)


def platforms(here: Instance) -> "Platforms":
    """Return what speaks to platforms."""
    from api.platforms import Platforms

    return Platforms(here.settings, here.store, _vault(here))


def _vault(here: Instance) -> "Vault":
    from monitor.vault import Vault

    return Vault(here.settings.key())


# --- connecting ---------------------------------------------------------------------------------------------------


def connect(
    platform: Annotated[str, typer.Argument(help="x, reddit, mastodon or bluesky.")],
    brand: Brand = "",
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="NAME=@FILE reads a file. What is left out is asked for, secrets unseen."
        ),
    ] = None,
    redirect_url: Annotated[
        str, typer.Option(help=f"As registered at the platform. Default: the public address, else {_HERE}/...")
    ] = "",
    data: Data = None,
) -> None:
    """Connect a brand's account, or sign in to it again.

    Where the platform wants you to sign in on its own page, its address is printed; paste the address you are sent
    back to, or the code. What is on a command line stays in the shell's history: secrets are asked for, or read from files.
    """
    from monitor import connecting, connectors
    from monitor.connecting import Begun

    with opened(data) as here:
        connector = connectors.load(platform, here.settings.platform(platform))
        with here.store.reading() as work:
            row = one_brand(work, brand)
        given = _given(connector.fields, field or [])
        redirect = redirect_url or platforms(here).redirect_url(_HERE)
        vault = _vault(here)
        begun = connecting.start(here.store, vault, connector, row.id, platform, given, redirect, None, now())
        number = _signed_in(here, begun, redirect) if isinstance(begun, Begun) else begun
        try:
            standing = _checked(here, number)
        except RetryLater as passing:
            say(f"Connected as account {number}. {passing} Ask later: amends account check {number}")
            return
    say(f"Connected as {standing.handle or 'an app that only reads'}, account {number} of {row.name}.")
    _tell(standing)
    say(f"Next, a watch: amends watch add {row.slug} {platform} --kind ... --account {number}")


def _given(fields: Sequence["Field"], pairs: Sequence[str]) -> dict[str, str]:
    """Read what was given, and ask for the rest."""
    given, known = {}, {one.name: one for one in fields}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or name not in known:
            message = f'"{pair.partition("=")[0]}" is not one of {", ".join(f"{one}=" for one in known)}'
            raise typer.BadParameter(message, param_hint="--field")
        if known[name].secret and not value.startswith("@"):
            message = f"{name} is a secret, and a command line stays in the shell's history: write {name}=@FILE, or leave it out and type it when asked."
            raise typer.BadParameter(message, param_hint="--field")
        given[name] = secret(Path(value[1:]), "") if value.startswith("@") else value
    return {**{one.name: _ask(one) for one in fields if one.name not in given}, **given}


def _ask(field: "Field") -> str:
    if field.help and sys.stdin.isatty():
        say(field.help)
    if field.secret and (field.required or sys.stdin.isatty()):
        empty = "" if field.required else ", or nothing"
        return secret(None, f"{field.label}{empty} (it is not shown)", optional=not field.required)
    if sys.stdin.isatty():
        return str(typer.prompt(field.label, default=field.default, show_default=bool(field.default)))
    return sys.stdin.readline().strip() if field.required and not field.default else field.default


def _signed_in(here: Instance, begun: "Begun", redirect: str) -> int:
    """Send the person to the platform, and take what they come back with."""
    from monitor import connecting

    say(f"Open this address and sign in:\n\n{begun.url}\n")
    say(f"You are sent to an address that begins with {redirect}. Paste that address, or the code in it:")
    pasted = sys.stdin.readline().strip()
    answer = dict(parse_qsl(urlsplit(pasted).query)) if "://" in pasted else {"code": pasted}
    answer = {"state": begun.state, **answer}
    back = connecting.take(here.store, _vault(here), answer["state"], None, now())
    return connecting.finish(here.store, _vault(here), platforms(here).connector, back, answer, now())


# --- accounts that are there --------------------------------------------------------------------------------------


def check(number: Number, as_json: Json = False, data: Data = None) -> None:
    """Ask the platform what an account may do. Exit code 1 when it refuses."""
    from monitor import connecting

    with opened(data) as here:
        standing = _checked(here, number)
    if as_json:
        say_json(connecting.shown(standing))
    else:
        _tell(standing)


def _checked(here: Instance, number: int) -> "Standing":
    from monitor import connecting

    speaking = platforms(here)
    return connecting.check(here.store, speaking.logins, speaking.connector, number, now())


def _tell(standing: "Standing") -> None:
    may = ("can read" if standing.can_read else "cannot read", "can reply" if standing.can_reply else "cannot reply")
    say(", ".join(may))
    for note in standing.notes:
        say(f"  {note}")


def list_(brand: Brand = "", as_json: Json = False, data: Data = None) -> None:
    """List the accounts, what their platforms said last, and what was set."""
    from monitor.domain.account_options import dollars
    from monitor.store import accounts, brands

    with opened(data) as here, here.store.reading() as work:
        slugs = {one.id: one.slug for one in brands.all_brands(work)}
        rows = [
            {
                "number": one.id,
                "brand": slugs[one.brand_id],
                "platform": one.platform,
                "handle": one.handle,
                "publisher": one.publisher,
                "can_read": one.standing.get("can_read"),
                "can_reply": one.standing.get("can_reply"),
                "cap": dollars(one.cap_micros),
                "checked": one.checked_at and one.checked_at.isoformat(timespec="seconds"),
                "error": one.error,
            }
            for one in accounts.of_brand(work, brands.by_slug(work, brand).id if brand else None)
        ]
    say_rows(rows, as_json=as_json, none="No accounts yet. Connect one: amends account connect PLATFORM --brand BRAND")


def options(
    number: Number,
    changes: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="None: show them.")] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Answer an account's questions, e.g. `amends account options 3 approval_held=yes cap=50`.

    cap is in dollars a month, where the platform bills; cap= lifts it.
    """
    from monitor import connecting
    from monitor.domain.account_options import read_cap
    from monitor.store import accounts

    given = _pairs(changes or [])
    with opened(data) as here:
        with here.store.reading() as work:
            row = accounts.get(work, number)
        cap = read_cap(given.pop("cap")) if "cap" in given else row.cap_micros
        if changes:
            row = connecting.set_options(here.store, number, given, cap, now())
    say_rows(_answers(row.platform, row.options, cap), as_json=as_json, none="Nothing can be set on this account.")


def _pairs(changes: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in changes]
    wrong = next((name for name, sign, _ in pairs if not sign), None)
    if wrong is not None:
        message = f'"{wrong}" is not NAME=VALUE.'
        raise typer.BadParameter(message, param_hint="NAME=VALUE")
    return {name.strip(): value for name, _, value in pairs}


def _answers(platform: str, set_: Mapping[str, object], cap: int | None) -> list[dict[str, object]]:
    from monitor.domain.account_options import BILLED, OPTIONS, dollars

    rows: list[dict[str, object]] = [
        {"name": one.name, "value": set_.get(one.name, ""), "question": one.question}
        for one in OPTIONS.get(platform, ())
    ]
    if platform in BILLED:
        rows.append({"name": "cap", "value": dollars(cap), "question": "The most it may cost in a month, in dollars"})
    return rows


def let_go(
    number: Number, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, data: Data = None
) -> None:
    """Give an account's access back, forget its sign-in and pause its watches. What it sent stays on record."""
    from monitor import connecting
    from monitor.store import accounts

    with opened(data) as here:
        with here.store.reading() as work:
            row = accounts.get(work, number)
        if not yes and not typer.confirm(f"Let go of {row.handle} on {row.platform}?"):
            say("It was kept.")
            return
        speaking = platforms(here)
        left = connecting.let_go(here.store, _vault(here), speaking.connector, here.settings.platform, number, now())
    say(f"{row.handle} on {row.platform} was let go; its watches are paused.")
    if left:
        say(left)
