"""Our own sets: polite complaints beside their counterparts, noise, and urgent flags."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from monitor.domain.records import Flag, Noise, Verdict
from monitor.evaluation.figures import Estimate, share
from monitor.evaluation.judged import Tell, judged
from monitor.evaluation.numbers import POLITE, Line, line_of
from monitor.evaluation.sets import OWN, read_own
from monitor.ports import Classifier

Raw = Mapping[str, Any]
Rates = dict[str, dict[str, Any]]
ALL: Final = "all"
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """A line of an own set and the verdict on its text."""

    raw: Raw
    verdict: Verdict

    @property
    def lang(self) -> str:
        """Return its language."""
        return str(self.raw["lang"])


@dataclass(frozen=True, slots=True)
class Own:
    """What the own sets show: {"polite": by language, "noise": by kind and language, "flags": by flag and language}."""

    tables: dict[str, Any]
    lines: list[Line]
    missing: list[str]


def measure_own(judge: Classifier, folder: Path, tell: Tell) -> Own:
    """Judge the own sets in `folder`."""
    makers: dict[str, Callable[[list[Said]], dict[str, Any]]] = {"polite": polite, "noise": noise, "flags": flags}
    tables, missing, lines = dict[str, Any](), list[str](), list[Line]()
    for name in OWN:
        rows = read_own(folder, name)
        if not rows:
            missing.append(f"{name}.jsonl")
            continue
        verdicts = judged(judge, [str(row["text"]) for row in rows], tell, name)
        said = [Said(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)]
        tables[name] = makers[name](said)
        lines += _polite_lines(said) if name == "polite" else []
    return Own(tables, lines, missing)


def polite(said: Sequence[Said]) -> Rates:
    """Return by language, and for "all", the complaints found and the false alarms on their counterparts.

    Both at the operating point, where agents live, and at a probability of 0.5, as the other figures are taken.
    """
    return {
        lang: {
            "found": _rate(_complaints(some, 1)),
            "false_alarms": _rate(_complaints(some, 0)),
            "found_at_half": _rate(_likely(some, 1)),
            "false_alarms_at_half": _rate(_likely(some, 0)),
        }
        for lang, some in _by_language(said).items()
    }


def noise(said: Sequence[Said]) -> dict[str, Rates]:
    """Return by kind and language the false alarms, how often the kind was named, and the complaints found.

    Only sarcasm has complaints among it; it is no kind that a verdict names.
    """
    kinds = {ALL: list(said)} | {
        kind: [one for one in said if one.raw["noise"] == kind]
        for kind in sorted({str(one.raw["noise"]) for one in said})
    }
    return {kind: {lang: _noise_rates(few) for lang, few in _by_language(some).items()} for kind, some in kinds.items()}


def _noise_rates(said: Sequence[Said]) -> dict[str, Any]:
    return {
        "false_alarms": _rate(_complaints(said, 0)),
        "named": _rate([one.verdict.noise == one.raw["noise"] for one in said if one.raw["noise"] in set(Noise)]),
        "complaints_found": _rate(_complaints(said, 1)),
    }


def flags(said: Sequence[Said]) -> dict[str, Rates]:
    """Return by flag and language how often it was missed, and how often raised where it does not belong.

    "all" sums up: of all flags that belong, those missed; of all posts without any, those that got one.
    """
    found = {flag.value: {lang: _flag_rates(some, flag) for lang, some in _by_language(said).items()} for flag in Flag}
    return {ALL: {lang: _any_flag_rates(some) for lang, some in _by_language(said).items()}, **found}


def _flag_rates(said: Sequence[Said], flag: Flag) -> dict[str, Any]:
    return {
        "missed": _rate([flag not in _raised(one) for one in said if flag in one.raw["flags"]]),
        "raised_wrongly": _rate([flag in _raised(one) for one in said if flag not in one.raw["flags"]]),
    }


def _any_flag_rates(said: Sequence[Said]) -> dict[str, Any]:
    return {
        "missed": _rate([flag not in _raised(one) for one in said for flag in one.raw["flags"]]),
        "raised_wrongly": _rate([bool(_raised(one)) for one in said if not one.raw["flags"]]),
    }


def _raised(one: Said) -> set[str]:
    return {hit.flag.value for hit in one.verdict.flags}


def _polite_lines(said: Sequence[Said]) -> list[Line]:
    answers = _likely(said, 1), _likely(said, 0), _complaints(said, 1), _complaints(said, 0)
    return [line_of(target, share(sum(one), len(one))) for target, one in zip(POLITE, answers, strict=True)]


def _complaints(said: Iterable[Said], label: int) -> list[bool]:
    return [one.verdict.is_complaint for one in said if one.raw["complaint"] == label]


def _likely(said: Iterable[Said], label: int) -> list[bool]:
    return [one.verdict.complaint >= _HALF for one in said if one.raw["complaint"] == label]


def _by_language(said: Sequence[Said]) -> dict[str, list[Said]]:
    langs = sorted({one.lang for one in said})
    return {ALL: list(said)} | {lang: [one for one in said if one.lang == lang] for lang in langs}


def _rate(true: Sequence[bool]) -> dict[str, Any] | None:
    return asdict(share(sum(true), len(true))) if true else None


def shown(rate: Mapping[str, Any] | None) -> str:
    """Return a rate in words: "12.5 % of 40"."""
    return "" if rate is None else f"{100 * rate['value']:.1f} % of {Estimate(**rate).rows}"
