"""Templates, their filters, and the one function that turns a template into a page."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import judged, words
from monitor import watching
from monitor.domain import prices
from monitor.domain.links import web_address

_FOLDER = Path(__file__).parent.parent
STATIC = _FOLDER / "static"
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"

# Everything is escaped, and a name that a template misspells is an error, not an empty space.
_environment = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "ago": words.ago,
    "clock": words.clock,
    "exact": words.exact,
    "excerpt": words.excerpt,
    "lang": words.language,
    "platform": words.platform,
    "on_platform": words.on_platform,
    "state": words.state,
    "web": web_address,
    "marked": words.marked,
    "handle": words.handle,
    "role": words.role,
    "watch_name": watching.name_of,
    "corrected": judged.corrected,
    "dollars": prices.dollars,
}


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a template. `me` (a `SignedIn`) among the context fills the frame; without it the frame is bare."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    frame = {
        "me": None,
        "nav": None,
        "now": request.app.state.clock(),
        "theme": theme if theme in THEMES else "auto",
        "here": request.url.path,
        "is_demo": False,
    }
    html = _environment.get_template(template).render({**frame, **context})
    # A page holds customers' words and a CSRF secret: no cache keeps it, back and forward ask again.
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
