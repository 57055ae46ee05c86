import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.running import valkey
from monitor.domain.errors import BadInput


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = valkey.private_folder(tmp_path / ("deep" * 50))
    yield made
    for left in made.iterdir():
        left.unlink()
    made.rmdir()


def test_the_server_of_the_wheel_answers_on_a_private_socket(folder: Path) -> None:
    assert not valkey.answers(folder)
    server = subprocess.Popen(valkey.command(valkey.find_binary(), folder), stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while not valkey.answers(folder) and time.monotonic() < until:
            time.sleep(0.05)
        assert valkey.answers(folder)
        assert (folder / "valkey.sock").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        server.terminate()
        server.wait(10)


def test_a_deep_data_folder_still_gives_a_short_socket_path(folder: Path) -> None:
    assert len(str(folder / "valkey.sock")) < 107


def test_two_data_folders_have_two_sockets(tmp_path: Path) -> None:
    one, other = valkey.private_folder(tmp_path / "one"), valkey.private_folder(tmp_path / "other")
    assert one != other
    assert one == valkey.private_folder(tmp_path / "one")
    one.rmdir()
    other.rmdir()


def test_a_folder_that_others_can_open_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o755)
    with pytest.raises(BadInput, match="nobody else can open"):
        valkey.private_folder(tmp_path / ("deep" * 50))
