"""Long files of lines: stopped and taken up again, poison passed over, memory that stays flat."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from api.cli.lines import Record, answer_lines
from monitor.domain.errors import RetryLater
from tests.api.cli.conftest import Amends
from tests.keys import keys_heard


def write(path: Path, count: int, text: str = "Lamp {} broke") -> Path:
    path.write_text("".join(f"{json.dumps({'id': n, 'text': text.format(n)})}\n" for n in range(count)))
    return path


def ids(path: Path) -> list[Any]:
    return [json.loads(line).get("id") for line in path.read_text().splitlines()]


def text_of(record: Record) -> str:
    return str(record["text"])


def fragile(texts: Sequence[str]) -> list[dict[str, Any]]:
    if any("poison" in text for text in texts):
        message = "no such word"
        raise KeyError(message)
    return [{"length": len(text)} for text in texts]


@pytest.fixture
def whole(amends: Amends, tmp_path: Path) -> bytes:
    """What an undisturbed run over in.jsonl writes."""
    source = write(tmp_path / "in.jsonl", 400)
    assert amends("assess", "-i", str(source), "-o", str(tmp_path / "whole.jsonl")).code == 0
    return (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.parametrize("kept", [0, 1, 9, 5_000, 50_000])
def test_a_run_that_was_torn_anywhere_ends_as_if_it_had_not_been(
    amends: Amends, tmp_path: Path, whole: bytes, kept: int
) -> None:
    target = tmp_path / "out.jsonl"
    target.write_bytes(whole[:kept])
    assert amends("assess", "-i", str(tmp_path / "in.jsonl"), "-o", str(target), "--resume").code == 0
    assert target.read_bytes() == whole


def test_taking_up_what_is_finished_changes_nothing(amends: Amends, tmp_path: Path, whole: bytes) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "whole.jsonl"
    assert amends("assess", "-i", str(source), "-o", str(target), "--resume").code == 0
    assert target.read_bytes() == whole


def test_empty_lines_between_do_not_shift_what_is_taken_up(amends: Amends, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('\n{"id": 1, "text": "a"}\n\n\n{"id": 2, "text": "b"}\n\n{"id": 3, "text": "c"}\n')
    target.write_text('{"id": 1}\n{"id": 2}\n')
    assert amends("assess", "-i", str(source), "-o", str(target), "--resume").code == 0
    assert ids(target) == [1, 2, 3]


def test_lines_that_failed_before_still_count_at_the_end(amends: Amends, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{nope\n{"id": 2, "text": "a"}\n')
    target.write_text('{"line": 1, "error": "nope"}\n')
    said = amends("assess", "-i", str(source), "-o", str(target), "--resume")
    assert said.code == 1
    assert "1 of 2 lines" in said.err


def test_resuming_needs_a_file_that_shows_what_is_done(amends: Amends) -> None:
    said = amends("assess", "--resume", stdin='{"text": "a"}\n')
    assert said.code == 2
    assert "--output" in said.err


@pytest.mark.parametrize(
    "there",
    [
        '{"id": 0}\n{"id": "other"}\n',
        '{"id": 0}\n' * 9,
        '{"line": 7, "error": "x"}\n',
        "notes of mine, without an end",
        "name,mood\nann,bad\n" * 40,
    ],
)
def test_a_file_that_answers_something_else_is_left_as_it_is(amends: Amends, tmp_path: Path, there: str) -> None:
    source, target = write(tmp_path / "in.jsonl", 5), tmp_path / "out.jsonl"
    target.write_text(there)
    said = amends("assess", "-i", str(source), "-o", str(target), "--resume")
    assert said.code == 1
    assert "does not belong to this input" in said.err
    assert target.read_text() == there


def test_the_input_is_never_written_over(amends: Amends, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", 3)
    said = amends("assess", "-i", str(source), "-o", str(tmp_path / "." / "in.jsonl"))
    assert said.code == 2
    assert len(ids(source)) == 3


def test_a_text_the_judge_chokes_on_gets_an_error_and_the_others_their_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    records = [{"id": "a", "text": "fine"}, {"id": "b", "text": "poison"}, {"text": "poison"}, {"text": "good"}]
    source.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    with pytest.raises(typer.Exit) as ended:
        answer_lines(source, target, text_of, fragile, "judging")
    first, second, third, fourth = (json.loads(line) for line in target.read_text().splitlines())
    assert ended.value.exit_code == 1
    assert (first, fourth) == ({"id": "a", "length": 4}, {"id": None, "length": 4})
    assert (second["id"], second["line"], third["line"]) == ("b", 2, 3)
    assert "no such word" in second["error"]
    assert "id" not in third
    assert "2 of 4 lines" in capsys.readouterr().err


def test_a_judge_that_cannot_be_reached_ends_the_run_and_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def away(texts: Sequence[str]) -> list[dict[str, Any]]:
        calls.append(len(texts))
        if len(calls) > 2:
            message = "The judge does not answer."
            raise RetryLater(message, after=1)
        return [{} for _ in texts]

    target = tmp_path / "out.jsonl"
    with pytest.raises(RetryLater):
        answer_lines(write(tmp_path / "in.jsonl", 50), target, text_of, away, "judging", most=10, resume=False)
    assert len(ids(target)) == 20
    assert "20 lines stand in" in capsys.readouterr().err


def test_long_lines_come_in_small_batches(tmp_path: Path) -> None:
    sizes = []

    def count(texts: Sequence[str]) -> list[dict[str, Any]]:
        sizes.append(len(texts))
        return [{} for _ in texts]

    source = write(tmp_path / "in.jsonl", 20, text="x" * 100_000)
    answer_lines(source, tmp_path / "out.jsonl", text_of, count, "judging", most=256)
    assert sum(sizes) == 20
    assert max(sizes) <= 3


def test_ctrl_c_says_how_many_are_written_and_the_same_command_goes_on(data: Path, tmp_path: Path) -> None:
    source, target = write(tmp_path / "in.jsonl", 6_000), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "api.cli", "assess", "-o", str(target), "--resume"]
    with keys_heard():
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdin is not None
    running.stdin.writelines(source.read_text("utf-8").splitlines(keepends=True)[:3_000])
    running.stdin.flush()  # and it stays open: there is always more to come when the keys are pressed
    ends = time.monotonic() + 120
    while time.monotonic() < ends and (not target.exists() or target.stat().st_size == 0):
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    done = len(target.read_bytes().splitlines())
    assert running.returncode == 1
    assert 0 < done < 6_000
    assert f"{done:,} lines stand in {target}" in err
    assert "--resume goes on" in err
    assert "Traceback" not in err
    assert subprocess.run([*command, "-i", str(source)], check=False, capture_output=True).returncode == 0
    assert ids(target) == list(range(6_000))


_LIMITED = """
import resource, sys
from pathlib import Path
from api.cli import app

def judge(count):
    app(["assess", "-i", f"{count}.jsonl", "-o", "out.jsonl"], standalone_mode=False)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = judge(2000)
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (30 << 20),) * 2)
print(judge(200000) - before)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_memory_stays_flat_over_two_hundred_thousand_lines(data: Path, tmp_path: Path) -> None:
    for count in (2_000, 200_000):
        write(tmp_path / f"{count}.jsonl", count, text="{}")
    said = subprocess.run([sys.executable, "-c", _LIMITED], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert int(said.stdout.split()[-1]) < 30 * 1024
    assert ids(tmp_path / "out.jsonl")[-1] == 199_999
