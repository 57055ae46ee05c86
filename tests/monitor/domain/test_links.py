"""Only addresses of the web are put before people, or asked for."""

import pytest

from monitor.domain.links import web_address


@pytest.mark.parametrize(
    "url",
    ["", None, "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:x", "data:text/html,x", "//host", "https:///x",
     "vbscript:x", "http://[", "mailto:a@b", "https://a b", "\x01https://host"],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(url: str | None) -> None:
    assert web_address(url) == ""


def test_a_web_address_is_kept_as_it_is() -> None:
    assert web_address("https://x.example/@a/1?b=<c>") == "https://x.example/@a/1?b=<c>"
