"""The FastAPI application: everything put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from api import errors, health, live, reference, routes
from api.frame import Frame
from api.pages import rendering
from api.pages import router as pages
from api.passwords import Throttle
from monitor.settings import Settings
from monitor.store.engine import Store
from monitor.vault import Vault

Clock = Callable[[], datetime]
_ABOUT = """Amends watches public posts for unhappy customers and puts an honest reply before a person who approves it.

Sign in with a personal API token (`Authorization: Bearer amends_...`). Errors are problem details (RFC 9457). Lists
come in pages: pass `next` on until it is null. A write with an `Idempotency-Key` is done once however often it is
sent. An API token cannot approve: a person does that at the desk.
"""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Clock = _utc_now) -> FastAPI:
    """Return the application. The database is opened when it starts and closed when it stops."""
    app = FastAPI(
        title="Amends",
        version=version("amends"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings, app.state.clock = settings, clock
    app.state.throttle, app.state.figures = Throttle(), health.Figures()
    app.add_middleware(Frame, settings=settings, observe=app.state.figures.observe)
    errors.install(app)
    for router in (health.router, routes.router, reference.router, live.router, pages):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=rendering.STATIC), name="static")
    app.openapi = partial(reference.describe, app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    store = Store(settings.database)
    app.state.store, app.state.vault = store, Vault(settings.key())
    app.state.live = live.Live(store)
    try:
        yield
    finally:
        await app.state.live.close()
        store.close()
