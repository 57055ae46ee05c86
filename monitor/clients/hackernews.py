"""A client of the search that Algolia runs over Hacker News. It needs no key and cannot write."""

from dataclasses import dataclass
from typing import Any, Final

import requests

from monitor.clients.faults import Denied, NoAnswer, Reason
from monitor.clients.http import Fenced, json_of, server_time, settle

PAGE: Final = 100  # hits of one answer


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits, newest first, as they came. `at` is the platform's time in epoch seconds."""

    hits: tuple[dict[str, Any], ...]
    last: bool  # no page comes after this one
    at: float


class HackerNews:
    """Reads stories and comments. Raises the faults of `clients.faults`."""

    def __init__(self, host: str) -> None:
        """`host` is the base address, e.g. https://hn.algolia.com/api/v1."""
        self._host = host.rstrip("/")
        self._session = Fenced()

    def search(self, words: str, *, after: int | None = None, until: int | None = None, page: int = 0) -> Hits:
        """Return stories and comments with these words, together; `after` < written <= `until` in epoch seconds."""
        bounds = [f"created_at_i>{after}"] if after is not None else []
        bounds += [f"created_at_i<={until}"] if until is not None else []
        answer = self._get(
            "/search_by_date",
            query=f'"{words}"' if " " in words else words,
            tags="(story,comment)",
            numericFilters=",".join(bounds),
            hitsPerPage=str(PAGE),
            page=str(page),
            advancedSyntax="true",  # words in quotes stand together
            typoTolerance="false",  # "acme" is not "acne"
            restrictSearchableAttributes="title,story_text,comment_text",  # and not the name of an author
        )
        settle(answer)
        return _hits(json_of(answer), page, server_time(answer))

    def item(self, item_id: str) -> dict[str, Any] | None:
        """Return a story or comment as it is now; None: it is not there (any more)."""
        answer = self._get(f"/items/{item_id}")
        if answer.status_code == 404:
            # Only the platform's own 404 says so: a proxy or a wrong address answers 404 to everything.
            told = json_of(answer)
            if isinstance(told, dict) and ("error" in told or "message" in told):
                return None
        settle(answer)
        found = json_of(answer)
        if not isinstance(found, dict) or str(found.get("id")) != item_id:
            message = "Hacker News answered with something else than the post that was asked for."
            raise NoAnswer(message)
        return found

    def _get(self, path: str, **query: str) -> requests.Response:
        try:
            return self._session.get(self._host + path, params={name: value for name, value in query.items() if value})
        except ValueError as error:  # not an address at all
            message = f'"{self._host}" is not the address of a server.'
            raise Denied(message, reason=Reason.INVALID) from error


def _hits(told: Any, page: int, at: float) -> Hits:
    found = told.get("hits") if isinstance(told, dict) else None
    if not isinstance(found, list):
        message = "The search of Hacker News answered without hits."
        raise NoAnswer(message)
    hits = tuple(one for one in found if isinstance(one, dict))
    pages = told.get("nbPages")
    last = page + 1 >= pages if isinstance(pages, int) else len(hits) < PAGE
    if not hits and isinstance(pages, int) and pages > page:
        message = f"The search of Hacker News sent an empty page and says that it has {told.get('nbHits')} hits."
        raise NoAnswer(message)
    return Hits(hits, last, at)
