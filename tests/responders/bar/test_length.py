"""Length as the platforms count it."""

import pytest

from responders.bar import check
from responders.bar.length import length, limit_for
from tests.responders.briefs import brief


@pytest.mark.parametrize(
    ("text", "platform", "counted"),
    [
        ("hello", "x", 5),
        ("https://acme.example/a/very/long/path?with=everything&and=more", "x", 23),
        ("see acme.com now", "x", 31),
        ("at 10.30 e.g.", "x", 13),
        ("日本", "x", 4),
        ("👨‍👩‍👧‍👦", "x", 2),
        ("🇵🇱🇬🇷", "x", 4),
        ("żółć", "x", 4),
        ("سلام", "x", 4),
        ("“so” – yes", "x", 10),
        ("see https://a.io", "mastodon", 27),
        ("@anna@social.example hi", "mastodon", 8),
        ("👨‍👩‍👧‍👦 ok", "bluesky", 4),
        ("e\u0301", "bluesky", 1),
        ("👨‍👩‍👧‍👦", "reddit", 7),
    ],
)
def test_a_text_counts_as_on_its_platform(text: str, platform: str, counted: int) -> None:
    assert length(text, platform) == counted


def test_every_platform_has_its_room() -> None:
    names = ("x", "mastodon", "bluesky", "reddit", "review", "other")
    assert [limit_for(name) for name in names] == [280, 500, 300, 10_000, 2_000, 2_000]


def test_the_bar_says_how_much_to_take_out() -> None:
    found = next(finding for finding in check("a" * 300, brief()) if finding.rule == "length")
    assert "300 of 280" in found.why
    assert "20" in found.fix
