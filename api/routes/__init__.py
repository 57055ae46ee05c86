"""The JSON API under /api/v1."""

from fastapi import APIRouter

from api.routes import brands, cases, mentions, people, records

router = APIRouter(prefix="/api/v1")
for _part in (cases.router, mentions.router, records.router, brands.router, people.router, people.secret_router):
    router.include_router(_part)
