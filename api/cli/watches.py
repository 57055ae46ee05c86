"""Commands about watches: what is pulled on a schedule."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Data
from api.cli.support import Brand, Instance, Json, group, name_commands, now, opened, plain, say, say_json, say_rows
from monitor.domain.errors import BadInput

if TYPE_CHECKING:
    from monitor.arranging import Wanted
    from monitor.previewing import Preview
    from monitor.store.engine import Work

Slug = Annotated[str, typer.Argument(metavar="BRAND", help="Short name of the brand.")]
Source = Annotated[str, typer.Argument(help="Where posts come from: x, reddit, mastodon, bluesky, hackernews, feed.")]
Query = Annotated[
    list[str] | None, typer.Argument(metavar="NAME=VALUE...", help="For other sources, e.g. replay path=posts.csv.")
]
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As in the list.")]
Kind = Annotated[str, typer.Option(help="What is asked of the source: amends watch kinds.", show_default=False)]
Words = Annotated[str, typer.Option(help='Any of these: "acme,acme care".', show_default=False)]
Places = Annotated[
    list[str] | None, typer.Option("--place", help="A subreddit, hashtag, feed or thread. May be repeated.")
]
Langs = Annotated[str, typer.Option("--lang", help="Only these languages: en,el.", show_default=False)]
Without = Annotated[str, typer.Option(help="Not with these words.", show_default=False)]
Authors = Annotated[str, typer.Option("--without-author", help="Not by these people.", show_default=False)]
Account = Annotated[
    int | None, typer.Option(help="Number of the account to read with. The only one when left out.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    watch = group(app, "watch", "Queries that are pulled on a schedule.")
    name_commands(watch, kinds=watch_kinds, preview=watch_preview, add=watch_add, list=watch_list)
    name_commands(watch, pause=watch_pause, resume=watch_resume, remove=watch_remove)


def watch_kinds(as_json: Json = False, data: Data = None) -> None:
    """List what can be watched, source by source."""
    del data  # they are the same everywhere
    from monitor.domain.query import KINDS

    rows = [
        {"source": source, "kind": name, **asdict(kind)}
        for source, kinds in KINDS.items()
        for name, kind in kinds.items()
    ]
    if not as_json:
        shown = ("source", "kind", "label", "words", "places", "account")
        rows = [{name: row[name] for name in shown} for row in rows]
    say_rows(rows, as_json=as_json, none="")


def watch_add(
    slug: Slug,
    source: Source,
    query: Query = None,
    kind: Kind = "",
    words: Words = "",
    places: Places = None,
    lang: Langs = "",
    without: Without = "",
    without_author: Authors = "",
    account: Account = None,
    name: Annotated[str, typer.Option(help="How the team calls it.", show_default=False)] = "",
    every: Annotated[int, typer.Option(min=1, help="Seconds between two pulls.")] = 30,
    data: Data = None,
) -> None:
    """Watch a source for a brand. Try it first: amends watch preview."""
    from monitor import arranging

    asked = _asked(source, query or (), kind, words, places or (), lang, without, without_author)
    with opened(data) as here:
        wanted = _wanted(here, slug, source, asked, account)
        number = arranging.add(here.store, wanted, every_s=every, name=name, now=now())
    say(f"Watch {number} pulls {source} for {slug} every {every} s.")


def watch_preview(
    slug: Slug,
    source: Source,
    query: Query = None,
    kind: Kind = "",
    words: Words = "",
    places: Places = None,
    lang: Langs = "",
    without: Without = "",
    without_author: Authors = "",
    account: Account = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Ask the source once and show what a watch would find. Nothing is stored; what the platform bills is booked."""
    from api.cli.accounts import platforms
    from monitor import previewing

    asked = _asked(source, query or (), kind, words, places or (), lang, without, without_author)
    with opened(data) as here:
        wanted, speaking = _wanted(here, slug, source, asked, account), platforms(here)
        told = previewing.preview(here.store, wanted, speaking.source, speaking.log_in, now())
    if as_json:
        say_json(previewing.as_json(told))
    else:
        _tell(told)


def _tell(told: "Preview") -> None:
    from monitor.domain.prices import dollars

    for one in told.posts:
        when = f"{one.written_at:%Y-%m-%d %H:%M}" if one.written_at else "at an unknown time"
        say(f"{one.author.handle}, {when} {one.lang}\n  {' '.join(plain(one.text).split())[:200]}")
    day = "" if told.a_day is None else f", ~{told.a_day:,.0f} a day"
    say(f"{told.count}{' or more' if told.more else ''} found{day}. Nothing was stored.")
    if told.cost:
        month = "" if told.a_month is None else f"; at this pace ~{dollars(told.a_month)} a month"
        say(f"This look cost {dollars(told.cost)}{month}.")


def _asked(
    source: str,
    pairs: Sequence[str],
    kind: str,
    words: str,
    places: Sequence[str],
    lang: str,
    without: str,
    without_author: str,
) -> dict[str, Any]:
    """Return the query, from options, or from NAME=VALUE where the source has no kinds."""
    from monitor.domain.query import KINDS
    from monitor.sources import SOURCES

    if source not in SOURCES:
        message = f"Choose one of {', '.join(SOURCES)}."
        raise typer.BadParameter(message, param_hint="SOURCE")
    given = {"kind": kind, "words": words, "langs": lang, "without": without, "without_authors": without_author}
    filled: dict[str, Any] = {name: value for name, value in given.items() if value}
    if places:
        filled["places"] = list(places)
    if filled and source not in KINDS:
        message = f"{source} has no kinds: say what it needs as NAME=VALUE."
        raise typer.BadParameter(message, param_hint="--kind")
    return {**_pairs(pairs), **filled}


def _pairs(pairs: Sequence[str]) -> dict[str, Any]:
    """Read NAME=VALUE: numbers as numbers, and the name of a file that is there as its full path."""
    query: dict[str, Any] = {}
    for pair in pairs:
        name, sign, written = pair.partition("=")
        if not sign:
            message = f'"{pair}" is not NAME=VALUE, for example path=posts.csv.'
            raise typer.BadParameter(message, param_hint="NAME=VALUE")
        try:
            query[name] = float(written)
        except ValueError:
            query[name] = str(Path(written).resolve()) if Path(written).is_file() else written
    return query


def _wanted(here: Instance, slug: str, source: str, asked: dict[str, Any], account: int | None) -> "Wanted":
    from monitor.arranging import Wanted
    from monitor.store import brands

    with here.store.reading() as work:
        brand_id = brands.by_slug(work, slug).id
        wanted = Wanted(brand_id, source, asked, account)
        return wanted if account else Wanted(brand_id, source, asked, _only_account(work, wanted))


def _only_account(work: "Work", wanted: "Wanted") -> int | None:
    """Return the account a watch must read with, where there is only one. Raises `BadInput` naming several."""
    from monitor.domain.query import KINDS
    from monitor.store import accounts

    kinds = KINDS.get(wanted.source, {})
    kind = kinds.get(str(wanted.query.get("kind") or next(iter(kinds), "")))
    if kind is None or not kind.account:
        return None
    usable = [one for one in accounts.of_brand(work, wanted.brand_id) if one.platform == wanted.source and one.secret]
    if len(usable) > 1:
        named = ", ".join(f"{one.id} ({one.handle})" for one in usable)
        message = f"There are several accounts. Name one with --account: {named}."
        raise BadInput(message, where="--account")
    return usable[0].id if usable else None


def watch_list(brand: Brand = "", as_json: Json = False, data: Data = None) -> None:
    """List the watches and how they are doing."""
    from monitor.store import brands, watches

    with opened(data) as here, here.store.reading() as work:
        slugs = {one.id: one.slug for one in brands.all_brands(work)}
        chosen = brands.by_slug(work, brand).id if brand else None
        rows = [
            {
                "number": one.id,
                "brand": slugs[one.brand_id],
                "source": one.source,
                "name": one.name,
                "query": dict(one.query),
                "account": one.account_id,
                "every_s": one.every_s,
                "paused": one.paused,
                "last_good": one.last_good_at and one.last_good_at.isoformat(timespec="seconds"),
                "last_error": one.last_error,
            }
            for one in watches.listed(work, chosen)
        ]
    say_rows(rows, as_json=as_json, none="No watches yet.")


def watch_pause(number: Number, data: Data = None) -> None:
    """Stop pulling for a while; it goes on later where it stopped."""
    _pause(data, number, paused=True)
    say(f"Watch {number} is paused.")


def watch_resume(number: Number, data: Data = None) -> None:
    """Go on pulling, at once."""
    _pause(data, number, paused=False)
    say(f"Watch {number} goes on.")


def _pause(data: Path | None, number: int, *, paused: bool) -> None:
    from monitor.store import watches

    with opened(data) as here, here.store.unit_of_work() as work:
        watches.pause(work, number, now(), paused=paused)


def watch_remove(number: Number, data: Data = None) -> None:
    """Stop watching for good. What was found stays."""
    from monitor.store import watches

    with opened(data) as here, here.store.unit_of_work() as work:
        watches.remove(work, number, now())
    say(f"Watch {number} was removed. What it found stays.")
