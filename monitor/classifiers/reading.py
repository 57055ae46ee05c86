"""Language of a text (a first cut: by script)."""

from monitor.domain.language import by_script


def identify(text: str, hint: str = "") -> str:
    """Return ISO 639-1, or "und"."""
    return by_script(text) or hint[:2].lower() or "und"
