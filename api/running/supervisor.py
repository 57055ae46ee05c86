"""Starts the parts, starts a part again when it dies, and stops them in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from api.running.output import Output

_TICK = 0.2  # seconds
_SHORT_LIFE = 10.0  # seconds; who dies younger is having trouble
_MOST_SHORT_LIVES = 5
_LONGEST_PAUSE = 5.0  # seconds before a part in trouble is started again
_GRACE = 7.0  # seconds the parts get to finish what they do
_LAST_GRACE = 2.0  # seconds the broker gets after them

Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    nice: int = 0
    up: Callable[[], bool] | None = None  # those after it wait for this before they start
    alive: Path | None = None  # a file it touches while it works; None: not watched
    patience: float = 90.0  # seconds it may leave that file alone
    last: bool = False  # stopped after the others


@dataclass
class _Life:
    """One part's present process and how it has fared."""

    part: Part
    output: Output
    process: subprocess.Popen[bytes] | None = None
    reader: Thread | None = None
    born: float = 0.0
    short_lives: int = 0
    start_at: float = 0.0
    touched: float = 0.0
    touched_at: float = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs the parts until told to stop by Ctrl-C or SIGTERM, or until one cannot be kept running."""

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str], logs: Path, say: Say) -> None:
        """Start nothing yet. `logs` is the folder of the parts' output."""
        self._lives = [_Life(part, Output(part.name, logs, say)) for part in parts]
        self._environment, self._say = dict(environment), say
        self._stops = 0
        self._wake = Event()

    def run(self, ready: Callable[[], bool], when_ready: Callable[[], None]) -> int:
        """Start everything and keep it running; `when_ready` is called once. Returns the exit code."""
        before = {one: signal.signal(one, self._asked) for one in (signal.SIGINT, signal.SIGTERM)}
        told = False
        try:
            while not self._stops:
                trouble = self._tend()
                if trouble:
                    self._say(trouble)
                    return 1
                if not told and ready():
                    told = True
                    when_ready()
                self._wake.wait(_TICK)
                self._wake.clear()
            return 0
        finally:
            self._stop()
            for one, handler in before.items():
                signal.signal(one, handler)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._stops += 1
        self._wake.set()

    # --- keeping them running -----------------------------------------------------------------------------

    def _tend(self) -> str:
        """Start what is not running. Returns what is wrong when it cannot be helped, else ""."""
        for life in self._lives:
            if life.running:
                self._check_pulse(life)
            else:
                if life.process is not None:
                    self._buried(life)
                if life.short_lives >= _MOST_SHORT_LIVES:
                    return _obituary(life)
                if time.monotonic() >= life.start_at:
                    self._start(life)
            if life.part.up is not None and not (life.running and life.part.up()):
                return ""  # those after it need it
        return ""

    def _start(self, life: _Life) -> None:
        wrapper = [sys.executable, "-P", "-m", "api.running.child", str(os.getpid()), str(life.part.nice)]
        life.process = subprocess.Popen(  # noqa: S603  our own command line
            [*wrapper, *life.part.command],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C comes to us alone, and we stop them in order
        )
        assert life.process.stdout is not None
        life.reader = life.output.follow(life.process.stdout)
        life.born = life.touched_at = time.monotonic()

    def _buried(self, life: _Life) -> None:
        """Take note of a death and decide when to start again."""
        assert life.process is not None
        code, lived = life.process.returncode, time.monotonic() - life.born
        if life.reader is not None:
            life.reader.join(timeout=1)
        life.process = None
        life.short_lives = life.short_lives + 1 if lived < _SHORT_LIFE else 1
        pause = min(0.25 * 2**life.short_lives, _LONGEST_PAUSE)
        life.start_at = time.monotonic() + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self._say(f"{life.part.name} {how}; starting it again in {pause:.1f} s (log: {life.output.path})")

    def _check_pulse(self, life: _Life) -> None:
        """Kill a worker that has stopped taking tasks; it is started again on the next round."""
        if life.part.alive is None or life.process is None:
            return
        touched = life.part.alive.stat().st_mtime if life.part.alive.exists() else 0.0
        now = time.monotonic()
        if touched != life.touched:
            life.touched, life.touched_at = touched, now
        elif now - life.touched_at > life.part.patience:
            self._say(f"{life.part.name} has taken no task for {life.part.patience:.0f} s; starting it again")
            life.process.kill()

    # --- stopping them ------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Stop the parts, the broker last; at once after a second Ctrl-C."""
        self._say("Stopping ...")
        self._stop_these([life for life in self._lives if not life.part.last], _GRACE)
        self._stop_these([life for life in self._lives if life.part.last], _LAST_GRACE)
        for life in self._lives:
            if life.reader is not None:
                life.reader.join(timeout=1)
            life.output.close()

    def _stop_these(self, lives: Sequence[_Life], grace: float) -> None:
        processes = [life.process for life in lives if life.process is not None]
        for process in processes:
            process.terminate()
        until = time.monotonic() + grace
        while any(one.poll() is None for one in processes) and time.monotonic() < until and self._stops < 2:
            time.sleep(0.05)
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()


def _obituary(life: _Life) -> str:
    last = "\n".join(f"    {line}" for line in life.output.tail) or "    (it wrote nothing)"
    return (
        f"{life.part.name} ended {_MOST_SHORT_LIVES} times within seconds of its start. Everything is being stopped; "
        f"nothing that was decided is lost.\n  Its last lines:\n{last}\n  The whole log: {life.output.path}"
    )
