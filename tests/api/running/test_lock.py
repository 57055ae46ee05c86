import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.running.lock import only_one
from monitor.domain.errors import Conflict

_HOLDER = """
import sys, time
from pathlib import Path
from api.running.lock import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_instance_is_told_who_runs_the_first(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Conflict) as refused, only_one(tmp_path):
        pass
    said = str(refused.value)
    assert f"process {os.getpid()}" in said
    assert "--data" in said


def test_a_killed_instance_leaves_the_folder_free(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Conflict, match=f"process {holder.pid}"), only_one(tmp_path):
            pass
        holder.kill()
    with only_one(tmp_path):
        assert (tmp_path / "amends.lock").read_text() == str(os.getpid())
