import socket

import pytest

from api.running import ports
from monitor.domain.errors import BadInput


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BadInput) as refused:
            ports.check_free("127.0.0.1", port)
    said = str(refused.value)
    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert f"--port {port + 1}" in said
    ports.check_free("127.0.0.1", port)  # free again: nothing is said


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadInput, match="Check --host"):
        ports.check_free("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("amends.example.com", "http://amends.example.com:8000"),
    ],
)
def test_the_printed_address_can_be_opened(host: str, expected: str) -> None:
    assert ports.address(host, 8000) == expected
