"""What a run over labelled posts says, and of which posts it says it."""

import gzip
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.errors import BadInput
from monitor.evaluation import Report, drawing, measure
from monitor.evaluation.numbers import Line
from monitor.evaluation.sets import read_sets
from tests.evaluation.labelled import Oracle, put, put_own, quiet


def complaint(text: str, label: str = "complaint", **more: Any) -> dict[str, Any]:
    return {"text": text, "label": label, **more}


def report(data: Path, **more: Any) -> Report:
    return measure(Oracle(), data, quiet, **more)


def line(found: Report, key: str) -> Line:
    return next(one for one in found.lines if one.target.key == key)


def acl(data: Path) -> None:
    put(
        data,
        "en/complaints_acl2019",
        [
            complaint("p=0.9 s=0", domain="cars", severity_name="no explicit reproach"),
            complaint("p=0.4 s=3", domain="food", severity_name="Blame"),
            complaint("p=0.2 s=0", "not_complaint", domain="food", severity_name="none"),
            complaint("p=0.1", "not_complaint", domain="random_tweet"),
            complaint("p=0.1 a", "not_complaint", domain="random_reply"),
        ],
    )


def test_complaints_are_taken_at_one_half_and_found_at_the_operating_point(tmp_path: Path) -> None:
    acl(tmp_path)
    found = report(tmp_path)
    assert line(found, "complaint").value == pytest.approx(100 * (2 / 3 + 6 / 7) / 2)
    assert line(found, "recall_en").value == 100
    assert line(found, "precision_en").value == 100
    assert line(found, "recall_at_80").value == 100
    assert line(found, "severity").value == 100
    assert line(found, "severity").rows == 2


def test_posts_of_which_it_is_not_known_whether_they_complain_count_in_no_figure_of_complaints(tmp_path: Path) -> None:
    acl(tmp_path)
    known = report(tmp_path)
    rows = [complaint("p=0.1 sad", "negative", domain="food"), complaint("p=0.1 glad", "positive", domain="food")]
    put(tmp_path, "multi/pl", [row | {"source": "complaints_acl2019"} for row in rows], "pl")
    again = report(tmp_path)
    for key in ("complaint", "complaint_brands", "recall_at_80"):
        assert line(again, key) == line(known, key)


@pytest.mark.parametrize("told", ["seven", 7, None])
def test_a_sentiment_that_is_none_is_told_with_its_file(tmp_path: Path, told: object) -> None:
    put(tmp_path, "en/airline_us", [complaint("glad", "positive", sentiment_id=told)])
    with pytest.raises(BadInput, match=rf"airline_us.* sentiment_id of {told}"):
        read_sets(tmp_path, "dev")


def test_the_nine_domains_are_those_without_random_tweets(tmp_path: Path) -> None:
    acl(tmp_path)
    found = report(tmp_path)
    assert (line(found, "complaint").rows, line(found, "complaint_brands").rows) == (5, 3)
    assert line(found, "complaint_brands").value == pytest.approx(100 * (2 / 3 + 2 / 3) / 2)


def test_unhappy_is_a_complaint_or_negative_the_likeliest(tmp_path: Path) -> None:
    rows = [("p=0.1 sad", "negative"), ("p=0.9 flat", "negative"), ("p=0.1 glad", "positive"), ("flat", "not_relevant")]
    for name in ("airline_us", "apple_dfe"):
        put(tmp_path, f"en/{name}", [complaint(*row) for row in rows])
    found = report(tmp_path)
    assert (line(found, "airline_unhappy").value, line(found, "airline_unhappy").rows) == (100, 3)
    assert (line(found, "apple").value, line(found, "apple").rows) == (100, 3)
    assert line(found, "airline_accuracy").value == pytest.approx(100 * 2 / 3)


def test_negative_f1_leaves_out_what_may_not_be_used_and_what_no_test_part_holds(tmp_path: Path) -> None:
    put(
        tmp_path,
        "multi/fa",
        [
            {"text": "sad", "label": "negative", "source": "snappfood"},
            {"text": "sad", "label": "negative", "source": "deepsentipers"},
            {"text": "glad", "label": "negative", "source": "xed"},
            {"text": "glad", "label": "negative", "source": "parsinlu_food"},
        ],
        "fa",
    )
    found = line(report(tmp_path), "negative_fa")
    assert (found.value, found.rows) == (100, 2)


def test_umsab_is_the_mean_of_its_languages(tmp_path: Path) -> None:
    for lang, feeling in (("de", "sad"), ("fr", "glad")):
        put(tmp_path, f"multi/{lang}", [{"text": feeling, "label": "negative", "source": "umsab"}], lang)
    found = report(tmp_path)
    assert [line(found, key).value for key in ("umsab_de", "umsab_fr", "umsab")] == [100, 0, 50]
    assert line(found, "umsab_ar").value is None


def test_calibration_takes_peoples_labels_in_english_and_the_recipes_elsewhere(tmp_path: Path) -> None:
    acl(tmp_path)
    put(tmp_path, "en/airline_us", [complaint("p=0.1", "negative")] * 50)
    put(tmp_path, "multi/el", [{"text": "p=0.9", "label": "negative", "source": "skroutz_shop_reviews"}] * 9, "el")
    found = report(tmp_path)
    assert line(found, "calibration_en").rows == 5
    assert line(found, "calibration_el").value == pytest.approx(0.1)
    assert line(found, "calibration_el").met is False
    assert [one.rows for one in found.reliability["el"]] == [9]


def test_what_is_not_there_is_named_and_the_rest_is_measured(tmp_path: Path) -> None:
    acl(tmp_path)
    found = report(tmp_path, own=tmp_path / "own")
    assert "en/airline_us.dev.jsonl.gz" in found.missing
    assert "polite.jsonl" in found.missing
    assert line(found, "airline_unhappy").value is None
    assert line(found, "airline_unhappy").met is None
    assert line(found, "polite").value is None


def test_a_folder_without_any_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no labelled posts in .*looked for en/\*\.dev\.jsonl\.gz"):
        report(tmp_path)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    acl(tmp_path)
    (tmp_path / "en" / "xfincorp.dev.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n')[:-6])
    with pytest.raises(BadInput, match=r"xfincorp\.dev\.jsonl\.gz cannot be read after line 0"):
        report(tmp_path)


def test_a_row_without_its_fields_is_said_with_its_file(tmp_path: Path) -> None:
    put(tmp_path, "en/xfincorp", [{"label": "complaint"}])
    with pytest.raises(BadInput, match=r"xfincorp\.dev\.jsonl\.gz.*'text' is missing"):
        report(tmp_path)


def test_few_rows_are_the_same_ones_at_every_run(tmp_path: Path) -> None:
    put(tmp_path, "en/xfincorp", [complaint(f"p=0.{n}") for n in range(100)])
    first, again = (read_sets(tmp_path, "dev", 7).posts for _ in range(2))
    assert len(first) == 7
    assert first == again


def test_every_language_and_source_has_a_row(tmp_path: Path) -> None:
    acl(tmp_path)
    put(tmp_path, "multi/pl", [{"text": "sad pl", "label": "negative", "source": "wccrs_hotels"}], "pl")
    by = {(one["lang"], one["source"]): one for one in report(tmp_path).sources}
    assert list(by) == [("en", "all"), ("en", "complaints_acl2019"), ("pl", "all"), ("pl", "wccrs_hotels")]
    assert by["en", "complaints_acl2019"]["labels"] == "gold"
    assert by["pl", "all"]["negative_f1"]["value"] == 1
    assert by["pl", "all"]["language"]["value"] == 1
    assert by["pl", "all"]["complaint_macro_f1"] is None


def test_polite_noise_and_flags_are_told_by_language(tmp_path: Path) -> None:
    acl(tmp_path)
    own = tmp_path / "own"
    put_own(own, "polite", [{"text": "p=0.4", "complaint": 1}, {"text": "p=0.3", "complaint": 0, "lang": "pl"}])
    noise = [("spam", "p=0.1 spam", 0), ("job", "p=0.9", 0), ("sarcasm", "p=0.8", 1), ("sarcasm", "p=0.1", 0)]
    put_own(own, "noise", [{"noise": kind, "text": text, "complaint": label} for kind, text, label in noise])
    flags = [("+legal", ["legal", "safety"]), ("+press", []), ("", [])]
    put_own(own, "flags", [{"text": f"p=0.1 {text}", "flags": raised} for text, raised in flags])
    found = report(tmp_path, own=own)
    assert (line(found, "polite").value, line(found, "polite_false_alarms").met) == (0, True)
    assert [line(found, key).value for key in ("polite_there", "polite_false_alarms_there")] == [100, 100]
    assert found.own["polite"]["pl"]["false_alarms"]["value"] == 1
    assert found.own["polite"]["pl"]["false_alarms_at_half"]["value"] == 0
    assert found.own["noise"]["spam"]["all"]["named"]["value"] == 1
    assert found.own["noise"]["job"]["en"]["false_alarms"]["value"] == 1
    assert found.own["noise"]["sarcasm"]["all"]["complaints_found"]["value"] == 1
    assert found.own["noise"]["sarcasm"]["all"]["named"] is None
    assert found.own["flags"]["safety"]["all"]["missed"]["value"] == 1
    assert found.own["flags"]["legal"]["all"]["missed"]["value"] == 0
    assert found.own["flags"]["press"]["all"]["raised_wrongly"]["value"] == pytest.approx(1 / 3)
    assert found.own["flags"]["all"]["en"]["raised_wrongly"]["value"] == pytest.approx(1 / 2)


def test_the_pictures_are_whole_and_say_in_words_what_they_show(tmp_path: Path) -> None:
    acl(tmp_path)
    numbers, reliability = drawing.draw(report(tmp_path), tmp_path / "pictures" / "new")
    for path, said in ((numbers, "must reach 87"), (reliability, "English")):
        root = ET.parse(path).getroot()
        assert said in (root.findtext("{http://www.w3.org/2000/svg}title") or "")
        assert "prefers-color-scheme: dark" in path.read_text()
        places = [float(one.get(name) or 0) for one in root.iter() for name in ("x", "x1", "x2", "cx")]
        assert max(places) <= float(root.get("width") or 0)


def test_a_report_of_nothing_that_can_be_drawn_still_draws(tmp_path: Path) -> None:
    put(tmp_path, "en/brand_emotions_sxsw", [{"text": "glad", "label": "positive"}])
    assert all(ET.parse(path) for path in drawing.draw(report(tmp_path), tmp_path))
