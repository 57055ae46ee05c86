"""Which addresses may be put before a person as links, or asked for."""

from urllib.parse import urlsplit


def web_address(url: str | None) -> str:
    """Return an address that is safe to link to, or "" for anything that is not plain http or https."""
    if not url or any(ord(letter) < 0x21 for letter in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""
