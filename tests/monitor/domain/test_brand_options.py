"""What can be set on a brand is read strictly, and refused in words that help."""

from typing import Any

import pytest

from monitor.domain.brand_options import read_changes, write_hours
from monitor.domain.errors import BadInput


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("threshold=0.35", 0.35),
        ("thresholds=pl:0.35, FA : 0.4", {"pl": 0.35, "fa": 0.4}),
        ("thresholds=", None),
        ("six_thousand=10000", 10_000),
        ("minutes=1440, 240,60,15", [1440, 240, 60, 15]),
        ("undo_s=20", 20.0),
        ("checks_a_day=0", 0),
        ("hours=always", None),
        (
            "hours=Mon-Fri 9:00-17:30 Europe/Warsaw",
            {"zone": "Europe/Warsaw", "days": [0, 1, 2, 3, 4], "opens": "09:00", "closes": "17:30"},
        ),
        ("hours=Sat-Mon 22:00-06:00", {"zone": "UTC", "days": [0, 5, 6], "opens": "22:00", "closes": "06:00"}),
        ("hours=tuesday,thu 08:00 - 12:00", {"zone": "UTC", "days": [1, 3], "opens": "08:00", "closes": "12:00"}),
        (
            "mandate=refund, voucher: a voucher of 10 EUR",
            [{"kind": "refund", "text": ""}, {"kind": "voucher", "text": "a voucher of 10 EUR"}],
        ),
        ("threshold=", None),
    ],
)
def test_a_setting_is_read(written: str, read: Any) -> None:
    assert read_changes([written]).settings == {written.partition("=")[0]: read}


def test_a_voice_is_read_and_can_go_back_to_its_default() -> None:
    changes = read_changes(["voice.signature=Maria = M.", "voice.formal=yes", "voice.contact=", "name=Acme"])
    assert changes.voice == {"signature": "Maria = M.", "formal": True, "contact": ""}
    assert changes.name == "Acme"
    assert changes.settings == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("treshold=0.3", "is not one of name=, threshold="),
        ("threshold", "is not one of"),
        ("threshold=1.2", "a probability from 0 to 1"),
        ("threshold=nan", "a probability from 0 to 1"),
        ("thresholds=0.4", "each language once"),
        ("thresholds=polish:0.4", "each language once"),
        ("thresholds=pl:0.4,pl:0.5", "each language once"),
        ("thresholds=pl:", "a probability from 0 to 1"),
        ("thresholds=pl:0.4,fa:40", "a probability from 0 to 1"),
        ("six_thousand=0", "1 or more"),
        ("minutes=60,60,60", "four whole numbers"),
        ("minutes=15,60,240,1440", "none longer than the one before"),
        ("minutes=60,30,15,0", "four whole numbers"),
        ("undo_s=-1", "from 0 to 3600"),
        ("checks_a_day=101", "from 0 to 100"),
        ("hours=9-5", "write them like"),
        ("hours=Mon-Fri 25:00-17:00", "Write them like 09:00-17:00"),
        ("hours=Mon-Fri 09:00-17:00 Mars/Olympus", "Mars/Olympus"),
        ("hours=Mon-Fri 09:00-17:00 ../../etc/passwd", "time zone"),
        ("hours=Moonday 09:00-17:00x", "write them like"),
        ("hours=Xyz 09:00-17:00", "is no day"),
        ("hours=Mon 09:00-09:00", "always"),
        ("mandate=the moon", "is none of refund"),
        ("voice.formal=maybe", "true or false"),
        ("voice.signature=two\nlines", "one line"),
        ("name=", "one line"),
    ],
)
def test_what_cannot_be_is_refused_in_words_that_help(written: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        read_changes([written])


@pytest.mark.parametrize(
    "written",
    [
        "always",
        "Mon-Fri 09:00-17:30 Europe/Warsaw",
        "Mon,Sun 22:00-06:00 UTC",
        "Tue,Thu 08:00-12:00 UTC",
        "Wed 08:00-12:00 UTC",
    ],
)
def test_hours_are_written_as_they_are_read(written: str) -> None:
    assert write_hours(read_changes([f"hours={written}"]).settings["hours"]) == written


@pytest.mark.parametrize("longest", ["43201", "9" * 21, "9" * 5000])
def test_a_promise_that_no_clock_holds_is_refused(longest: str) -> None:
    assert read_changes(["minutes=43200,3,2,1"]).settings == {"minutes": [43200, 3, 2, 1]}
    with pytest.raises(BadInput, match="30 days"):
        read_changes([f"minutes={longest},3,2,1"])
