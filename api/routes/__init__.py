"""The JSON API under /api/v1."""

from fastapi import APIRouter

from api.routes import (
    accounts,
    brands,
    cases,
    corrections,
    mentions,
    people,
    records,
    scores,
    sources,
    trials,
    watches,
    what_if,
)

router = APIRouter(prefix="/api/v1")
for _part in (
    cases.router,
    mentions.router,
    records.router,
    brands.router,
    what_if.router,
    corrections.router,
    scores.router,
    accounts.router,
    watches.router,
    watches.looking_router,
    sources.router,
    trials.router,
    people.router,
    people.secret_router,
):
    router.include_router(_part)
