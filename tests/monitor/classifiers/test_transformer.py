import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from monitor.classifiers import load
from monitor.domain.errors import BadInput
from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Flag, Kind
from monitor.ports import Classifier

TINY = Path(__file__).with_name("tiny")  # a foreign sentiment model of a few words; see make_tiny.py


@pytest.fixture
def foreign() -> Classifier:
    return load(str(TINY), threads=1)


def test_any_sentiment_model_in_the_usual_layout_can_judge(foreign: Classifier) -> None:
    unhappy, happy, plain = foreign.assess(["awful broken lamp", "lovely thanks", "a lamp"])
    assert unhappy.is_complaint
    assert unhappy.sentiment.negative > 0.9
    assert not happy.is_complaint
    assert happy.kind is Kind.THANKS
    assert plain.sentiment.neutral > plain.sentiment.negative
    assert foreign.version.startswith("tiny-")


def test_a_foreign_model_gets_flags_severity_and_topics_from_the_rules(foreign: Classifier) -> None:
    (verdict,) = foreign.assess(["awful broken app, my lawyer will call"])
    assert [hit.flag for hit in verdict.flags] == [Flag.LEGAL]
    assert verdict.severity == 3
    assert "website" in verdict.topics


def test_an_injury_told_without_anger_is_still_a_complaint(foreign: Classifier) -> None:
    injured, painted, thankful = foreign.assess(["son injured", "son painted", "thanks, nobody injured, lovely"])
    assert injured.is_complaint
    assert not painted.is_complaint
    assert not thankful.is_complaint


def test_why_points_at_the_word_that_decided(foreign: Classifier) -> None:
    text = "  lovely box, awful lid"
    first, *_ = foreign.why(text)
    assert text[first.start : first.end] == "awful"
    assert first.weight == 1.0


class Turned:
    """What a brand might teach: "broken" says little here, they sell broken rice."""

    id = 1

    def __init__(self, judge: Classifier) -> None:
        self.base = judge.version
        plain, other = judge.features(["awful lamp", "broken lamp"])
        self._way = (other - plain) / float(np.square(other - plain).sum())
        self._start = float(plain @ self._way)

    def shift(self, features: np.ndarray) -> dict[str, np.ndarray]:
        return {"complaint": np.array([-20.0 * (float(features @ self._way) - self._start)])}


def test_why_is_of_the_verdict_with_what_the_brand_taught(foreign: Classifier) -> None:
    text = "awful broken lamp"
    taught = {text[one.start : one.end]: one.weight for one in foreign.why(text, Turned(foreign))}
    plain = {text[one.start : one.end]: one.weight for one in foreign.why(text)}
    assert max(plain, key=plain.__getitem__) == "awful"
    assert plain != taught


def test_a_batch_is_answered_in_its_own_order_whatever_the_lengths(foreign: Classifier) -> None:
    texts = ["awful " * (n % 7 + 1) if n % 2 else "lovely " * (n % 5 + 1) for n in range(150)]
    assert [verdict.is_complaint for verdict in foreign.assess(texts)] == [bool(n % 2) for n in range(150)]


def test_a_directory_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match=r"/nowhere/model"):
        load("/nowhere/model")


def test_a_directory_without_a_model_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"config\.json"):
        load(str(tmp_path))


def copy_without_weights(to: Path) -> Path:
    shutil.copytree(TINY, to / "copy")
    (to / "copy" / "model.onnx").unlink()
    return to / "copy"


def test_a_model_without_weights_says_which_files_were_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"model\.onnx"):
        load(str(copy_without_weights(tmp_path)))


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is here, so nothing is missing")
def test_pytorch_weights_without_pytorch_say_what_to_install(tmp_path: Path) -> None:
    directory = copy_without_weights(tmp_path)
    (directory / "model.safetensors").write_bytes(b"\x00" * 16)
    with pytest.raises(BadInput, match=r"amends\[torch\]"):
        load(str(directory))


def test_broken_weights_are_named(tmp_path: Path) -> None:
    directory = copy_without_weights(tmp_path)
    (directory / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(BadInput, match=r"model\.onnx"):
        load(str(directory))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_a_broken_description_is_a_clear_error(tmp_path: Path, name: str) -> None:
    shutil.copytree(TINY, tmp_path / "copy")
    (tmp_path / "copy" / name).write_text("{broken", "utf-8")
    with pytest.raises(BadInput, match="cannot be read"):
        load(str(tmp_path / "copy"))


def test_a_model_that_brings_its_own_code_is_not_run(tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "copy")
    (tmp_path / "copy" / "evil.py").write_text("raise SystemExit('ran')", "utf-8")
    config = '{"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}}'
    (tmp_path / "copy" / "config.json").write_text(config, "utf-8")
    with pytest.raises(BadInput, match="auto_map"):
        load(str(tmp_path / "copy"))


def changed(to: Path, name: str, pattern: bytes, by: bytes) -> str:
    shutil.copytree(TINY, to / "copy")
    held = (to / "copy" / name).read_bytes()
    (to / "copy" / name).write_bytes(re.sub(pattern, by, held, flags=re.DOTALL))
    assert (to / "copy" / name).read_bytes() != held
    return str(to / "copy")


def test_a_model_that_asks_for_what_is_not_given_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="asks for position_ids_x"):
        load(changed(tmp_path, "model.onnx", b"token_type_ids", b"position_ids_x"))


def test_a_model_that_cannot_read_what_is_given_is_refused_in_a_sentence(tmp_path: Path) -> None:
    wants_32_bits = rb"(\x0a\x09input_ids\x12.\x0a.\x08)\x07"
    with pytest.raises(BadInput, match="cannot read a text as Amends gives it"):
        load(changed(tmp_path, "model.onnx", wants_32_bits, b"\\1\x06"))


OURS = {
    "version": "amends-judge-9",
    "calibration": {},
    "threshold": {},
    "max_length": 64,
    "heads": {"complaint": [0, 1], "sentiment": [0, 3]},
}
URGENT = {"flags": {"names": ["safety"], "alone": [0.5], "with_words": [0.1]}}


@pytest.mark.parametrize("wrong", [{"heads": {"complaint": [0, 1]}}, {"heads": {"sentiment": [0, 3]}}, URGENT])
def test_settings_that_do_not_describe_the_model_are_refused_at_the_start(tmp_path: Path, wrong: dict) -> None:
    directory = tmp_path / "copy"
    shutil.copytree(TINY, directory)
    (directory / "config.json").write_text(json.dumps({"model_type": "bert", "amends": OURS}))
    assert load(str(directory)).version == "amends-judge-9"
    (directory / "config.json").write_text(json.dumps({"model_type": "bert", "amends": OURS | wrong}))
    with pytest.raises(BadInput, match="part `amends`"):
        load(str(directory))


class Steady:
    """What a brand might teach of every post alike."""

    id = 4

    def __init__(self, base: str, **shifts: list[float]) -> None:
        self.base, self._shifts = base, {name: np.array(shift) for name, shift in shifts.items()}

    def shift(self, features: np.ndarray) -> dict[str, np.ndarray]:
        return self._shifts


def test_what_a_brand_taught_of_severity_and_topics_moves_a_foreign_model_too(foreign: Classifier) -> None:
    text = "awful broken app, my lawyer will call"
    milder = Steady(foreign.version, severity=[0, 9.0, 0, 0], topics=[-9.0] * len(TOPICS))
    (moved,) = foreign.assess([text], [""], [milder])
    assert (moved.severity, moved.topics, moved.layer_id) == (1, ("other",), 4)


def test_looking_at_the_registry_loads_no_model_library() -> None:
    code = (
        "import sys, monitor.classifiers; print({'transformers', 'onnxruntime', 'torch', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_loading_a_model_says_nothing_on_the_terminal() -> None:
    code = f"from monitor.classifiers import load; load({str(TINY)!r}).assess(['awful'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
