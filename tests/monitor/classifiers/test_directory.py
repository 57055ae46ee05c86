"""A model's directory: what is fetched of a model on the hub, and what its version is told by."""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from monitor.classifiers import load

TINY = Path(__file__).with_name("tiny")
COMMIT = "a" * 40


@pytest.fixture
def hub() -> Iterator[str]:
    """A hub on the loopback with one model: its weights in two kinds, the first with a data file beside it."""
    files = {path.name: path.read_bytes() for path in TINY.iterdir()}
    files["onnx/model.onnx"] = files.pop("model.onnx")
    files |= {"onnx/model.onnx_data": b"numbers", "onnx/model_int8.onnx": b"smaller", "model.safetensors": b"larger"}

    class Hub(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> bytes | None:
            if "/tree/" in self.path:
                one = {"type": "file", "oid": COMMIT}
                return json.dumps([one | {"path": name, "size": len(held)} for name, held in files.items()]).encode()
            if self.path.startswith("/api/models/owner/tiny"):
                return json.dumps({"id": "owner/tiny", "sha": COMMIT}).encode()
            return files.get(self.path.removeprefix(f"/owner/tiny/resolve/{COMMIT}/"))

        def do_HEAD(self) -> None:
            found = self.answer()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(found or b"")))
            self.send_header("ETag", hashlib.sha256(found or b"").hexdigest())
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(self.answer() or b"")

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_of_a_model_on_the_hub_one_kind_of_weights_is_fetched_with_its_data(hub: str, tmp_path: Path) -> None:
    code = "from monitor.classifiers.directory import find; print(find('owner/tiny'))"
    here = os.environ | {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=here, check=True)
    found = Path(said.stdout.strip())
    weights = {str(path.relative_to(found)) for path in found.rglob("*model*")}
    assert weights == {"onnx/model.onnx", "onnx/model.onnx_data"}
    assert (found / "config.json").is_file()


def test_models_loaded_again_and_again_leave_one_filter_on_the_log() -> None:
    load(str(TINY))
    filters = [*logging.getLogger("transformers").filters]
    load(str(TINY))
    assert logging.getLogger("transformers").filters == filters


def test_new_weights_under_an_old_description_are_another_version(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "tiny")
    again = load(str(tmp_path / "tiny")).version
    weights = (tmp_path / "tiny" / "model.onnx").read_bytes()
    (tmp_path / "tiny" / "model.onnx").write_bytes(weights.replace(b"\x00\x00\xc0\x40", b"\x00\x00\xa0\x40"))  # 6 to 5
    assert again == load(str(TINY)).version
    assert load(str(tmp_path / "tiny")).version != again
