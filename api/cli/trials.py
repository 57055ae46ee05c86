"""Commands about trials: another judge reads old posts beside the one in use, before it takes over."""

import re
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Data
from api.cli.support import Instance, Json, group, name_commands, now, opened, plain, progress, say, say_json, say_table
from monitor.domain.errors import BadInput, NotFound

if TYPE_CHECKING:
    from monitor.domain.lifecycle import Actor
    from monitor.domain.rates import Rate
    from monitor.judging.comparing import Agreement
    from monitor.store.engine import Work
    from monitor.store.trials import ExampleRow, TrialRow

Number = Annotated[
    int | None, typer.Argument(metavar="[NUMBER]", help="As in the list. Default: the newest.", show_default=False)
]
Follow = Annotated[bool, typer.Option("--follow", help="Show how far it is until it has read everything.")]
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LOOK_EVERY = 0.5  # seconds


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    trial = group(app, "trial", "Another judge reads old posts beside the one in use, before it takes over.")
    name_commands(trial, start=start, list=list_all, show=show, diff=diff, drop=drop, back=back)
    trial.command("take-over")(take_over)


def start(
    model: Annotated[str, typer.Argument(help="shipped, rules, a folder, a hub id, or several with commas.")],
    since: Annotated[str, typer.Option(help="30d, 12h, 8w, a date like 2026-01-31, or all.")] = "30d",
    follow: Follow = False,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Let another judge read old posts, while `amends up` runs and nothing waits to be judged."""
    from monitor.judging import trying

    with opened(data) as here:
        set_model, begin = here.settings.model, _since(since, now())
        made = trying.start(here.store, _actor(), _found(model), begin, now(), set_model=set_model, folders=True)
        _tell(here, made, follow=follow, as_json=as_json)


def list_all(as_json: Json = False, data: Data = None) -> None:
    """List the trials, and say who judges."""
    from monitor.judging import trying
    from monitor.store import trials

    with opened(data) as here, here.store.reading() as work:
        rows, in_use = trials.all_of(work), trying.judge_in_use(work, here.settings.model)
    if as_json:
        say_json({"judge": in_use, "trials": [asdict(one) for one in rows]})
        return
    say(f"{in_use} judges.")
    if rows:
        shown = [(one.id, one.model, one.state.replace("_", " "), one.done, one.total, one.changed) for one in rows]
        say_table(("", "model", "", "read", "of", "different"), shown)


def show(number: Number = None, follow: Follow = False, as_json: Json = False, data: Data = None) -> None:
    """Say how far a trial is."""
    with opened(data) as here:
        with here.store.reading() as work:
            one = _one(work, number)
        _tell(here, one, follow=follow, as_json=as_json)


def diff(
    number: Number = None,
    kind: Annotated[
        str, typer.Option(help="becomes, no_longer, severity, language or flags.", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="How many posts to show.")] = 50,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """Say what would change, post by post, and which of the two judges people agree with."""
    from monitor.judging import comparing

    with opened(data) as here, here.store.reading() as work:
        one = _one(work, number)
        found, rows = comparing.diff(work, one.id), comparing.examples(work, one, kind, limit=limit)
    if as_json:
        shown = {"changed": found.changed, "by_kind": found.by_kind, "agreement": asdict(found.agreement)}
        say_json({"trial": asdict(one), **shown, "examples": [_record(row) for row in rows]})
        return
    say(f"{found.changed:,} of {one.done:,} verdicts {'change' if one.state == 'taken_over' else 'would change'}.")
    say_table(("posts", ""), [(f"{count:,}", _KINDS[name]) for name, count in found.by_kind.items() if count])
    _agreement(found.agreement)
    for row in rows:
        _example(row)


def take_over(number: Number = None, as_json: Json = False, data: Data = None) -> None:
    """Let a trial's judge judge from now on. No case changes, and `amends trial back` undoes it."""
    from monitor.judging import trying

    with opened(data) as here:
        with here.store.reading() as work:
            one = _one(work, number)
        one = trying.take_over(here.store, _actor(), one.id, now(), set_model=here.settings.model)
    if as_json:
        say_json(asdict(one))
    else:
        say(f"{one.model} judges from now on; old posts get its verdicts while Amends runs. To undo: amends trial back")


def drop(number: Number = None, as_json: Json = False, data: Data = None) -> None:
    """End a trial and delete its verdicts."""
    from monitor.judging import trying

    with opened(data) as here:
        with here.store.reading() as work:
            one = _one(work, number)
        one = trying.drop(here.store, _actor(), one.id, now())
    if as_json:
        say_json(asdict(one))
    else:
        say(f"Trial {one.id} of {one.model} {'had failed' if one.state == 'failed' else 'was dropped'}.")


def back(as_json: Json = False, data: Data = None) -> None:
    """Put the judge that was in use before in its place again, in history too."""
    from monitor.judging import trying

    with opened(data) as here:
        before = trying.go_back(here.store, _actor(), now())
    model = before.model if before else trying.SHIPPED
    if as_json:
        say_json({"judge": model})
    else:
        say(f"{model} judges again, and old posts have the verdicts they had.")


def _actor() -> "Actor":
    from monitor.domain.lifecycle import Actor

    return Actor.worker("command")


def _one(work: "Work", number: int | None) -> "TrialRow":
    from monitor.store import trials

    if number is not None:
        return trials.get(work, number)
    newest = trials.all_of(work, 1)
    if not newest:
        message = "There is no trial yet. Start one: amends trial start MODEL"
        raise NotFound(message)
    return newest[0]


def _found(model: str) -> str:
    """Return the model with folders written out in full: the worker stands elsewhere."""
    if len(model) <= 250 and Path(model).is_dir():
        return str(Path(model).resolve())
    parts = [part.strip().rpartition(":") for part in model.split(",")]
    named = [
        (name, f":{weight}") if name and weight[:1].isdigit() else (f"{name}{colon}{weight}", "")
        for name, colon, weight in parts
    ]
    return ",".join((str(Path(name).resolve()) if name and Path(name).is_dir() else name) + end for name, end in named)


def _since(words: str, at: datetime) -> datetime:
    span = _SPAN.fullmatch(words.strip().lower())
    if span:
        return at - min(int(span[1]) * _UNITS[span[2]], timedelta(days=36_500))
    if words.strip().lower() == "all":
        return datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return datetime.fromisoformat(words.strip()).replace(tzinfo=UTC)
    except ValueError:
        message = f"{words} is no time to begin with: write 30d, 12h, 8w, a date like 2026-01-31, or all."
        raise BadInput(message, where="--since") from None


# --- what is printed --------------------------------------------------------------------------------------------

_KINDS = {
    "becomes": "would become complaints",
    "no_longer": "would no longer be complaints",
    "severity": "another severity",
    "language": "another language",
    "flags": "other flags",
}


def _tell(here: Instance, one: "TrialRow", *, follow: bool, as_json: bool) -> None:
    if follow:
        one = _followed(here, one)
    if as_json:
        say_json(asdict(one))
    else:
        say(_SAID[one.state].format(one=one))
    if one.state == "failed":
        raise typer.Exit(1)


_SAID = {
    "running": "Trial {one.id} of {one.model}: {one.done:,} of {one.total:,} posts read. Look: amends trial show --follow",
    "ready": "Trial {one.id} of {one.model} read {one.done:,} posts; {one.changed:,} verdicts would change. Look: amends trial diff",
    "taken_over": "Trial {one.id}: {one.model} judges now. {one.changed:,} of {one.done:,} old verdicts changed.",
    "dropped": "Trial {one.id} of {one.model} was dropped.",
    "failed": "Trial {one.id} of {one.model} failed. {one.error}",
}


def _followed(here: Instance, one: "TrialRow") -> "TrialRow":
    from monitor.store import trials

    with progress() as tell:
        while one.state == "running":
            tell("reading" if one.version else "loading the model", one.done, one.total)
            time.sleep(_LOOK_EVERY)
            with here.store.reading() as work:
                one = trials.get(work, one.id)
    return one


def _agreement(found: "Agreement") -> None:
    if not found.posts:
        say("Nobody has decided about any of these posts yet: there is nothing to hold the two judges against.")
        return
    rows = [
        (f"agrees with people on {found.posts:,} posts", _share(found.old), _share(found.new)),
        (f"finds complaints (of {found.complaints:,})", _share(found.old_found), _share(found.new_found)),
        (f"takes others for complaints (of {found.others:,})", _share(found.old_raised), _share(found.new_raised)),
    ]
    say_table(("", "in use then", "this one"), rows)
    say(f"Only this one is right on {found.only_new:,}, only the one in use then on {found.only_old:,}.")


def _share(rate: "Rate | None") -> str:
    return "-" if rate is None else f"{rate.value:.0%} ({rate.low:.0%} to {rate.high:.0%})"


def _example(row: "ExampleRow") -> None:
    text = " ".join(plain(row.text or "(deleted)").split())[:200]
    people = {None: "", True: "; people: a complaint", False: "; people: none"}[row.decided]
    old, new = (
        f"{'complaint' if unhappy else 'none'} {probability:.0%}, severity {severity}, {lang}"
        for unhappy, probability, severity, lang in (
            (row.old_is_complaint, row.old_complaint, row.old_severity, row.old_lang),
            (row.is_complaint, row.new.complaint, int(row.new.severity), row.new.lang),
        )
    )
    say(f"\n{row.mention_id} {row.platform} {row.handle}: {text}\n  {old}  ->  {new}{people}")


def _record(row: "ExampleRow") -> dict[str, Any]:
    from monitor.judging.comparing import KINDS

    plainly = asdict(row)
    plainly["new"]["flags"] = [str(hit.flag) for hit in row.new.flags]
    plainly["changed"] = [name for name, bit in KINDS.items() if row.changed & bit]
    return {**plainly, "old_is_complaint": row.old_is_complaint}
