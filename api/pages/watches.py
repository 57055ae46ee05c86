"""What is watched, for a lead: build a watch, try it, start it, change it, end it."""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages.accounts import Typed, platforms
from api.pages.here import LEADS, Acting, BrandId, Here, Reading, go, status_of
from api.pages.new_brand import NEW
from monitor import arranging, previewing
from monitor.arranging import Wanted
from monitor.connectors import CONNECTORS
from monitor.domain.errors import AppError, BadInput, Remedy, SourceRefused
from monitor.domain.query import KINDS
from monitor.previewing import Preview
from monitor.store import accounts, brands, watches
from monitor.store.watches import WatchRow

router = APIRouter(prefix="/watches")
EVERY: Final = {30: "30 seconds", 60: "minute", 300: "5 minutes", 900: "15 minutes", 3600: "hour"}
_USUAL: Final = 60
_LISTS: Final = ("words", "places", "langs", "without", "without_authors")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of a watch, as text."""

    brand: int
    source: str
    kind: str
    account: int | None = None
    every: int = _USUAL
    name: str = ""
    words: str = ""
    places: str = ""
    langs: str = ""
    without: str = ""
    without_authors: str = ""

    @classmethod
    def typed(cls, form: dict[str, str]) -> Self:
        """Read what was typed. Raises `BadInput` for a number that is none."""
        lists = {one: form.get(one, "") for one in _LISTS}
        every = _number(form.get("every", "") or str(_USUAL), "every")
        account = _number(form.get("account", ""), "account")
        brand = _number(form.get("brand", ""), "brand") or 0
        return cls(
            brand,
            form.get("source", ""),
            form.get("kind", ""),
            account,
            _USUAL if every is None else every,
            form.get("name", ""),
            **lists,
        )

    @classmethod
    def of(cls, row: WatchRow) -> Self:
        """Return a watch as its form shows it."""
        line = "\n" if row.source == "feed" else ", "
        lists = {one: line.join(map(str, row.query.get(one, ()))) for one in _LISTS}
        kind = str(row.query.get("kind", ""))
        return cls(row.brand_id, row.source, kind, row.account_id, row.every_s, row.name, **lists)

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        parts = r"\n" if self.source == "feed" else r"[,\n]"  # an address may hold a comma
        query: dict[str, Any] = {"kind": self.kind}
        for one in _LISTS:
            query[one] = [part.strip() for part in re.split(parts, getattr(self, one)) if part.strip()]
        query["langs"] = [one.lower() for one in query["langs"]]
        return Wanted(self.brand, self.source, query, self.account)


def _number(written: str, where: str) -> int | None:
    written = written.strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 19):
        message = f'"{written[:40]}" is not a number.'
        raise BadInput(message, where=where)
    return int(written)


def _form(
    at: Here,
    filled: Filled,
    *,
    row: WatchRow | None = None,
    error: AppError | None = None,
    told: Preview | None = None,
    said: str = "",
) -> HTMLResponse:
    at.allow(LEADS)
    kind = KINDS.get(filled.source, {}).get(filled.kind)
    if kind is None and (row is None or row.source in KINDS):  # no form of ours sends that
        message = "There is no watch of this kind: choose one from the list."
        raise error or BadInput(message, where="kind")
    with at.store.reading() as work:
        usable = [one for one in accounts.of_brand(work, filled.brand) if one.platform == filled.source and one.secret]
        gaps = [one for one in watches.gaps(work, filled.brand) if row and one.watch_id == row.id]
    where = error.where if isinstance(error, BadInput) else ""
    context: dict[str, Any] = {
        "filled": filled,
        "row": row,
        "kind": kind,
        "accounts": usable,
        "connects": filled.source in CONNECTORS,
        "every": {filled.every: f"{filled.every} seconds", **EVERY},
        "gaps": gaps,
        "told": told,
        "said": said,
        "problem": str(error) if error else "",
        "wrong": where if where in {"words", "places", "account", "every"} else "",
        "reconnect": isinstance(error, SourceRefused) and error.remedy is Remedy.RECONNECT,
    }
    return at.page("watch.html", status=status_of(error) if error else 200, **context)


# --- a new one ----------------------------------------------------------------------------------------------------


@router.get("/new")
def new(at: Reading, brand: BrandId = None, source: str = "", kind: str = "", account: int | None = None) -> Response:
    """Choose what is watched, and how."""
    at.allow(LEADS)
    if not at.has_brand:
        return go(NEW)
    if kind not in KINDS.get(source, {}):
        chosen = {source: KINDS[source]} if source in KINDS else KINDS
        return at.page("watch_kinds.html", kinds=chosen, brand_id=brand, account=account)
    brand_id = brand or _only_brand(at)
    with at.store.reading() as work:
        usable = [one for one in accounts.of_brand(work, brand_id) if one.platform == source and one.secret]
    needed = KINDS[source][kind].account
    first = usable[0].id if usable and (needed or source != "bluesky") else None
    return _form(at, Filled(brand_id, source, kind, account or first))


def _only_brand(at: Here) -> int:
    with at.store.reading() as work:
        every = brands.all_brands(work)
    return next((one.id for one in every if not one.is_demo), every[0].id)


@router.post("/preview")
def preview(at: Acting, form: Typed, watch: Annotated[str, Form()] = "") -> HTMLResponse:
    """Ask the platform once and show what the watch would find; nothing is stored."""
    at.allow(LEADS)
    filled, row = Filled.typed(form), _row(at, _number(watch, "watch"))
    speaking = platforms(at)
    try:
        told = previewing.preview(at.store, filled.wanted(), speaking.source, speaking.log_in, at.now)
    except AppError as error:
        return _form(at, filled, row=row, error=error)
    return _form(at, filled, row=row, told=told)


@router.post("")
def add(at: Acting, form: Typed) -> Response:
    """Start watching."""
    at.allow(LEADS)
    filled = Filled.typed(form)
    try:
        made = arranging.add(at.store, filled.wanted(), every_s=filled.every, name=filled.name, now=at.now)
    except AppError as error:
        return _form(at, filled, error=error)
    return go(f"/watches/{made}?new=yes")


# --- one that is there ----------------------------------------------------------------------------------------------


def _row(at: Here, watch_id: int | None) -> WatchRow | None:
    if watch_id is None:
        return None
    with at.store.reading() as work:
        return arranging.found(work, watch_id)


@router.get("/{watch_id}")
def watch(at: Reading, watch_id: int, new: str = "") -> HTMLResponse:
    """Show a watch: what it looks for, and how it is doing."""
    at.allow(LEADS)
    with at.store.reading() as work:
        row = arranging.found(work, watch_id)
    said = "It is watching. What it finds comes to the queue once it is judged." if new else ""
    return _form(at, Filled.of(row), row=row, said=said)


@router.post("/{watch_id}")
def change(at: Acting, watch_id: int, form: Typed) -> Response:
    """Change what a watch looks for."""
    at.allow(LEADS)
    with at.store.reading() as work:
        row = arranging.found(work, watch_id)
    filled = replace(Filled.typed(form), brand=row.brand_id, source=row.source)
    if row.source not in KINDS:
        filled = replace(Filled.of(row), name=filled.name, every=filled.every)
    wanted = filled.wanted() if row.source in KINDS else Wanted(row.brand_id, row.source, row.query, row.account_id)
    try:
        arranging.change(at.store, watch_id, wanted, every_s=filled.every, name=filled.name, now=at.now)
    except AppError as error:
        return _form(at, filled, row=row, error=error)
    return _form(at, filled, row=_row(at, watch_id), said="Saved.")


@router.post("/{watch_id}/pause")
def pause(at: Acting, watch_id: int) -> Response:
    """Stop pulling for a while."""
    at.allow(LEADS)
    return _pause(at, watch_id, paused=True)


@router.post("/{watch_id}/resume")
def resume(at: Acting, watch_id: int) -> Response:
    """Go on pulling, at once."""
    at.allow(LEADS)
    return _pause(at, watch_id, paused=False)


def _pause(at: Here, watch_id: int, *, paused: bool) -> Response:
    with at.store.unit_of_work() as work:
        watches.pause(work, watch_id, at.now, paused=paused)
    return go(f"/watches/{watch_id}")


@router.post("/{watch_id}/remove")
def remove(at: Acting, watch_id: int) -> Response:
    """Stop watching for good; what was found stays."""
    at.allow(LEADS)
    with at.store.unit_of_work() as work:
        watches.remove(work, watch_id, at.now)
    return go("/sources")
