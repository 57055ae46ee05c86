"""assess, draft and bar: lines in, lines out."""

import json
import shutil
from pathlib import Path

import pytest

from tests.api.cli.conftest import Amends
from tests.evaluation.labelled import put

TINY = Path(__file__).parents[2] / "monitor" / "classifiers" / "tiny"
BROKEN = {"id": "a1", "text": "The lamp arrived broken and nobody answers me.", "author": "ann", "platform": "x"}


def lines(*records: object) -> str:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records)


def test_assess_answers_each_line_with_a_verdict(amends: Amends) -> None:
    said = amends("assess", stdin=lines(BROKEN, {"text": "Lovely lamp, thank you!", "lang": "en"}))
    assert said.code == 0
    first, second = said.lines
    assert list(first) == [
        "id", "lang", "complaint", "is_complaint", "kind", "sentiment", "severity", "flags", "topics", "noise",
        "why", "version",
    ]  # fmt: skip
    assert (first["id"], first["kind"], first["is_complaint"], first["why"]) == ("a1", "complaint", True, [])
    assert sum(first["sentiment"].values()) == pytest.approx(1)
    assert (second["id"], second["kind"]) == (None, "thanks")


def test_assess_shows_the_words_that_decided_when_asked(amends: Amends) -> None:
    (said,) = amends("assess", "--why", stdin=lines(BROKEN)).lines
    assert any(BROKEN["text"][one["start"] : one["end"]] == "broken" for one in said["why"])


@pytest.mark.parametrize("command", ["assess", "draft", "evaluate"])
def test_what_a_foreign_models_labels_mean_is_heard(
    amends: Amends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    shutil.copytree(TINY, tmp_path / "moods")
    config = (tmp_path / "moods" / "config.json").read_text("utf-8")
    (tmp_path / "moods" / "config.json").write_text(config.replace("Negative", "anger").replace("Positive", "joy"))
    put(tmp_path, "en/xfincorp", [{"text": "awful", "label": "complaint"}])
    words = (command, "--model", str(tmp_path / "moods"), *(("--data", str(tmp_path)) if command == "evaluate" else ()))
    refused = amends(*words, stdin=lines(BROKEN))
    assert refused.code
    assert "AMENDS_MODEL_LABELS" in refused.err
    monkeypatch.setenv("AMENDS_MODEL_LABELS", "anger=negative,joy=positive")
    assert amends(*words, stdin=lines(BROKEN)).code == 0


def test_one_bad_line_spoils_no_other_and_is_told_at_the_end(amends: Amends) -> None:
    said = amends("assess", stdin=lines(BROKEN, "{nope", {"id": 7}, {"id": 8, "text": 5}, "[]", BROKEN))
    assert said.code == 1
    assert [one.get("kind") for one in said.lines] == ["complaint", None, None, None, None, "complaint"]
    assert said.lines[1] == {"line": 2, "error": "this line is not a whole JSON object in UTF-8 (one object a line)"}
    assert said.lines[2] == {"id": 7, "line": 3, "error": "text: this field is missing"}
    assert said.lines[3] == {"id": 8, "line": 4, "error": "text: this must be a string"}
    assert said.lines[4] == {"line": 5, "error": "a line must be a JSON object"}
    assert "4 of 6 lines" in said.err


def test_odd_bytes_and_half_characters_are_survived(amends: Amends) -> None:
    odd = b'{"id": 1, "text": "caf\xe9"}\n{"id": "\\ud83d", "text": "The lamp \\ud83d broke"}\n\n'
    said = amends("assess", stdin=odd)
    assert "not a whole JSON object in UTF-8" in said.lines[0]["error"]
    assert said.lines[1]["id"] == "\ud83d"


def test_a_line_of_any_length_is_passed_over_without_being_held(amends: Amends) -> None:
    said = amends("assess", stdin=lines('{"text": "' + "x" * 3_000_000 + '"}', BROKEN))
    assert "longer than" in said.lines[0]["error"]
    assert said.lines[1]["id"] == "a1"
    assert len(said.lines) == 2


def test_more_lines_than_one_batch_keep_their_order(amends: Amends, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(lines(*({"id": n, "text": f"Lamp {n} broke"} for n in range(600))))
    assert amends("assess", "--input", str(source), "--output", str(target)).code == 0
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == list(range(600))


def test_an_operating_point_of_ones_own_decides(amends: Amends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_THRESHOLD", "0.999")
    (said,) = amends("assess", stdin=lines(BROKEN)).lines
    assert said["is_complaint"] is False


def test_an_input_that_is_not_there_is_wrong_usage(amends: Amends) -> None:
    said = amends("assess", "--input", "nowhere.jsonl")
    assert said.code == 2
    assert "nowhere.jsonl cannot be read" in said.err


def test_a_model_that_is_not_there_is_said_in_plain_words(amends: Amends, tmp_path: Path) -> None:
    (tmp_path / "no-model").mkdir()
    said = amends("assess", "--model", str(tmp_path / "no-model"), stdin=lines(BROKEN))
    assert said.code == 1
    assert said.out == ""
    assert "no-model" in said.err


def test_draft_writes_a_reply_that_passes_the_bar(amends: Amends) -> None:
    (said,) = amends("draft", stdin=lines(BROKEN)).lines
    assert list(said) == ["id", "text", "lang", "version", "findings"]
    assert said["text"].startswith("@ann ")
    assert not [one for one in said["findings"] if one["level"] == "block"]
    (checked,) = amends("bar", stdin=lines({**BROKEN, "reply": said["text"]})).lines
    assert checked["passes"] is True


def test_no_two_customers_of_one_run_get_the_same_text(amends: Amends) -> None:
    said = amends("draft", stdin=lines(*({**BROKEN, "id": n, "kind": "complaint"} for n in range(6))))
    assert len({one["text"] for one in said.lines}) == 6


def test_what_only_a_person_may_answer_is_refused_with_the_reason(amends: Amends) -> None:
    said = amends(
        "draft", stdin=lines({"id": 1, "text": "I cannot go on.", "kind": "complaint", "flags": ["self_harm"]})
    )
    assert said.code == 0
    assert said.lines[0]["text"] == ""
    assert "a person must write this" in said.lines[0]["refused"]


def test_draft_speaks_in_the_voice_of_a_brand(amends: Amends) -> None:
    amends("brand", "add", "acme", "Acme")
    amends("brand", "set", "acme", "voice.signature=Zuzanna", "mandate=refund")
    (said,) = amends("draft", "--brand", "acme", stdin=lines(BROKEN | {"platform": "reddit"})).lines
    assert "Zuzanna" in said["text"]
    assert "refund" in said["text"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"kind": "rant"}, 'kind: "rant" is none of complaint, question, thanks, none'),
        ({"severity": 9}, 'severity: "9" is none of 0, 1, 2, 3'),
        ({"flags": "legal"}, "flags: this must be a list"),
        ({"flags": ["loud"]}, 'flags: "loud" is none of safety'),
        ({"facts": [3]}, "facts: each of these must be a string"),
        ({"voice": {"loud": True}}, "voice: this must be an object with some of brand, signature"),
        ({"voice": {"formal": "yes"}}, "voice: formal must be true or false"),
        ({"waiting_hours": -1}, "waiting_hours: this must be a number of hours"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(amends: Amends, field: dict[str, object], told: str) -> None:
    said = amends("draft", stdin=lines({**BROKEN, **field}))
    assert said.code == 1
    assert said.lines[0]["error"].startswith(told)


def test_the_bar_stops_an_apology_that_is_none(amends: Amends) -> None:
    reply = "We are sorry you feel that way."
    said = amends("bar", stdin=lines({**BROKEN, "reply": reply}))
    assert said.code == 0
    (one,) = said.lines
    assert (one["id"], one["passes"]) == ("a1", False)
    found = next(finding for finding in one["findings"] if finding["rule"] == "non_apology")
    start, end = found["span"]
    assert reply[start:end] == "sorry you feel"
    assert {"level", "why", "fix"} <= found.keys()


def test_the_bar_asks_no_apology_of_an_answer_to_thanks(amends: Amends) -> None:
    record = {"text": "Lovely lamp, thank you!", "reply": "You made our day.", "kind": "thanks"}
    assert amends("bar", stdin=lines(record)).lines[0]["passes"] is True
