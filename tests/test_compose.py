"""docker-compose.yml is well formed, and each of its services is a command that works without Docker.

No Docker engine takes part: that the images build and start is not shown here.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from api.cli import app

_ROOT = Path(__file__).parent.parent
_FILE = _ROOT / "docker-compose.yml"
_SERVICES: dict[str, Any] = yaml.safe_load(_FILE.read_text())["services"]
_OURS = sorted(name for name, service in _SERVICES.items() if service.get("image") == "amends")


def _parse(words: list[str]) -> dict[str, Any]:
    """Read a command line as `amends` does, without running it, and return its options."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("amends", words)
    name, command, rest = group.resolve_command(context, words)
    return {"command": name, **command.make_context(name, rest, parent=context).params}


def _check(file: Path) -> subprocess.CompletedProcess[str]:
    tool = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(tool, capture_output=True, text=True, check=False)


def test_the_file_follows_the_compose_specification() -> None:
    checked = _check(_FILE)
    assert checked.returncode == 0, checked.stdout


def test_a_slip_of_the_pen_would_be_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(_FILE.read_text().replace("healthcheck:", "heathcheck:"))
    assert _check(wrong).returncode == 1


def test_the_parts_of_amends_are_all_there() -> None:
    assert _OURS == ["api", "beat", "migrate", "worker", "worker-assess"]


@pytest.mark.parametrize("service", _OURS)
def test_each_service_is_an_amends_command(service: str) -> None:
    _parse(_SERVICES[service]["command"])


@pytest.mark.parametrize("service", [name for name in _OURS if name.startswith("worker")])
def test_each_worker_is_asked_whether_it_takes_tasks(service: str) -> None:
    _, program, *words = _SERVICES[service]["healthcheck"]["test"]
    assert program == "amends"
    asked = set(_parse(words)["queues"].split(","))
    assert _parse(words)["check"]
    assert asked <= set(_parse(_SERVICES[service]["command"])["queues"].split(","))


def test_every_queue_has_a_worker_and_one_kind_loads_the_model() -> None:
    from workers.config import QUEUES

    taken = [_parse(_SERVICES[name]["command"])["queues"].split(",") for name in ("worker", "worker-assess")]
    assert sorted(taken[0] + taken[1]) == sorted(QUEUES)
    assert taken[1] == ["assess"]


def test_the_image_starts_the_command_that_runs_everything() -> None:
    lines = (_ROOT / "Dockerfile").read_text().splitlines()
    assert 'ENTRYPOINT ["amends"]' in lines
    default = next(line for line in lines if line.startswith("CMD"))
    assert _parse(yaml.safe_load(default.removeprefix("CMD ")))["command"] == "up"
