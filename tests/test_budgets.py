"""The house rules a machine can count: sizes, docstrings, environment, catching everything."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("monitor", "responders", "workers", "api")
Function = ast.FunctionDef | ast.AsyncFunctionDef

FILES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()  # written by Alembic
]


def functions() -> Iterator[tuple[Path, Function]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield path, node


def size(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    paths = [*FILES, *sorted((ROOT / "tests").rglob("*.py"))]
    long = {str(path.relative_to(ROOT)): n for path in paths if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_sixty_lines_and_the_median_is_ten_at_most() -> None:
    sizes = {f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": size(node) for path, node in functions()}
    assert {name: n for name, n in sizes.items() if n > 60} == {}
    assert median(sizes.values()) <= 10


def test_only_the_outermost_frames_catch_everything() -> None:
    allowed = {
        "monitor/assessment.py",  # one poison post must not stop the batch
        "responders/drafting.py",  # nor one case that a drafter chokes on
        "monitor/judging/trying.py",  # nor a model that somebody wants to try
        "workers/judges.py",  # nor one that took over and is gone
        "workers/app.py",  # every task's frame
        "workers/relay.py",  # a loop that must outlive any outage
        "api/cli/lines.py",  # nor one line of a million
        "api/frame.py",  # every request's frame
        "api/live.py",  # a loop as well
        "api/routes/base.py",  # whatever came of it is the answer to an Idempotency-Key
    }
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            bare = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
            )
            if bare:
                found.add(str(path.relative_to(ROOT)))
    assert found - allowed == set()


@pytest.mark.parametrize("word", ["os.environ", "getenv"])
def test_only_the_settings_read_the_environment(word: str) -> None:
    readers = {str(path.relative_to(ROOT)) for path in FILES if word in path.read_text(encoding="utf-8")}
    assert readers - {"monitor/settings.py"} == set()


def test_the_project_speaks_of_itself_alone() -> None:
    words = ["/wor" + "k/", "/far" + "m/", "pypi" + ".org", "npmjs" + ".com", r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b"]
    paths = [*FILES, *ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "Makefile"]
    said = {
        str(path.relative_to(ROOT)): w
        for path in paths
        for w in words
        if re.search(w, path.read_text(encoding="utf-8"))
    }
    assert said == {}
