"""Pictures of a report as SVG, readable on light and dark ground, by nothing but words and lines."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from monitor.evaluation.figures import Bin, calibration_error
from monitor.evaluation.numbers import Line
from monitor.evaluation.report import Report

_NAMES: Final = {"en": "English", "pl": "Polish", "el": "Greek", "fa": "Persian", "ar": "Arabic"}
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #22272e }
  .small { font-size: 11px; fill: #59636e }
  .head { font-weight: 600 }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .even { stroke: #818b98; stroke-width: 1; stroke-dasharray: 4 4 }
  .line { stroke: #0b5cad; stroke-width: 2; fill: none }
  .dot { fill: #0b5cad }
  .met { fill: #2f7d4f }
  .short { fill: #b4690e }
  .must { stroke: #22272e; stroke-width: 3 }
  .aim { fill: none; stroke: #22272e; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9da7b3 }
    .grid { stroke: #3d444d }
    .line { stroke: #6cb2f5 }
    .dot { fill: #6cb2f5 }
    .met { fill: #4fae77 }
    .short { fill: #e0a04a }
    .must, .aim { stroke: #e6edf3 }
  }
"""
_SIDE, _GAP, _ACROSS = 190, 60, 3  # of a square of the reliability picture, around it, and how many stand abreast
_LABELS, _WIDE, _ROW, _TOP = 310, 400, 26, 56  # of the picture of the numbers


def draw(report: Report, folder: Path) -> list[Path]:
    """Write the pictures into `folder` and return their paths; what was not measured is not drawn."""
    pictures = {"numbers.svg": numbers(report.lines), "reliability.svg": reliability(report.reliability)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (folder / name).write_text(picture, "utf-8")
    return [folder / name for name in pictures]


def numbers(lines: Sequence[Line]) -> str:
    """Draw what was reached beside what must be reached and the aim, in per cent."""
    shown = [
        line for line in lines if line.target.must is not None and line.value is not None and not line.target.of_one
    ]
    height = _TOP + _ROW * len(shown) + 30
    grid = [_scale(share, height - 30) for share in range(0, 101, 20)]
    rows = [_bar(line, _TOP + _ROW * place) for place, line in enumerate(shown)]
    said = "; ".join(f"{line.target.what}: {line.value:.1f}, must reach {line.target.must:g}" for line in shown)
    return _svg(_LABELS + _WIDE + 60, height, f"What the judge reaches. {said}", [*grid, *_legend(), *rows])


def reliability(bins: Mapping[str, Sequence[Bin]]) -> str:
    """Draw for each language how often complaints came true that were said with some probability."""
    shown = {lang: some for lang, some in bins.items() if some}
    down = -(-len(shown) // _ACROSS)
    squares = [
        _square(lang, some, _GAP + (_SIDE + _GAP) * (place % _ACROSS), 44 + (_SIDE + _GAP + 20) * (place // _ACROSS))
        for place, (lang, some) in enumerate(shown.items())
    ]
    errors = "; ".join(f"{_NAMES.get(lang, lang)} {calibration_error(some):.3f}" for lang, some in shown.items())
    title = f"Reliability of the complaint probability. Expected calibration error: {errors}"
    return _svg(_GAP + (_SIDE + _GAP) * _ACROSS, 44 + (_SIDE + _GAP + 20) * down, title, squares)


def _svg(width: int, height: int, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img">\n<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{style} text-anchor="{anchor}">{escape(words)}</text>'


def _upright(x: float, y: float, words: str) -> str:
    return f'<g transform="translate({x:.1f} {y:.1f}) rotate(-90)">{_text(0, 0, words, "small", "middle")}</g>'


def _straight(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _scale(share: int, bottom: int) -> str:
    x = _across(share)
    return _straight(x, _TOP - 6, x, bottom, "grid") + _text(x, bottom + 18, str(share), "small", "middle")


def _across(share: float) -> float:
    return _LABELS + _WIDE * share / 100


def _bar(line: Line, y: int) -> str:
    value, must, middle = line.value or 0.0, line.target.must or 0.0, y + _ROW / 2 - 2
    words = f"{line.target.what}, at most" if line.target.at_most else line.target.what
    parts = [
        _text(_LABELS - 10, middle + 4, words, anchor="end"),
        (
            f'<rect x="{_LABELS}" y="{y + 3}" width="{_WIDE * value / 100:.1f}" height="{_ROW - 10}" rx="2" '
            f'class="{"met" if line.met else "short"}"/>'
        ),
        _straight(_across(must), y + 1, _across(must), y + _ROW - 5, "must"),
        _text(_LABELS + _WIDE + 50, middle + 4, f"{value:.1f}", "head", "end"),
    ]
    return "\n".join([*parts, _diamond(_across(line.target.aim), middle) if line.target.aim is not None else ""])


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 6:.1f} l5 6 l-5 6 l-5 -6 z" class="aim"/>'


def _legend() -> list[str]:
    y, x = 22, _LABELS
    return [
        f'<rect x="{x}" y="{y - 10}" width="20" height="12" rx="2" class="met"/>',
        _text(x + 26, y, "reached"),
        f'<rect x="{x + 94}" y="{y - 10}" width="20" height="12" rx="2" class="short"/>',
        _text(x + 120, y, "not yet"),
        _straight(x + 190, y - 12, x + 190, y + 4, "must"),
        _text(x + 200, y, "must reach"),
        _diamond(x + 290, y - 4),
        _text(x + 302, y, "aim"),
    ]


def _square(lang: str, bins: Sequence[Bin], left: int, top: int) -> str:
    most = max(one.rows for one in bins)
    points = [(left + _SIDE * one.said, top + _SIDE * (1 - one.true), one.rows) for one in bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    posts = sum(one.rows for one in bins)
    return "\n".join(
        [
            _text(left, top - 22, _NAMES.get(lang, lang), "head"),
            _text(left, top - 8, f"{posts:,} posts, off by {calibration_error(bins):.3f}", "small"),
            *(_cross(share, left, top) for share in (0, 50, 100)),
            _straight(left, top + _SIDE, left + _SIDE, top, "even"),
            f'<polyline points="{path}" class="line"/>',
            *(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.5 + 4.5 * (rows / most) ** 0.5:.1f}" class="dot"/>'
                for x, y, rows in points
            ),
            _text(left + _SIDE / 2, top + _SIDE + 32, "said to be a complaint, %", "small", "middle"),
            _upright(left - 34, top + _SIDE / 2, "are one, %"),
        ]
    )


def _cross(share: int, left: int, top: int) -> str:
    x, y = left + _SIDE * share / 100, top + _SIDE * (1 - share / 100)
    return "\n".join(
        [
            _straight(x, top, x, top + _SIDE, "grid"),
            _straight(left, y, left + _SIDE, y, "grid"),
            _text(x, top + _SIDE + 16, str(share), "small", "middle"),
            _text(left - 6, y + 4, str(share), "small", "end"),
        ]
    )
