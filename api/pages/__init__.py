"""The HTML pages: what a signed-in person sees and decides. No rules here: they ask the use cases."""

from fastapi import APIRouter

from api.pages import (
    accounts,
    brand_settings,
    cases,
    entry,
    new_brand,
    opt_outs,
    outbox,
    people,
    queue,
    sources,
    stock,
    watches,
)

router = APIRouter(include_in_schema=False)
for _one in (
    entry,
    queue,
    cases,
    outbox,
    people,
    brand_settings,
    new_brand,
    opt_outs,
    accounts,
    watches,
    sources,
    stock,
):
    router.include_router(_one.router)
