"""The JSON API under /api/v1."""

from fastapi import APIRouter

from api.routes import accounts, brands, cases, mentions, people, records, sources, watches

router = APIRouter(prefix="/api/v1")
for _part in (
    cases.router,
    mentions.router,
    records.router,
    brands.router,
    accounts.router,
    watches.router,
    watches.looking_router,
    sources.router,
    people.router,
    people.secret_router,
):
    router.include_router(_part)
