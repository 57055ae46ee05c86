"""`python -m api.running.child PARENT NICE COMMAND...`: run a command that ends when its parent does.

On Linux the kernel is told once and this process becomes the command. Elsewhere it stays and watches. Nothing is
imported from Amends: this must start quickly.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> bool:
    """Ask the kernel to kill this process when its parent ends; False where it cannot."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None or prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        return False
    if os.getppid() != parent:  # it ended before we asked
        sys.exit(1)
    return True


def watch(parent: int, command: list[str]) -> int:
    """Run the command, pass on the order to stop, and kill it once the parent is gone."""
    process = subprocess.Popen(command)  # noqa: S603  our own command line
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.poll() is None:
        if os.getppid() != parent:
            process.kill()
        time.sleep(0.2)
    return process.returncode


def main() -> None:
    """Read the command line and become the command."""
    parent, nice, *command = sys.argv[1:]
    os.nice(int(nice))
    if die_with_parent(int(parent)):
        os.execvp(command[0], command)  # noqa: S606  our own command line
    sys.exit(watch(int(parent), command))


if __name__ == "__main__":
    main()
