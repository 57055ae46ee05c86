"""Whether an address is free, and how to call it."""

import errno
import socket

from monitor.domain.errors import BadInput

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  recognised, not bound


def check_free(host: str, port: int) -> None:
    """Raise `BadInput`, saying what to do, when nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(_why(host, port, error), where="--port") from error


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. Nothing was started.\n"
            f"Stop that program, or choose another port: amends up --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs administrator rights. Nothing was started. Choose one above 1023: --port 8000"
    return f"Cannot listen on {host}: {error.strerror or error}. Nothing was started. Check --host."


def address(host: str, port: int) -> str:
    """Return the address under which this machine reaches what listens there."""
    name = _EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
