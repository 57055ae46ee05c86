"""Commands about brands, their dry-run accounts, and the routes by which people are paged."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import Data
from api.cli.support import Brand, Json, group, name_commands, now, opened, say, say_rows, secret
from monitor.domain.errors import BadInput, NotAllowed, NotFound

Slug = Annotated[str, typer.Argument(metavar="BRAND", help="Short name of the brand.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As in the list.")]
_SHORT = 60  # characters of a short name


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    brand = group(app, "brand", "Brands: how they decide, promise and speak.")
    name_commands(brand, add=brand_add, list=brand_list, set=brand_set)
    account = group(brand, "account", "A brand's logins on platforms.")
    name_commands(account, add=account_add, list=account_list)
    route = group(app, "route", "Where people are paged.")
    name_commands(route, add=route_add, list=route_list, remove=route_remove, test=route_test)


# --- brands -----------------------------------------------------------------------------------------------------


def brand_add(
    slug: Slug, name: Annotated[str, typer.Argument(help="The name customers know.")], data: Data = None
) -> None:
    """Add a brand."""
    from monitor.store import brands

    if not slug.replace("-", "").isalnum() or slug != slug.lower() or len(slug) > _SHORT:
        message = f"A short name has 1 to {_SHORT} small letters, digits and hyphens."
        raise typer.BadParameter(message, param_hint="BRAND")
    with opened(data, create=True) as here, here.store.unit_of_work() as work:
        brands.create(work, slug, name, now())
    say(f"{name} was added as {slug}.")


def brand_list(as_json: Json = False, data: Data = None) -> None:
    """List the brands with their settings; what is not shown has its default."""
    from monitor.store import brands

    with opened(data) as here, here.store.reading() as work:
        rows = [
            {"slug": one.slug, "name": one.name, "demo": one.is_demo, "settings": one.settings, "voice": one.voice}
            for one in brands.all_brands(work)
        ]
    if not as_json:
        rows = [{**row, "settings": _in_line(row["settings"]), "voice": _in_line(row["voice"])} for row in rows]
    say_rows(rows, as_json=as_json, none="No brand yet. Add one: amends brand add SLUG NAME")


def _in_line(values: Any) -> str:
    return " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def brand_set(
    slug: Slug,
    changes: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="No value: back to the default.")],
    data: Data = None,
) -> None:
    """Change how a brand decides, promises and speaks.

    The names: name, threshold, thresholds, minutes, six_thousand, hours, undo_s, mandate, voice.brand, voice.signature,
    voice.formal, voice.contact, voice.thanks. For example: amends brand set acme threshold=0.35 voice.signature=Maria
    """
    from monitor.domain.brand_options import read_changes
    from monitor.store import brands, operating

    try:
        wanted = read_changes(changes)
    except BadInput as wrong:
        raise typer.BadParameter(str(wrong), param_hint="NAME=VALUE") from wrong
    with opened(data) as here, here.store.unit_of_work() as work:
        row = brands.by_slug(work, slug)
        if wanted.name:
            operating.rename_brand(work, row.id, wanted.name)
        row = brands.change(work, row.id, voice=wanted.voice, settings=wanted.settings)
    say(f"{slug}: {_in_line(row.settings) or 'all settings at their defaults'}")
    say(f"voice: {_in_line(row.voice)}")


def account_add(
    slug: Slug,
    platform: Annotated[str, typer.Argument(help="For example x, reddit, mastodon, bluesky.")],
    handle: Annotated[str, typer.Argument(help="The brand's name there.")],
    publisher: Annotated[str, typer.Option(help="What sends: dryrun shows it to nobody.")] = "dryrun",
    data: Data = None,
) -> None:
    """Add a brand's login on a platform."""
    from monitor.store import accounts, brands
    from responders.publishers import PUBLISHERS

    if publisher not in PUBLISHERS:
        message = f"Choose one of {', '.join(PUBLISHERS)}."
        raise typer.BadParameter(message, param_hint="--publisher")
    platform, handle = platform.strip().lower(), handle.strip().removeprefix("@")
    with opened(data) as here, here.store.unit_of_work() as work:
        row = brands.by_slug(work, slug)
        if publisher == "dryrun" and not (row.is_demo or here.settings.dry_run):
            message = f"{row.name} is no demo: customers would wait for replies that nobody sees. Set AMENDS_DRY_RUN=true if that is what you want."
            raise NotAllowed(message)
        if any((one.platform, one.handle) == (platform, handle) for one in accounts.of_brand(work, row.id)):
            message = f"{row.name} has that account already."
            raise BadInput(message)
        accounts.add(work, row.id, platform, handle, publisher, now())
    say(f"{row.name} answers on {platform} as {handle} ({publisher}).")


def account_list(brand: Brand = "", as_json: Json = False, data: Data = None) -> None:
    """List accounts."""
    from monitor.store import accounts, brands

    with opened(data) as here, here.store.reading() as work:
        every = [brands.by_slug(work, brand)] if brand else brands.all_brands(work)
        rows = [
            {"brand": one.slug, "platform": its.platform, "handle": its.handle, "publisher": its.publisher}
            for one in every
            for its in accounts.of_brand(work, one.id)
        ]
    say_rows(rows, as_json=as_json, none="No accounts yet.")


# --- routes -----------------------------------------------------------------------------------------------------


def route_add(
    slug: Slug,
    name: Annotated[str, typer.Argument(help='Who or what it reaches, for example "PR lead".')],
    address: Annotated[
        str, typer.Argument(help="Apprise address. Asked for, unseen, when left out.", show_default=False)
    ] = "",
    address_file: Annotated[
        Path | None, typer.Option(help="File with the address, - for standard input.", show_default=False)
    ] = None,
    data: Data = None,
) -> None:
    """Page somebody by mail, chat or push: any address that Apprise takes. It is stored encrypted.

    An address carries a password or a token, and what is on a command line stays in the shell's history.
    """
    from monitor.store import alerts, brands
    from monitor.vault import Vault
    from responders.notifiers.apprise_notifier import describe

    with opened(data) as here:
        with here.store.reading() as work:
            brand_id = brands.by_slug(work, slug).id
        url = address or secret(address_file, "Apprise address (it is not shown)").strip()
        words = describe(url)
        locked = Vault(here.settings.key()).lock(url)
        with here.store.unit_of_work() as work:
            number = alerts.add_route(work, brand_id, name, locked, now())
    say(f"Route {number} pages {name} for {slug} ({words}). Try it: amends route test {number}")


def route_list(as_json: Json = False, data: Data = None) -> None:
    """List the routes, without their secrets."""
    from monitor.store import operating
    from monitor.vault import Vault

    with opened(data) as here, here.store.reading() as work:
        vault = Vault(here.settings.key())
        rows = [
            {"number": number, "brand": slug, "name": name, "reaches": _label(vault, url)}
            for number, slug, name, url in operating.every_route(work)
        ]
    say_rows(rows, as_json=as_json, none="No routes yet. Add one: amends route add BRAND NAME")


def _label(vault: Any, locked: bytes) -> str:
    from responders.notifiers.apprise_notifier import describe

    try:
        return describe(vault.unlock(locked))
    except BadInput as wrong:
        return str(wrong)


def route_remove(number: Number, data: Data = None) -> None:
    """Stop paging by a route, and forget its address."""
    from monitor.store import alerts

    with opened(data) as here, here.store.unit_of_work() as work:
        if not alerts.remove_route(work, number):
            raise _no_route(number)
    say(f"Route {number} was removed.")


def route_test(number: Number, data: Data = None) -> None:
    """Send a test page by a route. Exit code 1 when it does not get through."""
    from monitor.store import operating
    from monitor.vault import Vault
    from responders import notifiers
    from responders.ports import Alert

    with opened(data) as here:
        with here.store.reading() as work:
            found = next((url for one, _, _, url in operating.every_route(work) if one == number), None)
        if found is None:
            raise _no_route(number)
        address = Vault(here.settings.key()).unlock(found)
        body = "This is a test of Amends. Nobody has to do anything."
        notifiers.load("apprise").notify(
            Alert("Amends: a test", body, here.settings.public_url, urgent=False), [address]
        )
    say("It was delivered.")


def _no_route(number: int) -> NotFound:
    return NotFound(f"There is no route number {number}. See: amends route list")
