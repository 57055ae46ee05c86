"""Make a post fit what we keep: whatever a platform, or somebody on it, wrote into it, it must not stop the others."""

import json
from dataclasses import fields, replace
from datetime import datetime
from typing import Final

from monitor.domain.records import Author, Engagement, Post
from monitor.domain.rows import DEPTH_LIMIT, NAME_LIMIT, TEXT_LIMIT, URL_LIMIT, kept, well_formed

_FIGURE_LIMIT: Final = 2**53
_EXTRA_LIMIT: Final = 100_000  # characters of JSON
_YEARS: Final = range(1980, 9999)  # before there were posts, and after there can be, a date says nothing


def fitted(post: Post) -> Post | None:
    """Return a post with what cannot be kept cut off or left out; the same one, where there is nothing to do.

    None: its id cannot be kept, and without it nobody could find or answer it.
    """
    if not post.external_id or _name(post.external_id) != post.external_id:
        return None
    thread, reply_to = (_name(one) for one in (post.thread, post.reply_to))
    fit = replace(
        post,
        text=well_formed(post.text)[:TEXT_LIMIT],
        author=_author(post),
        written_at=_when(post.written_at),
        url=post.url if _name(post.url, URL_LIMIT) == post.url else "",
        thread=thread,
        reply_to=reply_to,
        lang=well_formed(post.lang)[:20],
        engagement=Engagement(*(figure(getattr(post.engagement, one.name)) for one in fields(Engagement))),
        extra=_extra(post),
    )
    return post if fit == post else fit


def _name(written: str, most: int = NAME_LIMIT) -> str:
    """Return an id that can be kept as it is, "" for any other: half an id is somebody else's."""
    return written if len(written) <= most and well_formed(written) == written else ""


def _author(post: Post) -> Author:
    one = post.author
    # Nobody is not one person: without an id that can be kept, each post has an author of its own.
    own_id = _name(one.external_id) or f"post:{post.external_id}"[:NAME_LIMIT]
    handle, name = (well_formed(each)[:NAME_LIMIT] for each in (one.handle, one.display_name))
    return Author(own_id, handle, name, figure(one.followers))


def _when(written: datetime | None) -> datetime | None:
    return written if written is not None and written.year in _YEARS else None


def figure(given: object) -> int | None:
    """Return a count that can be kept, None for anything else; Reddit's may be below nothing."""
    return given if type(given) is int and abs(given) <= _FIGURE_LIMIT else None


def _extra(post: Post) -> dict[str, object]:
    try:
        fit = {well_formed(name): kept(value, DEPTH_LIMIT) for name, value in post.extra.items()}
        return fit if len(json.dumps(fit)) <= _EXTRA_LIMIT else {}
    except (TypeError, ValueError):  # nested too deep, or no JSON
        return {}
