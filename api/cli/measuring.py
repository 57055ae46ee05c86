"""Commands for whoever keeps the judge: evaluate measures one, train makes one. Neither needs a database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.judging import Model
from api.cli.support import Json, hint, progress, say, say_json, say_table, settings_of
from monitor.domain.errors import BadInput

if TYPE_CHECKING:
    from monitor.evaluation import Report
    from monitor.evaluation.numbers import Line

Labelled = Annotated[
    Path, typer.Option("--data", help="Folder of labelled posts: en/ and multi/, gzip JSON lines.", show_default=False)
]
_SHOWN = {  # columns of the table by language and source
    "language": "language right",
    "complaint_macro_f1": "complaint F1",
    "precision": "precision",
    "recall": "recall",
    "calibration_error": "off by",
    "sentiment_macro_f1": "sentiment F1",
    "negative_f1": "negative F1",
    "severity_macro_f1": "severity F1",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (evaluate, train):
        app.command()(command)


# --- evaluate -----------------------------------------------------------------------------------------------------


def evaluate(
    data: Labelled,
    model: Model = "",
    own: Annotated[
        Path | None, typer.Option(help="Folder of polite.jsonl, noise.jsonl and flags.jsonl.", show_default=False)
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=1, help="At most so many posts of a source, the same ones at every run.")
    ] = None,
    part: Annotated[str, typer.Option(help="Which part of the sets.")] = "dev",
    pictures: Annotated[
        Path | None, typer.Option(help="Folder to draw numbers.svg and reliability.svg in.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure a judge on labelled posts, against what it must reach and by language and source."""
    from monitor import classifiers
    from monitor.evaluation import drawing, measure

    chosen = settings_of(None)
    judge = classifiers.load(model or chosen.model, labels=chosen.model_labels)
    with progress() as tell:
        report = measure(judge, data, tell, own=own, most=rows, part=part)
    if as_json:
        say_json(report.as_dict())
    else:
        _say_report(report)
    if report.missing:
        hint(f"Not there, so not measured: {', '.join(report.missing)}")
    if pictures:
        drawn = drawing.draw(report, _made(pictures, "--pictures"))
        hint(f"Drawn: {', '.join(map(str, drawn))}")


def _say_report(report: "Report") -> None:
    say(f"{report.version} on {report.posts:,} posts ({report.part})\n")
    headers = ("what", "reached", "95 % interval", "must", "aim", "met", "posts")
    say_table(headers, [_line(line) for line in report.lines])
    say("\nBy language and source (complaint labels: * taken from the sentiment, otherwise people's)\n")
    say_table(("lang", "source", "posts", *_SHOWN.values()), [_source(one) for one in report.sources])
    for name, words in (("polite", "Polite posts"), ("noise", "Noise"), ("flags", "Urgent flags")):
        if name in report.own:
            say(f"\n{words}\n")
            _say_rates(report.own[name], nested=name != "polite")


def _line(line: "Line") -> Sequence[object]:
    wanted, digits = line.target, 3 if line.target.of_one else 1
    asked = [
        "" if one is None else f"at most {one:g}" if wanted.at_most else f"{one:g}" for one in (wanted.must, wanted.aim)
    ]
    if line.value is None:
        return wanted.what, "not measured", "", *asked, "", ""
    between = f"{line.low:.{digits}f} to {line.high:.{digits}f}" if line.low is not None else ""
    met = {None: "", False: "no", True: "yes"}[line.met] + (", and the aim" if line.aim_met else "")
    return wanted.what, f"{line.value:.{digits}f}", between, *asked, met, f"{line.rows:,}"


def _source(one: Mapping[str, Any]) -> Sequence[object]:
    cells = []
    for name in _SHOWN:
        figure = one[name]
        value = "" if figure is None else f"{figure['value']:.3f}" if name == "calibration_error" else _percent(figure)
        cells.append(f"{value} *" if name == "complaint_macro_f1" and one["labels"] == "from sentiment" else value)
    return one["lang"], one["source"], f"{one['posts']:,}", *cells


def _percent(figure: Mapping[str, Any]) -> str:
    return f"{100 * figure['value']:.1f}"


def _say_rates(rates: Mapping[str, Any], *, nested: bool) -> None:
    """Print rates by language; of those by kind and language each kind over all, and each language over all."""
    from monitor.evaluation.own import ALL, shown

    kinds = rates if nested else {ALL: rates}
    rows = [(kind, lang, some) for kind, langs in kinds.items() for lang, some in langs.items() if ALL in {kind, lang}]
    names = list(rows[0][2])
    say_table(
        ("what", "lang", *(name.replace("_", " ") for name in names)),
        [(kind, lang, *(shown(some[name]) for name in names)) for kind, lang, some in rows],
    )


# --- train --------------------------------------------------------------------------------------------------------


def train(
    data: Labelled,
    base: Annotated[Path, typer.Option(help="Folder of the encoder to begin with.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint and the model.", show_default=False)],
    rows: Annotated[int, typer.Option(min=1, help="Posts read in all, pass after pass.")] = 200_000,
    layers: Annotated[int, typer.Option(min=1, help="How many layers of the encoder to keep.")] = 6,
    include_noncommercial: Annotated[
        bool, typer.Option("--include-noncommercial", help="Learn also from sets whose terms forbid commercial use.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Two runs with one seed on one machine make the same model.")] = 20,
    onward: Annotated[
        Path | None, typer.Option(help="A checkpoint or a trained model to go on from, instead of the encoder.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0, help="Learning rate at its highest.")] = 1.5e-4,
    threads: Annotated[int, typer.Option(min=1, help="Processor cores to use.")] = 2,
) -> None:
    """Train a judge, ready to use in OUT/model. Stopped, the same command takes it up again."""
    with _needing_pytorch():
        from monitor.classifiers.training.export import export
        from monitor.classifiers.training.train import Plan
        from monitor.classifiers.training.train import train as begin_or_go_on
    _all_there(data, base, onward)
    plan = Plan(
        data,
        base,
        _made(out, "--out"),
        rows=rows,
        layers=layers,
        seed=seed,
        threads=threads,
        noncommercial=include_noncommercial,
        onward=onward,
        rate=rate,
    )
    with _stoppable(out), progress() as tell:
        checkpoint = begin_or_go_on(plan, lambda done, total, _loss: tell("training, batches", done, total))
    hint("Trained. Now it is brought to 8 bits and calibrated.")
    with _stoppable(out):
        export(data, [checkpoint], out / "model")
    say(f"The model is in {out / 'model'}. Use it with AMENDS_MODEL={out / 'model'}, measure it with amends evaluate.")


@contextmanager
def _needing_pytorch() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        message = f'Training needs {missing.name}, which is not installed: pip install "amends[train]"'
        raise BadInput(message) from missing


_CHECKPOINT = ("judge.pt", "pieces.json", "config.json")
_MODEL = ("model.onnx", "tokenizer.json", "config.json")


def _all_there(data: Path, base: Path, onward: Path | None) -> None:
    parts = _MODEL if onward is not None and (onward / _MODEL[0]).is_file() else _CHECKPOINT
    for path, option, what in (
        (data / "en", "--data", "labelled posts: en/ and multi/, gzip JSON lines"),
        (data / "multi", "--data", "labelled posts: en/ and multi/, gzip JSON lines"),
        (base / "config.json", "--base", "an encoder in the Hugging Face layout, multilingual-e5-small"),
        (base / "tokenizer.json", "--base", "an encoder in the Hugging Face layout, multilingual-e5-small"),
        *(
            (onward / name, "--onward", "a checkpoint or a model of this command")
            for name in parts
            if onward is not None
        ),
    ):
        if not path.exists():
            message = f"There is no {path}. {option} is a folder of {what}."
            raise BadInput(message, where=option)


@contextmanager
def _stoppable(out: Path) -> Iterator[None]:
    """Say how to go on when it is stopped, and what is wrong with a checkpoint or a file."""
    try:
        yield
    except KeyboardInterrupt:
        kept = (out / "checkpoint" / "progress.json").is_file()
        what = f"What was learned is kept in {out / 'checkpoint'}" if kept else "It was too early to keep anything"
        hint(f"Stopped. {what}; the same command goes on.")
        raise typer.Exit(1) from None
    except (OSError, ValueError) as error:
        raise BadInput(str(error)) from error


def _made(folder: Path, option: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder} cannot be used as a folder: {error.strerror}."
        raise BadInput(message, where=option) from error
    return folder
