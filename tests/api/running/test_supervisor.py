"""The supervisor over small real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Timer

import psutil
import pytest

from api.running.supervisor import Part, Supervisor

_NOTE = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()}\\n'); "
_SLEEP = _NOTE + "import time; time.sleep(60)"
_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
)


def _python(code: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, arguments))


def _pids(note: Path) -> list[int]:
    return [int(line) for line in note.read_text().split()] if note.exists() else []


def _run(
    parts: Sequence[Part], logs: Path, each: Callable[[], bool], when_ready: Callable[[], None] = lambda: None
) -> tuple[int, list[str]]:
    """Run until `each` returns True, then ask to stop as Ctrl-C does."""
    said: list[str] = []
    asked: list[bool] = []

    def ready() -> bool:
        if not asked and each():
            asked.append(True)
            os.kill(os.getpid(), signal.SIGINT)
        return False

    crew = Supervisor(parts, dict(os.environ), logs, said.append)
    guard = Timer(60, os.kill, (os.getpid(), signal.SIGTERM))
    guard.start()
    try:
        return crew.run(ready, when_ready), said
    finally:
        guard.cancel()


def test_ctrl_c_stops_every_part_and_leaves_no_process(tmp_path: Path) -> None:
    notes = [tmp_path / "one", tmp_path / "two"]
    parts = [Part(note.name, _python(_SLEEP, note)) for note in notes]
    code, said = _run(parts, tmp_path / "logs", lambda: all(_pids(note) for note in notes))
    assert code == 0
    assert said == ["Stopping ..."]
    assert not any(psutil.pid_exists(pid) for note in notes for pid in _pids(note))


def test_a_killed_part_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    note = tmp_path / "note"

    def kill_once() -> bool:
        pids = _pids(note)
        if len(pids) == 1 and psutil.pid_exists(pids[0]):
            os.kill(pids[0], signal.SIGKILL)
        return len(pids) == 2

    code, said = _run([Part("worker", _python(_SLEEP, note))], tmp_path / "logs", kill_once)
    assert code == 0
    assert "worker was killed by signal 9; starting it again" in said[0]


def test_a_part_that_keeps_dying_ends_everything_with_its_last_words(tmp_path: Path) -> None:
    note = tmp_path / "other"
    parts = [
        Part("other", _python(_SLEEP, note)),
        Part("broken", _python("import sys; print('the roof is leaking'); sys.exit(3)")),
    ]
    code, said = _run(parts, tmp_path / "logs", lambda: False)
    assert code == 1
    last = next(line for line in said if "5 times" in line)
    assert last.startswith("broken ended")
    assert "the roof is leaking" in last
    assert str(tmp_path / "logs" / "broken.log") in last
    assert not psutil.pid_exists(_pids(note)[0])


def test_a_part_waits_until_the_one_before_it_answers(tmp_path: Path) -> None:
    note, rounds = tmp_path / "later", iter(range(100))
    order: list[bool] = []

    def answers() -> bool:
        order.append(note.exists())
        return next(rounds) > 3

    parts = [Part("first", _python(_SLEEP, tmp_path / "first"), up=answers), Part("later", _python(_SLEEP, note))]
    _run(parts, tmp_path / "logs", lambda: bool(_pids(note)))
    assert order[:5] == [False] * 5


def test_a_worker_that_takes_no_task_is_started_again(tmp_path: Path) -> None:
    note = tmp_path / "note"
    parts = [Part("worker", _python(_SLEEP, note), alive=tmp_path / "alive", patience=0.8)]
    _, said = _run(parts, tmp_path / "logs", lambda: len(_pids(note)) == 2)
    assert said[0] == "worker has taken no task for 1 s; starting it again"


def test_a_worker_that_gives_signs_of_life_is_left_alone(tmp_path: Path) -> None:
    note, mark, until = tmp_path / "note", tmp_path / "alive", time.monotonic() + 2

    def touch() -> bool:
        mark.touch()
        return time.monotonic() > until

    parts = [Part("worker", _python(_SLEEP, note), alive=mark, patience=0.8)]
    assert _run(parts, tmp_path / "logs", touch)[1] == ["Stopping ..."]


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "stubborn.log"

    def up_then_twice() -> bool:
        up = log.exists() and "up" in log.read_text()
        if up:
            Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        return up

    started = time.monotonic()
    code, _ = _run([Part("stubborn", _python(_STUBBORN))], tmp_path / "logs", up_then_twice)
    assert code == 0
    assert time.monotonic() - started < 6


@pytest.mark.parametrize("way", ["kernel", "watching"])
def test_nobody_outlives_a_killed_parent(tmp_path: Path, way: str) -> None:
    note = tmp_path / "note"
    entry = "main()" if way == "kernel" else "die_with_parent = lambda _: False; main()"
    child = f"import api.running.child as c; exec({entry!r}, vars(c))"
    parent = "import os, subprocess, sys, time; subprocess.Popen([*sys.argv[1:4], str(os.getpid()), '0', *sys.argv[4:]]); time.sleep(60)"
    grown = subprocess.Popen(_python(parent, sys.executable, "-c", child, *_python(_SLEEP, note)))
    with grown:
        until = time.monotonic() + 20
        while not _pids(note) and time.monotonic() < until:
            time.sleep(0.05)
        grown.kill()
    until = time.monotonic() + 5
    while psutil.pid_exists(_pids(note)[0]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(_pids(note)[0])
