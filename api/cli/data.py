"""Commands that bring data in, count them, and keep them safe: import, ledger, export, backup, restore."""

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from api.cli.lines import writing
from api.cli.options import Data
from api.cli.support import (
    Brand,
    Json,
    hint,
    made,
    now,
    one_brand,
    opened,
    plain,
    progress,
    say,
    say_json,
    say_table,
    settings_of,
    which_brand,
)
from monitor.domain.errors import BadInput, Conflict

if TYPE_CHECKING:
    from monitor.intake import Summary
    from monitor.sources.files import Options
    from monitor.store.brands import BrandRow
    from monitor.store.engine import Store, Work
    from monitor.store.ledger import Ledger

_SHOWN = 20  # refused rows
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BAR = 40  # characters
_PAIR = re.compile(r",(?=\s*\w+\s*=)")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_)
    for command in (ledger, export, backup, restore):
        app.command()(command)


# --- import -----------------------------------------------------------------------------------------------------


def import_(
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or JSON, plain or gzip.")],
    brand: Brand = "",
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds which field.")
    ] = None,
    as_live: Annotated[bool, typer.Option("--as-live", help="Treat old posts as just posted.")] = False,
    platform: Annotated[str, typer.Option(help="Platform of rows that name none.")] = "import",
    encoding: Annotated[str, typer.Option(help="Default: told from the file.", show_default=False)] = "",
    delimiter: Annotated[str, typer.Option(help="Default: told from the file.", show_default=False)] = "",
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="How to read 04/05/2024.", show_default=False)
    ] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Bring in posts from a file. Repeating it adds nothing twice and finishes an import that was interrupted."""
    from monitor.intake import import_file
    from monitor.sources.files import Options
    from monitor.store import operating

    options = Options(_pairs(mapping or []), encoding, _delimiter(delimiter), platform, day_first)
    _check_mapping(file, options)
    with opened(data, create=True) as here, progress() as tell:
        with here.store.unit_of_work() as work:
            chosen = _brand_for_import(work, brand)
            newest = operating.newest_mention(work)
        after = here.settings.history_after
        summary = import_file(
            here.store, chosen.id, file, options, now, as_live=as_live, history_after=after, progress=tell
        )
        with here.store.reading() as work:
            old = operating.history_since(work, chosen.id, newest)
    _say_import(summary, chosen.slug, old, as_json=as_json)


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """Read "text=Body,author=User"; a comma inside a column's name is part of it."""
    pairs: dict[str, str] = {}
    for piece in (piece for one in given for piece in _PAIR.split(one)):
        field, sign, column = piece.partition("=")
        if not sign:
            message = f'"{piece}" is not FIELD=COLUMN, for example text=Body.'
            raise typer.BadParameter(message, param_hint="--map")
        pairs[field.strip()] = column.strip()
    return pairs


def _delimiter(given: str) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
    chosen = named.get(given.lower(), given)
    if len(chosen) > 1:
        message = (
            f'"{given}" is not one character. Use one, or a name: {", ".join(one for one in named if one.isalpha())}.'
        )
        raise typer.BadParameter(message, param_hint="--delimiter")
    return chosen


def _check_mapping(file: Path, options: "Options") -> None:
    """Refuse fields that do not exist, and columns that a table's first line does not name."""
    from monitor.domain.rows import columns
    from monitor.sources.opening import open_text
    from monitor.sources.tables import table

    try:
        columns((), options.mapping)
        with open_text(file, options.encoding) as text:
            header = table(text, options.mapping, options.delimiter).header
        found = columns(header, options.mapping)
    except BadInput as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--map" if wrong.where == "mapping" else wrong.where) from wrong
    absent = [name for field, name in options.mapping.items() if header and name and field not in found]
    if absent:
        names = ", ".join(f'"{one[:40]}"' for one in header[:20])
        message = f'There is no column "{absent[0]}"; the first line names {names}.'
        raise typer.BadParameter(plain(message), param_hint="--map")


def _brand_for_import(work: "Work", slug: str) -> "BrandRow":
    """Return the brand that was named, else the only one of our own, else a new one called "default"."""
    from monitor.store import brands

    if slug:
        return brands.by_slug(work, slug)
    own = [one for one in brands.all_brands(work) if not one.is_demo]
    if len(own) > 1:
        raise which_brand([one.slug for one in own])
    # Never the demo: what is removed with it must not be a customer's.
    return own[0] if own else brands.get(work, brands.create(work, "default", "Default", now()))


def _say_import(summary: "Summary", slug: str, old: int, *, as_json: bool) -> None:
    report = summary.report
    if as_json:
        counts = {name: getattr(summary, name) for name in ("rows", "new", "known", "refused", "resumed_at")}
        kept = ("repeated", "format", "compressed", "delimiter", "encoding", "columns", "notes")
        how = {name: getattr(report, name) for name in kept} | {"columns": dict(report.columns)}
        refused = [asdict(one) for one in report.refused]
        say_json({"brand": slug, **counts, "history": old, **how, "refused_rows": refused})
        return
    read_as = ", ".join(f"{field} from {column}" for field, column in report.columns.items())
    say(f"Read as {report.format} in {report.encoding}: {read_as}.")
    for note in report.notes:
        say(note)
    if summary.resumed_at:
        say(f"Taken up at row {summary.resumed_at + 1:,}, where an earlier import had stopped.")
    for one in report.refused[:_SHOWN]:
        say(f"  line {one.line}{f', {one.field}' if one.field else ''}: {one.reason}")
    if report.refused_total > _SHOWN:
        say(f"  and {report.refused_total - _SHOWN:,} more: --json lists the first 100")
    say(f"{summary.new:,} new, {summary.known:,} already known, {summary.refused:,} refused (brand {slug}).")
    if old:
        say(
            f"{old:,} were already old when they arrived: history, judged and searchable, never late. To treat such posts as new, import with --as-live."
        )
    if summary.new:
        say("They are judged while `amends up` runs.")


# --- ledger and export ------------------------------------------------------------------------------------------


def ledger(brand: Brand = "", as_json: Json = False, data: Data = None) -> None:
    """Count every mention in exactly one ending. Exit code 0 only when none is unaccounted for."""
    from monitor.store import brands
    from monitor.store.ledger import take_stock

    with opened(data) as here, here.store.reading() as work:
        stock = take_stock(work, brands.by_slug(work, brand).id if brand else None)
    if as_json:
        say_json(stock.figures())
    else:
        _say_ledger(stock)
    if not stock.balanced:
        raise typer.Exit(1)


def _say_ledger(stock: "Ledger") -> None:
    names = ("waiting", "history", "not_a_complaint", "open", "answered", "closed", "gone", "unaccounted")
    rows = [(name.replace("_", " "), getattr(stock, name)) for name in names]
    say_table(("", "mentions", ""), [(name, f"{count:,}", _drawn(count, stock.mentions)) for name, count in rows])
    if stock.balanced:
        say(f"Balanced: each of {stock.mentions:,} mentions is in exactly one ending.")
    else:
        ids = ", ".join(map(str, stock.unaccounted_ids))
        say(f"NOT balanced: {stock.unaccounted:,} of {stock.mentions:,} mentions are in no ending. Mentions {ids}.")


def _drawn(count: int, every: int) -> str:
    """Draw a share; whatever is there at all is seen."""
    return "█" * max(round(_BAR * count / every), 1) if count else ""


def export(
    brand: Brand = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write. Default: standard output.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    data: Data = None,
) -> None:
    """Write a brand's mentions with what was made of them and how they ended."""
    from monitor.store.operating import ExportRow, export

    if form not in {"csv", "jsonl"}:
        message = "Choose csv or jsonl."
        raise typer.BadParameter(message, param_hint="--format")
    names = [field.name for field in fields(ExportRow)]
    done = 0
    with opened(data) as here, here.store.reading() as work, writing(output) as file, progress() as tell:
        put = _as_csv(file, names) if form == "csv" else _as_json_lines(file)
        for done, row in enumerate(export(work, one_brand(work, brand).id), 1):
            put(asdict(row))
            tell("exporting", done, 0)
    hint(f"{done:,} mentions were written.")


Put = Callable[[dict[str, Any]], object]


def _as_json_lines(file: IO[str]) -> Put:
    return lambda row: file.write(f"{json.dumps(row, ensure_ascii=False, default=_in_iso)}\n")


def _in_iso(moment: datetime) -> str:
    return moment.isoformat()


def _as_csv(file: IO[str], names: Sequence[str]) -> Put:
    table = csv.DictWriter(file, names)
    table.writeheader()
    return lambda row: table.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: what strangers write is opened there."""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


# --- backup and restore -------------------------------------------------------------------------------------------


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="File to write. Default: amends-TIME.tar.gz here.", show_default=False)
    ] = None,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Save everything in one file, while Amends runs. It holds the key: keep it as safe as a password."""
    from monitor.store import backup as backups

    at = now()
    target = file or Path(f"amends-{at:%Y%m%dT%H%M%SZ}.tar.gz")
    with opened(data, any_schema=True) as here:
        manifest = backups.save(here.settings, here.store, target, at, installed("amends"))
    if as_json:
        say_json({"file": str(target), **asdict(manifest)})
        return
    say(f"{target}: {manifest.counts.get('mention', 0):,} mentions, {manifest.counts.get('case', 0):,} cases.")
    if manifest.has_key:
        say("It holds secret.key, which opens your stored tokens and routes. Only you can read the file: keep it so.")
    elif here.settings.secret_key.get_secret_value():
        say("It holds no key: yours is set by AMENDS_SECRET_KEY. Keep that too, or stored tokens cannot be read.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `amends backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there; it is kept aside.")] = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Put a backup back, while nothing runs. Replies approved then go back to review: they may be out already."""
    from api.running.lock import only_one
    from monitor.store import backup as backups
    from monitor.store.engine import Store
    from monitor.store.ledger import take_stock
    from responders.restored import back_to_the_desk

    chosen = settings_of(data)
    made(chosen.data)
    with only_one(chosen.data):
        store = Store(chosen.database)
        try:
            _nobody_works(store)
            returned = list[int]()
            manifest, aside = backups.restore(
                chosen,
                store,
                file,
                now(),
                installed("amends"),
                force=force,
                settle=lambda restored: returned.append(back_to_the_desk(restored, now())),
            )
            with store.reading() as work:
                stock = take_stock(work)
        finally:
            store.close()
    if as_json:
        told = {"made_at": manifest.made_at, "kept_aside": str(aside or ""), "back_to_review": sum(returned)}
        say_json({**told, "ledger": stock.figures()})
    else:
        say(f"Restored what was saved at {manifest.made_at}.")
        if aside:
            say(f"What was there before is in {aside}.")
        if sum(returned):
            say(
                f"{sum(returned)} approved replies went back to review: they may have been sent since. Look before you approve."
            )
        _say_ledger(stock)
    if not stock.balanced:
        raise typer.Exit(1)


def _nobody_works(store: "Store") -> None:
    """Raise `Conflict` while workers are at it, on this machine or another."""
    from monitor.store import figures, operating

    if not operating.there(store) or operating.schema(store) != "current":
        return
    with store.reading() as work:
        until = figures.lease_until(work, "relay")
    if until is not None and until > now():
        message = "Workers are running on this database. Nothing was changed: stop them, and try again after a minute."
        raise Conflict(message)
