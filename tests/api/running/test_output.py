import io
import json
from pathlib import Path

import pytest

from api.running.output import Output, error_in


def test_everything_goes_to_the_file_and_errors_to_the_terminal_once(tmp_path: Path) -> None:
    said: list[str] = []
    lines = [
        json.dumps({"event": "task done", "level": "info"}),
        json.dumps({"event": "task failed", "level": "error", "kind": "OSError"}),
        json.dumps({"event": "task failed", "level": "error", "kind": "OSError"}),
        "Traceback (most recent call last):",
    ]
    output = Output("work", tmp_path, said.append)
    output.follow(io.BytesIO("\n".join(lines).encode())).join()
    output.close()
    assert (tmp_path / "work.log").read_text().splitlines() == lines
    assert said == ["work: task failed (OSError)"]
    assert output.tail[-1] == lines[-1]


@pytest.mark.parametrize("line", ["not json", "[1]", '{"level": "info", "event": "x"}', '{"event": "x"}'])
def test_what_is_no_error_is_not_shown(line: str) -> None:
    assert error_in(line) == ""


def test_bytes_that_are_no_text_do_not_stop_the_reader(tmp_path: Path) -> None:
    output = Output("api", tmp_path, lambda _: None)
    output.follow(io.BytesIO(b"\xff\xfe\nafter\n")).join()
    output.close()
    assert (tmp_path / "api.log").read_text().splitlines()[-1] == "after"
