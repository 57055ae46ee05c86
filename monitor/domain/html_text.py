"""From HTML to plain text, as a person would read it: for platforms that hand posts over as HTML."""

import re
from html.parser import HTMLParser
from typing import Final

_BREAKS: Final = frozenset({"p", "br", "div", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "tr"})
_UNSEEN: Final = frozenset({"script", "style", "head", "template"})
_BLANKS: Final = re.compile(r"[ \t\r\f\v]+")
_LINES: Final = re.compile(r" ?\n ?(?:\n ?)+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Mastodon hides the ends of long links in <span class="invisible">: those belong to the address, so they stay.
        del attrs
        self._hidden += tag in _UNSEEN
        if tag in _BREAKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))


def plain_text(html: str) -> str:
    """Return the words of a piece of HTML. Any string is answered; paragraphs are parted by an empty line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = _BLANKS.sub(" ", "".join(reader.parts))
    return _LINES.sub("\n\n", text).replace(" \n", "\n").replace("\n ", "\n").strip()
