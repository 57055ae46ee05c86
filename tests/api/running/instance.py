"""A real `amends up` in a process of its own, for tests."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from api.running import valkey

PASSWORD = "a long enough password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], seconds: float = 120, why: str = "") -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"waited {seconds:.0f} s in vain {why}"
        time.sleep(0.1)


@contextmanager
def private_broker(data: Path) -> Iterator[str]:
    """An empty broker of its own; yields its address."""
    folder = valkey.private_folder(data)
    server = subprocess.Popen(valkey.command(valkey.find_binary(), folder), stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: valkey.answers(folder), 10)
        yield valkey.url(folder)
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder)


_SIGNS = {
    "valkey-server": "valkey",
    "-m api.cli api": "api",
    "-m workers worker --queues assess": "assess",
    "-m workers worker --queues pull": "work",
    "-m workers beat": "beat",
}


class Instance:
    """One data folder and what runs on it."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {f"AMENDS_{name.upper()}": value for name, value in {"model": "rules", **settings}.items()}
        self.environment = {**os.environ, **given}
        self.process: subprocess.Popen[str] | None = None
        self.said = data.parent / f"{data.name}.out"
        self.browser: httpx.Client | None = None

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run another `amends` command on the same data."""
        command = [sys.executable, "-P", "-m", "api.cli", *words, "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, check=False, timeout=120)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, *words: str) -> None:
        command = [sys.executable, "-P", "-m", "api.cli", "up", "--port", str(self.port), "--data", str(self.data)]
        with self.said.open("a") as out:
            self.process = subprocess.Popen(
                [*command, *words], stdout=out, stderr=subprocess.STDOUT, env=self.environment, start_new_session=True
            )
        wait_for(lambda: self.answers("/healthz") or self.ended, 180, self.output)
        assert not self.ended, self.output

    @property
    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def output(self) -> str:
        return self.said.read_text()

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(self.url + path, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def family(self) -> dict[str, psutil.Process]:
        """Return the processes by the names of their parts; pool processes as `pool 1`, `pool 2`, ..."""
        assert self.process is not None
        found = {"parent": psutil.Process(self.process.pid)}
        for child in found["parent"].children():
            try:
                words = " ".join(child.cmdline())
            except psutil.Error:  # a part that was killed, or a process that ended while we looked
                continue
            name = next((name for sign, name in _SIGNS.items() if sign in words), "")
            if name:
                found[name] = child
        if "work" in found:
            with suppress(psutil.Error):
                pool = found["work"].children()
                found |= {f"pool {number}": one for number, one in enumerate(pool, start=1)}
        return found

    def stop(self, number: int = signal.SIGINT, seconds: float = 20) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def sign_in_as_admin(self) -> httpx.Client:
        """Follow the one-time link of the terminal; returns a browser that carries the session and its CSRF secret."""
        wait_for(lambda: "/welcome/" in self.output, 20)
        link = re.findall(r"http://\S+/welcome/\S+", self.output)[-1]
        self.browser = browser = httpx.Client(base_url=self.url, timeout=10)
        form = {"email": "ada@example.com", "name": "Ada", "password": PASSWORD}
        assert browser.post(link, data=form).status_code == 303
        return self.with_csrf(browser)

    def close(self) -> None:
        """End whatever is left."""
        if self.browser is not None:
            self.browser.close()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def with_csrf(self, browser: httpx.Client) -> httpx.Client:
        page = browser.get("/", follow_redirects=True).text
        found = re.search(r'name="csrf[^"]*" (?:value|content)="([^"]+)"', page)
        assert found, page[:2000]
        browser.headers["X-CSRF-Token"] = found[1]
        return browser
