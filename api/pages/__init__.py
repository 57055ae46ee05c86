"""The HTML pages: what a signed-in person sees and decides. No rules here: they ask the use cases."""

from fastapi import APIRouter

from api.pages import (
    accounts,
    brand_settings,
    cases,
    checks,
    entry,
    judge,
    new_brand,
    opt_outs,
    outbox,
    people,
    queue,
    sources,
    stock,
    trials,
    verdicts,
    watches,
    what_if,
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
    trials,
    verdicts,
    checks,
    judge,
    what_if,
):
    router.include_router(_one.router)
