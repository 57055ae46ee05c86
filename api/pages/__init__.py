"""The HTML pages: what a signed-in person sees and decides. No rules here: they ask the use cases."""

from fastapi import APIRouter

from api.pages import brand_settings, cases, entry, outbox, people, queue, stock

router = APIRouter(include_in_schema=False)
for _one in (entry, queue, cases, outbox, people, brand_settings, stock):
    router.include_router(_one.router)
